"""Tree entries, changes for a commit, and prefixes of refs."""

from __future__ import annotations

import time
from typing import Literal, TypeAlias

import attrs
import pygit2

from hub_typed.local.lfs.store import Pointer

__all__ = ["HEADS", "PULLS", "TAGS", "AuthoredMessage", "Change", "Entry", "Put", "Remove", "RemoveFolder", "TreeItem"]

HEADS = "refs/heads/"
TAGS = "refs/tags/"
PULLS = "refs/pr/"


@attrs.frozen(kw_only=True)
class Entry:
    """A file or folder of a tree.

    Attributes:
        path: Path as text; bytes that are not UTF-8 are replaced.
        name: Path as pygit2 returns it, with escapes for bytes that are not UTF-8.
        oid: Git id of the blob or tree.
        size: Size of the content in bytes; for an LFS file, that of the LFS object.
        stored: Size of the git blob in bytes; for an LFS file, that of the pointer.
    """

    path: str
    name: str
    kind: Literal["file", "directory"]
    oid: str
    size: int = 0
    stored: int = 0
    pointer: Pointer | None = None


TreeItem: TypeAlias = tuple[str, pygit2.Object]
"""The path of a file or folder as pygit2 returns it, and its git object."""


@attrs.frozen
class Put:
    """Write a file."""

    path: str
    data: bytes


@attrs.frozen
class Remove:
    """Remove a file, or a folder with its contents; one of them must exist."""

    path: str


@attrs.frozen
class RemoveFolder:
    """Remove a folder, which must exist, with its contents."""

    path: str


Change: TypeAlias = Put | Remove | RemoveFolder


@attrs.frozen(kw_only=True)
class AuthoredMessage:
    """Author and message of a commit or an annotated tag."""

    user: str
    message: str

    def signature(self) -> pygit2.Signature:
        return pygit2.Signature(self.user, f"{self.user}@users.noreply.localhost", int(time.time()), 0)
