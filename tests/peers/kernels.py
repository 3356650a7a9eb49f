"""Write and read a kernel, and print the results. Kernels have no discussions in the official client."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

library, repo_id, folder, cache = sys.argv[1:]
hub = import_module(library)
constants = import_module(f"{library}.constants")
api = hub.HfApi()
kind = "kernel"

url = api.create_repo(repo_id, repo_type=kind, exist_ok=True)
commit = api.upload_folder(repo_id=repo_id, folder_path=folder, repo_type=kind, commit_message="Build")
api.create_tag(repo_id, tag="v1", repo_type=kind)
api.upload_file(path_or_fileobj=b"1\n", path_in_repo="one.txt", repo_id=repo_id, repo_type=kind)
info = api.kernel_info(repo_id)
before = api.repo_info(repo_id, repo_type=kind, revision="v1")
file = Path(hub.hf_hub_download(repo_id, "build/act.so", repo_type=kind, cache_dir=cache))
snapshot = Path(hub.snapshot_download(repo_id, repo_type=kind, revision="v1", cache_dir=cache))
refused: dict[str, bool] = {}
for name, arguments in (
    ("update_repo_settings", {"private": True}),
    ("super_squash_history", {}),
    ("auth_check", {}),
):
    try:
        getattr(api, name)(repo_id, repo_type=kind, **arguments)
    except ValueError:
        refused[name] = True
print(
    json.dumps(
        {
            "url": [url.repo_type, url.repo_id, str(url).partition("/kernels/")[2]],
            "info": [
                info.id,
                info.author,
                info.private,
                info.gated,
                info.downloads,
                info.likes,
                info.sha != before.sha,
            ],
            "modified": info.last_modified >= before.last_modified,
            "commit": before.sha == commit.oid,
            "files": api.list_repo_files(repo_id, repo_type=kind),
            "tags": [one.name for one in api.list_repo_refs(repo_id, repo_type=kind).tags],
            "exists": [
                api.file_exists(repo_id, "one.txt", repo_type=kind),
                api.repo_exists(repo_id, repo_type=kind),
                api.repo_exists(repo_id),
            ],
            "file": [file.relative_to(cache).parts[0], file.read_bytes().hex()],
            "snapshot": sorted(path.name for path in snapshot.rglob("*") if path.is_file()),
            "cached": [repo.repo_type for repo in hub.scan_cache_dir(cache).repos],
            "prefix": constants.REPO_TYPES_URL_PREFIXES[constants.REPO_TYPE_KERNEL],
            "types": constants.REPO_TYPES_WITH_KERNEL,
            "read": hub.HfFileSystem().cat_file(f"kernels/{repo_id}@v1/build/act.so").hex(),
            "refused": refused,
        }
    )
)
api.delete_repo(repo_id, repo_type=kind)
