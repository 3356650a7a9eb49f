"""Create a repository from a folder, change it in a second commit, and open a pull request."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, folder, large = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
url = api.create_repo(repo_id, private=True)
first = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="The folder")
second = api.create_commit(
    repo_id,
    [
        hub.CommitOperationAdd("added.txt", b"added\n"),
        hub.CommitOperationAdd("same.bin", f"{folder}/{large}"),
        hub.CommitOperationCopy(large, "copies/large.bin"),
        hub.CommitOperationCopy("config.json", "copies/config.json"),
        hub.CommitOperationDelete("old/"),
        hub.CommitOperationDelete("gone.txt"),
    ],
    commit_message="Change all",
    commit_description="In one commit.",
    parent_commit=first.oid,
)
api.create_tag(repo_id, tag="v1", tag_message="First", revision=first.oid)
api.create_branch(repo_id, branch="try/this")
proposal = api.create_commit(
    repo_id, [hub.CommitOperationAdd("proposed.txt", b"proposed\n")], commit_message="Propose", create_pr=True
)
print(
    json.dumps(
        {"url": str(url), "repo": url.repo_id, "first": first.oid, "second": second.oid, "pull": proposal.pr_revision}
    )
)
