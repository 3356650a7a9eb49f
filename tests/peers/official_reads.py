"""Run under the official client: read a repository in every way, and say what came."""

from __future__ import annotations

import json
import sys

from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url, snapshot_download

repo_id, large = sys.argv[1:]
api = HfApi()
info = api.model_info(repo_id, files_metadata=True)
metadata = get_hf_file_metadata(hf_hub_url(repo_id, large))
print(
    json.dumps(
        {
            "sha": info.sha,
            "tags": info.tags,
            "siblings": {
                one.rfilename: [one.size, one.lfs.sha256 if one.lfs else one.blob_id] for one in info.siblings
            },
            "files": api.list_repo_files(repo_id),
            "tree": [entry.path for entry in api.list_repo_tree(repo_id, recursive=True)],
            "commits": [commit.title for commit in api.list_repo_commits(repo_id)],
            "branches": [branch.name for branch in api.list_repo_refs(repo_id).branches],
            "etag": metadata.etag,
            "size": metadata.size,
            "file": hf_hub_download(repo_id, large),
            "snapshot": snapshot_download(repo_id),
        }
    )
)
