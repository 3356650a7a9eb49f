"""Gate a repository, decide on the requests of three users, and print the Hub's responses."""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module

library, repo_id, stranger = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
GatedRepoError = import_module(f"{library}.errors").GatedRepoError


def listed(status: str) -> list[list[object]]:
    found = getattr(api, f"list_{status}_access_requests")(repo_id)
    return [[one.username, one.fullname, one.email, one.status, one.fields, one.timestamp.year > 2000] for one in found]


def refused(token: str | bool) -> list[object]:
    try:
        api.auth_check(repo_id, token=token)
    except GatedRepoError as error:
        return [error.response.status_code, error.server_message]
    return []


told = {"pending": listed("pending"), "anonymous": refused(False), "stranger": refused(stranger)}
api.accept_access_request(repo_id, "ann")
api.grant_access(repo_id, "granted")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # Newer versions demand a reason, 0.27 has no such parameter.
    more = {} if getattr(hub, "__version__", "").startswith("0.27") else {"rejection_reason": "No."}
    api.reject_access_request(repo_id, "bob", **more)
told |= {"accepted": listed("accepted"), "rejected": listed("rejected")}
api.cancel_access_request(repo_id, "bob")
told |= {"cancelled": listed("pending")}
api.update_repo_settings(repo_id, gated=False, private=True)
info = api.model_info(repo_id)
told |= {"gated": info.gated, "private": info.private}
api.move_repo(repo_id, f"{repo_id}-moved")
told |= {"moved": api.model_info(repo_id).id}
print(json.dumps(told))
