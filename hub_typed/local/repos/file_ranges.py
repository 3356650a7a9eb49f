"""Parts of the content of a file, wherever it is stored."""

from __future__ import annotations

from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import LfsStore

__all__ = ["read_range"]


def read_range(git: GitRepo, file: Entry, lfs: LfsStore, start: int, stop: int) -> bytes:
    """Return the bytes of a file from ``start`` up to ``stop``, fewer at its end.

    Raises:
        HubResponseError, OSError: The content cannot be read.
    """
    if file.pointer is None:
        return git.read(file)[start:stop]
    return b"".join(lfs.read(file.pointer.sha256, start, min(stop, file.size)))
