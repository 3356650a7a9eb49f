"""Request what does not exist, and print the errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module

library, repo_id = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()


def error(call: Callable[[], object]) -> list[object]:
    try:
        call()
    except OSError as failure:
        return [type(failure).__name__, failure.response.status_code]
    return ["nothing", 0]


print(
    json.dumps(
        {
            "repo": error(lambda: api.model_info(f"{repo_id}-missing")),
            "revision": error(lambda: api.model_info(repo_id, revision="missing")),
            "entry": error(lambda: hub.hf_hub_download(repo_id, "missing.txt")),
            "taken": error(lambda: api.create_repo(repo_id)),
            "parent": error(
                lambda: api.create_commit(
                    repo_id,
                    [hub.CommitOperationAdd("a.txt", b"a")],
                    commit_message="Late",
                    parent_commit="0" * 40,
                )
            ),
            "branch": error(lambda: api.delete_branch(repo_id, branch="missing")),
            "token": error(lambda: hub.HfApi(token="hf_wrong").whoami()),
        }
    )
)
