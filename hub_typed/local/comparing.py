"""What becomes of two revisions of a repository: how they differ, and whether they can be merged.

libgit2 lets no other thread of Python go on while it works, and can take many seconds for texts of a few megabytes.
What is more than a little is therefore done by a process of its own, which is ended where it takes too long.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final, cast

import pygit2
from pygit2.enums import DiffFind, MergeFlag

from hub_typed.local.faults import HubFault, unprocessable
from hub_typed.local.trees import readable

__all__ = ["conflicts", "merged", "patch"]

_log = logging.getLogger("hub_typed.local")

TIME: Final = 20.0
"""Seconds that one comparison may take."""
AT_ONCE: Final = 256 << 10
"""Bytes of the files that differ, on both sides, up to which they are compared here."""
FEW: Final = 200
"""Files that differ, likewise."""
MAX_RENAMES: Final = 1000
"""Files that differ, beyond which only those are known to be renamed that did not change."""
MAX_SHOWN: Final = 64 << 20
"""Bytes of the files that differ, beyond which a difference is not written out."""
_NOTHING: Final = "0" * 40
_SEPARATOR: Final = "\0"


def patch(repo: str, base: str, head: str) -> str:
    """What a commit changes since it left another one, as git writes it.

    Args:
        repo: Path of the repository.
        base: Hash of the commit that it is compared with. Where they have none in common, what is today counts.

    Raises:
        HubFault: 422, it changes too much to be shown.
    """
    git = pygit2.Repository(repo)
    diff = _diff(git, _start(git, base, head) or base, head)
    if not _is_small(git, diff):
        return _apart("patch", repo, base, head)
    return _patch(git, diff)


@lru_cache(maxsize=1024)
def conflicts(repo: str, base: str, head: str) -> tuple[str, ...] | None:
    """The files of two commits that cannot be merged; ``None``, where it takes too long to find out."""
    try:
        return _merge(repo, base, head, write=False)[1]
    except HubFault:
        return None


def merged(repo: str, base: str, head: str) -> tuple[str, tuple[str, ...]]:
    """The hash of the folder that two commits become, which is in the repository then; or the files that conflict.

    Raises:
        HubFault: 422, it takes too long.
    """
    return _merge(repo, base, head, write=True)


def _merge(repo: str, base: str, head: str, *, write: bool) -> tuple[str, tuple[str, ...]]:
    git = pygit2.Repository(repo)
    start = _start(git, base, head)
    pairs = [(base, head)] if start is None else [(start, base), (start, head)]
    if all(_is_small(git, _diff(git, *pair)) for pair in pairs):
        return _merge_here(git, base, head, write=write)
    tree, *found = _apart("merge" if write else "conflicts", repo, base, head).split(_SEPARATOR)
    return tree, tuple(found)


def _merge_here(git: pygit2.Repository, base: str, head: str, *, write: bool) -> tuple[str, tuple[str, ...]]:
    # Where both were merged into each other before, each by itself, libgit2 would merge what they have in common first,
    # and so on by recursion, on a stack that must not overflow: the first of those commits does.
    flags = MergeFlag.FIND_RENAMES | MergeFlag.NO_RECURSIVE
    index = git.merge_commits(pygit2.Oid(hex=base), pygit2.Oid(hex=head), flags=flags)
    sides = [side for conflict in index.conflicts or () for side in conflict if side is not None]
    if sides:
        return "", tuple(sorted({readable(str(side.path)) for side in sides}))
    return str(index.write_tree(git)) if write else "", ()


def _start(git: pygit2.Repository, base: str, head: str) -> str | None:
    """The last commit that two others have in common; ``None``, where one of them was squashed."""
    found = cast("pygit2.Oid | None", git.merge_base(pygit2.Oid(hex=base), pygit2.Oid(hex=head)))
    return None if found is None else str(found)


def _diff(git: pygit2.Repository, left: str, right: str) -> pygit2.Diff:
    one, other = git[left], git[right]
    assert isinstance(one, pygit2.Commit)
    assert isinstance(other, pygit2.Commit)
    return one.tree.diff_to_tree(other.tree)


def _patch(git: pygit2.Repository, diff: pygit2.Diff) -> str:
    if sum(_sizes(git, diff)) > MAX_SHOWN:
        raise unprocessable("The files that differ are too large for their difference to be shown")
    exact = DiffFind.FIND_RENAMES | DiffFind.FIND_EXACT_MATCH_ONLY
    diff.find_similar(exact if len(diff) > MAX_RENAMES else DiffFind.FIND_BY_CONFIG)
    return diff.patch or ""


def _is_small(git: pygit2.Repository, diff: pygit2.Diff) -> bool:
    """Whether files that differ are compared in no time."""
    return len(diff) <= FEW and sum(_sizes(git, diff)) <= AT_ONCE


def _sizes(git: pygit2.Repository, diff: pygit2.Diff) -> Iterator[int]:
    for delta in diff.deltas:
        for side in (delta.old_file, delta.new_file):
            if str(side.id) != _NOTHING:
                with suppress(KeyError, pygit2.GitError):  # it is missing, or a commit of another repository
                    yield git.odb.read_header(side.id)[1]


def _apart(what: str, repo: str, base: str, head: str) -> str:
    """The same, by a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "hub_typed.local.comparing", what, repo, base, head]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=TIME, check=False)
    except subprocess.TimeoutExpired:
        raise unprocessable("The files that differ take too long to be compared") from None
    if done.returncode == _REFUSED:
        raise unprocessable(done.stderr.decode(errors="replace").strip())
    if done.returncode:
        _log.error("A comparison failed (%d): %s", done.returncode, done.stderr.decode(errors="replace")[-2000:])
        raise unprocessable("The files that differ cannot be compared")
    return done.stdout.decode()


_REFUSED: Final = 3


def main(what: str, repo: str, base: str, head: str) -> int:
    """Write to the standard output what is asked for."""
    git = pygit2.Repository(repo)
    try:
        if what == "patch":
            told = _patch(git, _diff(git, _start(git, base, head) or base, head))
        else:
            tree, found = _merge_here(git, base, head, write=what == "merge")
            told = _SEPARATOR.join([tree, *found])
    except HubFault as fault:
        sys.stderr.write(str(fault))
        return _REFUSED
    sys.stdout.buffer.write(told.encode(errors="replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
