"""Pre-receive hook: checks refs, LFS objects and sizes of a push.

Until the hook accepts a push, its objects are in quarantine. If the hook refuses it, git discards them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from hub_typed.local.git.limits import MAX_DEPTH, MAX_ENTRIES
from hub_typed.local.git.pushed_trees import too_large_trees
from hub_typed.local.lfs.store import MAX_POINTER, MAX_REGULAR, LfsStore, Pointer

__all__ = ["environment", "install"]

_ZERO_OID: Final = "0" * 40
_SCRIPT: Final = """#!/bin/sh
exec "$HUB_PYTHON" -P -m hub_typed.local.git.pre_receive
"""


def install(folder: Path) -> None:
    """Write the hook to a folder of hooks."""
    folder.mkdir(exist_ok=True)
    hook = folder / "pre-receive"
    hook.write_text(_SCRIPT)
    hook.chmod(0o755)


def environment(lfs: Path, xet: Path | None, refs: Sequence[str], uploads: Path) -> dict[str, str]:
    """Return the environment variables of the hook.

    Args:
        lfs: Folder of the LFS objects.
        xet: Folder of Xet storage, if there is one.
        refs: Permitted refs: full names, and prefixes that end in a slash.
        uploads: Folder with a file for each LFS object that the user has uploaded for this repository.
    """
    return {
        "HUB_PYTHON": sys.executable,
        "HUB_LFS": str(lfs),
        "HUB_XET": str(xet or ""),
        "HUB_UPLOADS": str(uploads),
        "HUB_REFS": " ".join(refs),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


def main() -> int:
    """Check the push that git describes on standard input; return the exit status."""
    updates = [line.split() for line in sys.stdin]
    permitted = os.environ["HUB_REFS"].split()
    errors = [text for _, new, ref in updates if (text := _ref_error(ref, new, permitted))]
    errors = errors or list(_file_errors([new for _, new, _ in updates if new != _ZERO_OID]))
    sys.stderr.writelines(f"{text}\n" for text in errors)
    return bool(errors)


def _ref_error(ref: str, new: str, permitted: Sequence[str]) -> str | None:
    if ref.startswith("refs/heads/refs/"):
        return f"{ref} could be confused with another ref: choose another name"
    if not any(ref == name or (name.endswith("/") and ref.startswith(name)) for name in permitted):
        return f"{ref} cannot be pushed to: you may push only to branches, tags and open pull requests you can write to"
    if new == _ZERO_OID and ref.startswith("refs/pr/"):
        return f"{ref} cannot be deleted: close the pull request instead"
    return None


def _file_errors(tips: Sequence[str]) -> Iterator[str]:
    """Return error messages for the new files of a push."""
    if not tips:
        return
    if too_large_trees(tips):
        yield f"A revision has more than {MAX_ENTRIES} files and folders, {MAX_DEPTH} nested folders, or too long paths"
        return
    pointers: dict[bytes, str] = {}
    objects = _git("rev-list", "--objects", *tips, "--not", "--all")
    asked = "--batch-check=%(objecttype) %(objectsize) %(objectname) %(rest)"
    for line in _git("cat-file", "--buffer", asked, given=objects).splitlines():
        kind, size, oid, name = line.split(b" ", 3)
        path = name.decode(errors="replace")
        if kind == b"blob" and int(size) > MAX_REGULAR:
            yield f"{path} has {int(size)} bytes: files of more than {MAX_REGULAR} bytes must be tracked by git-lfs"
        elif kind == b"blob" and int(size) < MAX_POINTER:
            pointers[oid] = path
    store, uploads = _lfs_store(), Path(os.environ["HUB_UPLOADS"])
    contents = BytesIO(_git("cat-file", "--buffer", "--batch", given=b"".join(oid + b"\n" for oid in pointers)))
    for path in pointers.values():
        pointer = Pointer.parse(contents.read(int(contents.readline().split()[2])))
        contents.readline()
        # Uploads of other users do not count. All pointers here are new to the repository.
        if pointer and (store.size(pointer.sha256) != pointer.size or not (uploads / pointer.sha256).exists()):
            yield f"{path} is an LFS file whose content was not uploaded: push it with git-lfs (git lfs push --all)"


def _lfs_store() -> LfsStore:
    store = LfsStore(Path(os.environ["HUB_LFS"]))
    if xet := os.environ["HUB_XET"]:
        from hub_typed.local.xet.store import XetStore

        XetStore(Path(xet), store)
    return store


def _git(*command: str, given: bytes = b"") -> bytes:
    return subprocess.run(["git", *command], input=given, stdout=subprocess.PIPE, check=True).stdout  # noqa: S607


if __name__ == "__main__":
    sys.exit(main())
