"""Sizes of pushed trees, measured as checked out, not as stored.

A push of a few kilobytes can name the same folder many times, and so expand to more files than fit into memory, or to
folders nested deeper than the stack of recursive programs. Each folder is read once, however often it is named.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Final, cast

import attrs

from hub_typed.local.git.limits import MAX_DEPTH, MAX_ENTRIES, MAX_NAMES

__all__ = ["too_large_trees"]

_FOLDER: Final = b"40000"


@attrs.frozen
class _Size:
    """Expanded size of a folder.

    Attributes:
        entries: Number of files and folders in it.
        names: Number of characters of all paths in it.
        depth: Depth of nested folders, itself included.
    """

    entries: int = 0
    names: int = 0
    depth: int = 1

    @property
    def too_large(self) -> bool:
        return self.entries > MAX_ENTRIES or self.names > MAX_NAMES or self.depth > MAX_DEPTH


def too_large_trees(tips: Sequence[str]) -> bool:
    """Whether a new revision exceeds the limits on files, folders and paths.

    Args:
        tips: Hashes of the pushed objects; git runs in the current directory.
    """
    # Tags may also point to a tree without a commit.
    names = "".join(f"{tip}^{{tree}}\n" for tip in tips)
    lines = [line.split(" ") for line in _git("cat-file", "--batch-check", given=names)]
    tagged = [words[0] for words in lines if words[1:2] == ["tree"]]
    commits = _git("rev-list", "--format=%T", *tips, "--not", "--all")
    roots = [*tagged, *(line for line in commits if not line.startswith("commit "))]
    with subprocess.Popen(
        ["git", "cat-file", "--batch"],  # noqa: S607
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        return _Measure(cast(IO[bytes], reader.stdin), cast(IO[bytes], reader.stdout)).any_too_large(roots)


class _Folder:
    """A folder that is being measured.

    Attributes:
        inner: Iterator over the hashes of its subfolders.
    """

    def __init__(self, oid: str, entries: Sequence[tuple[int, str | None]]) -> None:
        self.oid = oid
        self.inner: Iterator[str] = (oid for _, oid in entries if oid is not None)
        self._entries = entries

    def size(self, known: Mapping[str, _Size]) -> _Size:
        """Return the expanded size; the sizes of all subfolders must be known."""
        number = names = depth = 0
        for length, oid in self._entries:
            inner = _Size(depth=0) if oid is None else known[oid]
            number += 1 + inner.entries
            names += length * (1 + inner.entries) + inner.names
            depth = max(depth, inner.depth)
        return _Size(number, names, depth + 1)


class _Measure:
    """Measurement of folders, which reads each one once from ``git cat-file --batch``."""

    def __init__(self, requests: IO[bytes], responses: IO[bytes]) -> None:
        self._requests = requests
        self._responses = responses
        self._known: dict[str, _Size] = {}

    def any_too_large(self, roots: Sequence[str]) -> bool:
        for root in roots:
            pending = [] if root in self._known else [_Folder(root, list(self._entries(root)))]
            while pending:
                folder = pending[-1]
                inner = next((oid for oid in folder.inner if oid not in self._known), None)
                if inner is None:
                    pending.pop()
                    size = self._known[folder.oid] = folder.size(self._known)
                    if size.too_large:
                        return True
                elif len(pending) > MAX_DEPTH:
                    return True
                else:  # measure subfolders first
                    pending.append(_Folder(inner, list(self._entries(inner))))
        return False

    def _entries(self, tree: str) -> Iterator[tuple[int, str | None]]:
        """Yield the length of each name in a folder, with the hash if it is a subfolder."""
        self._requests.write(f"{tree}\n".encode())
        self._requests.flush()
        head = self._responses.readline().split()
        if len(head) != 3:  # the tree is missing
            return
        data = self._responses.read(int(head[2]) + 1)[:-1]
        place = 0
        while head[1] == b"tree" and place < len(data):
            blank, end = data.index(b" ", place), data.index(b"\0", place)
            folder = data[place:blank] == _FOLDER
            yield end - blank, data[end + 1 : end + 21].hex() if folder else None
            place = end + 21


def _git(*command: str, given: str = "") -> list[str]:
    done = subprocess.run(["git", *command], input=given, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S607
    return done.stdout.splitlines()
