"""Private folders, and small JSON files written atomically."""

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
    """Create a folder that only its owner can read, or restrict an existing one.

    Raises:
        PermissionError: The folder belongs to another user, or is shared, for example ``/tmp`` is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if not status.st_mode & 0o077:
        return
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_ISVTX:
        raise PermissionError(
            errno.EPERM, "Other users can read this folder, and it cannot be restricted: choose a new one", str(folder)
        )
    folder.chmod(stat.S_IMODE(status.st_mode) & ~0o077)


def read_json(path: Path, default: Any = None) -> Any:
    """Read a JSON file; return the default if it does not exist."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def write_json(path: Path, value: object) -> None:
    """Write a JSON file that only its owner can read."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
