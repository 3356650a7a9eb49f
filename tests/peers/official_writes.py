"""Run under the official client: make a repository of a folder, then change it in a second commit."""

from __future__ import annotations

import json
import sys

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

repo_id, folder, large = sys.argv[1:]
api = HfApi()
url = api.create_repo(repo_id, private=True)
first = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="The folder")
second = api.create_commit(
    repo_id,
    [
        CommitOperationAdd("added.txt", b"added\n"),
        CommitOperationAdd("moved.bin", f"{folder}/{large}"),
        CommitOperationDelete("old/"),
        CommitOperationDelete("gone.txt"),
    ],
    commit_message="Add and delete",
    parent_commit=first.oid,
)
api.create_tag(repo_id, tag="v1", tag_message="First", revision=first.oid)
api.create_branch(repo_id, branch="try/this")
print(json.dumps({"url": url, "first": first.oid, "second": second.oid}))
