"""Read a repository in every way, and print the results."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, large, cache = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
info = api.model_info(repo_id, files_metadata=True)
refs = api.list_repo_refs(repo_id, include_pull_requests=True)
metadata = hub.get_hf_file_metadata(url=hub.hf_hub_url(repo_id, large))


def entry(one: object) -> list[object]:
    if type(one).__name__ == "RepoFolder":  # which 0.27.1 does not export
        return [one.path, one.tree_id]
    return [one.path, one.blob_id, one.size, one.lfs.sha256 if one.lfs else None]


print(
    json.dumps(
        {
            "sha": info.sha,
            "private": info.private,
            "tags": info.tags,
            "siblings": {
                one.rfilename: [one.size, one.lfs.sha256 if one.lfs else one.blob_id] for one in info.siblings
            },
            "files": api.list_repo_files(repo_id),
            "tree": [entry(one) for one in api.list_repo_tree(repo_id, recursive=True)],
            "paths": [entry(one) for one in api.get_paths_info(repo_id, [large, "copies", "missing"])],
            "commits": [
                [commit.commit_id, commit.title, commit.message, commit.authors, commit.created_at.isoformat()]
                for commit in api.list_repo_commits(repo_id)
            ],
            "branches": {one.name: one.target_commit for one in refs.branches},
            "tags of git": {one.name: one.target_commit for one in refs.tags},
            "pulls": {one.ref: one.target_commit for one in refs.pull_requests},
            "large": [metadata.commit_hash, metadata.etag, metadata.size],
            "exists": [api.file_exists(repo_id, large), api.file_exists(repo_id, "gone.txt")],
            "snapshots": [
                hub.snapshot_download(repo_id, revision=revision, cache_dir=cache)
                for revision in ("main", "v1", "try/this", "refs/pr/1")
            ],
        }
    )
)
