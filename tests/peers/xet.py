"""Upload a folder, propose it, or download a repository."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib import import_module
from pathlib import Path

library, action, repo_id, folder = sys.argv[1:]
hub = import_module(library)
if action == "download":
    repo_id, _, revision = repo_id.partition("@")
    found = Path(hub.snapshot_download(repo_id, revision=revision or None, cache_dir=folder))
    files = [path for path in found.rglob("*") if path.is_file() and path.name != ".gitattributes"]
    told = {path.relative_to(found).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
else:
    told = str(hub.HfApi().upload_folder(repo_id=repo_id, folder_path=folder, create_pr=action == "propose"))
print(json.dumps(told))
