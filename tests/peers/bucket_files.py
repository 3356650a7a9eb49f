"""The file system on a bucket: what it reads and writes."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, bucket = sys.argv[1:]
fs = import_module(library).HfFileSystem()
root = f"buckets/{bucket}"
with fs.open(f"{root}/d/written.txt", "wb") as file:
    file.write(b"written")
told = {
    "ls": [sorted(fs.ls(path, detail=False)) for path in (root, f"{root}/d")],
    "find": sorted(fs.find(root)),
    "info": [fs.info(f"{root}/large.bin")["size"], fs.isdir(f"{root}/d"), fs.exists(f"{root}/none")],
    "cat": fs.cat_file(f"{root}/d/written.txt").decode(),
    "part": fs.cat_file(f"{root}/large.bin", start=100_000, end=100_010).decode("latin-1"),
}
fs.cp_file(f"{root}/d/written.txt", f"{root}/copy.txt")
fs.rm(f"{root}/d", recursive=True)
told["after"] = sorted(fs.find(root))
print(json.dumps(told))
