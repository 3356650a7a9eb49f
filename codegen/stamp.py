"""Skip a run when no input has changed since the last one.

The stamp is a digest of all inputs and outputs. It is stored in ``build/``, outside version control; ``--check``
ignores it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

__all__ = ["digest"]

TOOLS = ("datamodel-code-generator", "jinja2", "ruff")
"""What writes, beside this package."""
LEFT_OUT = {"__pycache__", "local"}
"""Folders that are not read: bytecode, and the embedded Hub."""


def digest(folders: Iterable[Path], files: Iterable[Path] = ()) -> str:
    """Return a digest of folders and files (names and contents) and of the versions of the tools."""
    found = hashlib.sha256(repr([(tool, version(tool)) for tool in TOOLS]).encode())
    for folder in folders:
        inside = (
            path for path in folder.rglob("*") if path.is_file() and not LEFT_OUT & set(path.relative_to(folder).parts)
        )
        files = [*files, *sorted(inside)]
    for file in files:
        found.update(f"\0{file}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()
