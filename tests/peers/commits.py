"""Commit files to one branch from several threads, each in a commit of its own."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

library, repo_id, writer, threads = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()


def commit(number: int) -> str:
    name = f"{writer} {number}"
    content = b"\0" * 100 + name.encode() if number % 4 == 0 else name.encode()  # some of them through LFS
    info = api.upload_file(
        path_or_fileobj=content, path_in_repo=f"{name}.txt", repo_id=repo_id, commit_message=f"by {name}"
    )
    return info.oid


with ThreadPoolExecutor(int(threads)) as pool:
    print(json.dumps(list(pool.map(commit, range(int(threads))))))
