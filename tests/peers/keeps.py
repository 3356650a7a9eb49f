"""Manage repositories and webhooks, and print the final state."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, user = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()


def refs() -> list[list[str]]:
    found = api.list_repo_refs(repo_id, repo_type="dataset")
    return [[one.name for one in found.branches], [one.name for one in found.tags]]


def shown(webhook) -> list[object]:
    watched = [[one.type, one.name] for one in webhook.watched]
    return [webhook.url, webhook.secret, webhook.domains, watched, webhook.disabled]


seen = {}
api.create_repo(repo_id, repo_type="dataset")
for number in (1, 2):
    path = f"data/{number}.csv"
    api.upload_file(path_or_fileobj=b"a,b\n", path_in_repo=path, repo_id=repo_id, repo_type="dataset")
for name in ("v1", "v2"):
    api.create_tag(repo_id, tag=name, repo_type="dataset")
    api.create_branch(repo_id, branch=f"of/{name}", repo_type="dataset")
seen["refs"] = refs()
api.delete_tag(repo_id, tag="v1", repo_type="dataset")
api.delete_branch(repo_id, branch="of/v1", repo_type="dataset")
seen["refs left"] = refs()
api.delete_folder("data", repo_id, repo_type="dataset", commit_message="Empty it")
seen["files"] = api.list_repo_files(repo_id, repo_type="dataset")
api.super_squash_history(repo_id, repo_type="dataset", commit_message="All in one")
seen["commits"] = [one.title for one in api.list_repo_commits(repo_id, repo_type="dataset")]
api.update_repo_settings(repo_id, private=True, repo_type="dataset")
api.move_repo(repo_id, f"{repo_id}-moved", repo_type="dataset")
moved = api.dataset_info(repo_id)
seen["moved"] = [moved.id, moved.private, [one.id for one in api.list_datasets(author=user)]]
api.delete_repo(f"{repo_id}-moved", repo_type="dataset")
seen["there"] = [api.repo_exists(name, repo_type="dataset") for name in (repo_id, f"{repo_id}-moved")]

made = api.create_webhook(
    url="http://127.0.0.1:9/told", watched=[{"type": "user", "name": user}], domains=["repo"], secret="hush"
)
seen["webhook"] = shown(made)
changed = api.update_webhook(made.id, url="http://127.0.0.1:9/other", watched=[{"type": "org", "name": "lab"}])
seen["changed"] = shown(changed)[:1] + shown(changed)[3:]
seen["disabled"] = [api.disable_webhook(made.id).disabled, api.enable_webhook(made.id).disabled]
seen["listed"] = [one.id == made.id for one in api.list_webhooks()]
api.delete_webhook(made.id)
seen["left"] = list(api.list_webhooks())
me = api.whoami()
seen["me"] = [me["type"], me["name"], [one["name"] for one in me["orgs"]], me["auth"]["accessToken"]["role"]]
print(json.dumps(seen))
