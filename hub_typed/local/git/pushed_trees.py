"""Sizes of pushed trees, measured as they expand and not as they are stored.

Each folder is read once, however often it is named. Without this, a push of a few kilobytes can stand for more files
than any memory holds, or for folders deeper than the stack of programs that go down them by recursion.
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
        names: Characters of all paths in it.
        depth: How many folders are in one another, itself included.
    """

    entries: int = 0
    names: int = 0
    depth: int = 1

    @property
    def too_large(self) -> bool:
        return self.entries > MAX_ENTRIES or self.names > MAX_NAMES or self.depth > MAX_DEPTH


def too_large_trees(tips: Sequence[str]) -> bool:
    """Whether a new revision has more files than allowed.

    Args:
        tips: Hashes of what was pushed; git is asked in the folder of the process.
    """
    # Of tags, too, that lead to a folder without a commit.
    asked = "".join(f"{tip}^{{tree}}\n" for tip in tips)
    told = [line.split(" ") for line in _git("cat-file", "--batch-check", given=asked)]
    tagged = [words[0] for words in told if words[1:2] == ["tree"]]
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
        inner: Hashes of the folders in it, to be gone through once.
    """

    def __init__(self, oid: str, entries: Sequence[tuple[int, str | None]]) -> None:
        self.oid = oid
        self.inner: Iterator[str] = (oid for _, oid in entries if oid is not None)
        self._entries = entries

    def size(self, known: Mapping[str, _Size]) -> _Size:
        """Expanded size, once those of all subfolders are known."""
        number = names = depth = 0
        for length, oid in self._entries:
            inner = _Size(depth=0) if oid is None else known[oid]
            number += 1 + inner.entries
            names += length * (1 + inner.entries) + inner.names
            depth = max(depth, inner.depth)
        return _Size(number, names, depth + 1)


class _Measure:
    """Measures folders, each once."""

    def __init__(self, asks: IO[bytes], answers: IO[bytes]) -> None:
        self._asks = asks
        self._answers = answers
        self._known: dict[str, _Size] = {}

    def any_too_large(self, roots: Sequence[str]) -> bool:
        for root in roots:
            waiting = [] if root in self._known else [_Folder(root, list(self._entries(root)))]
            while waiting:
                folder = waiting[-1]
                inner = next((oid for oid in folder.inner if oid not in self._known), None)
                if inner is None:
                    waiting.pop()
                    size = self._known[folder.oid] = folder.size(self._known)
                    if size.too_large:
                        return True
                elif len(waiting) > MAX_DEPTH:
                    return True
                else:  # those inside come first
                    waiting.append(_Folder(inner, list(self._entries(inner))))
        return False

    def _entries(self, tree: str) -> Iterator[tuple[int, str | None]]:
        """Return the length of each name in a folder, and the hash of each subfolder."""
        self._asks.write(f"{tree}\n".encode())
        self._asks.flush()
        head = self._answers.readline().split()
        if len(head) != 3:  # it is missing
            return
        data = self._answers.read(int(head[2]) + 1)[:-1]
        place = 0
        while head[1] == b"tree" and place < len(data):
            blank, end = data.index(b" ", place), data.index(b"\0", place)
            folder = data[place:blank] == _FOLDER
            yield end - blank, data[end + 1 : end + 21].hex() if folder else None
            place = end + 21


def _git(*command: str, given: str = "") -> list[str]:
    done = subprocess.run(["git", *command], input=given, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S607
    return done.stdout.splitlines()
