"""Private folders, and small JSON files that are written atomically."""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

__all__ = ["make_private", "read_json", "write_json"]


def make_private(folder: Path) -> None:
    """Create a folder that only its owner can read; an existing one is restricted.

    Raises:
        PermissionError: It belongs to somebody else, or to everybody, as ``/tmp`` does.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if not found.st_mode & 0o077:
        return
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        raise PermissionError(
            errno.EPERM, "Others can look into this folder, and it is not ours to close: choose a new one", str(folder)
        )
    folder.chmod(stat.S_IMODE(found.st_mode) & ~0o077)


def read_json(path: Path, default: Any = None) -> Any:
    """Read a JSON file; the default if it does not exist."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def write_json(path: Path, value: object) -> None:
    """Write a JSON file that only its owner can read."""
    waiting = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        os.replace(waiting, path)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
