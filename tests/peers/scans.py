"""Scan a cache, print its contents and the result of deleting commits, and delete some on request."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, cache, deleted, *plans = sys.argv[1:]
found = import_module(library).scan_cache_dir(cache)


def names(paths: object) -> list[str]:
    return sorted(map(str, paths))


def plan(commits: str) -> dict[str, object]:
    strategy = found.delete_revisions(*commits.split())
    return {
        "freed": [strategy.expected_freed_size, strategy.expected_freed_size_str],
        "blobs": names(strategy.blobs),
        "refs": names(strategy.refs),
        "repos": names(strategy.repos),
        "snapshots": names(strategy.snapshots),
    }


print(
    json.dumps(
        {
            "size": [found.size_on_disk, found.size_on_disk_str],
            "warnings": len(found.warnings),
            "repos": {
                str(repo.repo_path): {
                    "id": [repo.repo_type, repo.repo_id],
                    "size": [repo.size_on_disk, repo.size_on_disk_str, repo.nb_files],
                    "last": [repo.last_accessed, repo.last_modified],
                    "refs": {ref: revision.commit_hash for ref, revision in repo.refs.items()},
                    "revisions": {
                        revision.commit_hash: {
                            "at": str(revision.snapshot_path),
                            "size": [revision.size_on_disk, revision.size_on_disk_str, revision.nb_files],
                            "last": revision.last_modified,
                            "refs": sorted(revision.refs),
                            "files": sorted(
                                [
                                    file.file_name,
                                    str(file.file_path),
                                    str(file.blob_path),
                                    file.size_on_disk,
                                    file.size_on_disk_str,
                                    file.blob_last_accessed,
                                    file.blob_last_modified,
                                ]
                                for file in revision.files
                            ),
                        }
                        for revision in repo.revisions
                    },
                }
                for repo in found.repos
            },
            "plans": [plan(commits) for commits in plans],
        }
    )
)
if deleted:
    found.delete_revisions(*deleted.split()).execute()
