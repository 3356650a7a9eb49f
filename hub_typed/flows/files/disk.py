"""Steps on this disk that are either done or not, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

__all__: list[str] = []

PIECE: Final = 1 << 20


class Digest(Protocol):
    """A hash under way."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes in."""
        ...

    def hexdigest(self) -> str:
        """The hash of all bytes so far."""
        ...


def digest_of_kind(etag: str, size: int) -> Digest:
    """The hash that an ETag of the Hub is: SHA-256 of an LFS file, git's id of a blob for any other.

    Args:
        size: Bytes of the whole file; git's id begins with it.
    """
    if len(etag) == 64:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def read_into(digest: Digest, path: Path, check: Callable[[], None]) -> None:
    """Take a whole file into a hash.

    Args:
        check: Called between pieces; what it raises stops the reading.
    """
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            check()
            digest.update(piece)


def is_whole(path: Path, size: int) -> bool:
    """Whether a file of this size is there."""
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def create_text(path: Path, text: str) -> None:
    """Write a small file that nothing depends on, unless it is there or the folder is not ours."""
    with suppress(OSError), open(path, "x", encoding="utf-8") as file:
        file.write(text)


def replace_text(path: Path, text: str, scratch: Path) -> None:
    """Write a small file that others see with its old text or its new one, and nothing between.

    Args:
        scratch: A folder on the same disk for the file until then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = scratch / f".{secrets.token_hex(8)}.tmp"
    try:
        waiting.write_text(text, encoding="utf-8", newline="")
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def copy_file(source: Path, target: Path, scratch: Path) -> None:
    """Copy a file's bytes, not its rights, to a place where it appears whole.

    Args:
        scratch: A name on the target's disk for the file until then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, scratch)
        move_file(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def move_file(source: Path, target: Path) -> None:
    """Put a file in its place on the same disk, so that it is there, whole, even after a power cut."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(source, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(source, target)
    if os.name != "nt":  # Windows does not open folders
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
