"""Diff and merge of two commits.

libgit2 holds the GIL while it works, and can take many seconds for texts of a few megabytes. Comparisons that are not
small therefore run in a subprocess with a time limit.
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

from hub_typed.local.errors import HubResponseError, unprocessable
from hub_typed.local.git.trees import printable_name, read_size_and_pointer

__all__ = ["diff_commits", "diff_since_merge_base", "find_conflicts", "list_changes", "merge_commits"]

_log = logging.getLogger("hub_typed.local")

TIMEOUT: Final = 20.0
"""Maximum number of seconds of one comparison."""
MAX_SMALL_BYTES: Final = 256 << 10
"""Maximum size of the changed files, both sides together, to compare them in this process."""
MAX_SMALL_FILES: Final = 200
"""Maximum number of changed files to compare them in this process."""
MAX_RENAMES: Final = 1000
"""Number of changed files above which only renames without changes are detected."""
MAX_DIFF_BYTES: Final = 64 << 20
"""Maximum size of the changed files, both sides together, to show a diff."""
_EXACT_RENAMES: Final = DiffFind.FIND_RENAMES | DiffFind.FIND_EXACT_MATCH_ONLY
_START_BYTES: Final = 8000
"""Bytes at the start of a file in which a zero byte makes it binary, as for git."""
_NULL_ID: Final = "0" * 40
_SEPARATOR: Final = "\0"


def diff_since_merge_base(repo: str, base: str, head: str) -> str:
    """Return the diff between the merge base of two commits and the second of them.

    Args:
        repo: Path of the repository.
        base: Hash of the commit to compare with. Without a merge base, this commit itself is compared.

    Raises:
        HubResponseError: 422, the changed files are too large, or comparing them takes too long.
    """
    return diff_commits(repo, _merge_base(pygit2.Repository(repo), base, head) or base, head)


def diff_commits(repo: str, base: str | None, head: str) -> str:
    """Return the diff between two commits.

    Args:
        repo: Path of the repository.
        base: Hash of the commit to compare with; ``None`` for no files.

    Raises:
        HubResponseError: 422, the changed files are too large, or comparing them takes too long.
    """
    git = pygit2.Repository(repo)
    diff = _diff(git, base, head)
    if not _is_small(git, diff):
        return _run_subprocess("patch", repo, base or "", head)
    return _patch(git, diff)


def list_changes(repo: str, base: str | None, head: str) -> str:
    """Return the changed files between two commits, a line for each.

    It has ``B`` for a binary file or ``T``, the size of the content, and what ``git diff --raw`` shows; only files that
    were renamed without changes count as renamed.

    Args:
        repo: Path of the repository.
        base: Hash of the commit to compare with; ``None`` for no files.
    """
    git = pygit2.Repository(repo)
    diff = _diff(git, base, head)
    diff.find_similar(_EXACT_RENAMES)
    return "".join(_raw_line(git, delta) for delta in diff.deltas)


def _raw_line(git: pygit2.Repository, delta: pygit2.DiffDelta) -> str:
    old, new, status = delta.old_file, delta.new_file, delta.status_char()
    there = old if status == "D" else new
    size, pointer = read_size_and_pointer(git, there.id)
    kind = "T"
    with suppress(KeyError, pygit2.GitError):  # missing, or a submodule
        kind = "B" if b"\0" in git.odb.read(there.id)[1][:_START_BYTES] else "T"
    paths = "\t".join(dict.fromkeys(printable_name(side.path) for side in (old, new)))
    raw = f":{old.mode:06o} {new.mode:06o} {old.id}... {new.id}... {status}\t{paths}"
    return f"{kind} {pointer.size if pointer else size}\t{raw}\n"


@lru_cache(maxsize=1024)
def find_conflicts(repo: str, base: str, head: str) -> tuple[str, ...] | None:
    """Return the paths that conflict when two commits are merged; ``None`` if merging takes too long."""
    try:
        return _merge(repo, base, head, write=False)[1]
    except HubResponseError:
        return None


def merge_commits(repo: str, base: str, head: str) -> tuple[str, tuple[str, ...]]:
    """Merge two commits; return the hash of the merged tree, which is written, or the paths that conflict.

    Raises:
        HubResponseError: 422, merging takes too long.
    """
    return _merge(repo, base, head, write=True)


def _merge(repo: str, base: str, head: str, *, write: bool) -> tuple[str, tuple[str, ...]]:
    git = pygit2.Repository(repo)
    start = _merge_base(git, base, head)
    pairs = [(base, head)] if start is None else [(start, base), (start, head)]
    if all(_is_small(git, _diff(git, *pair)) for pair in pairs):
        return _merge_here(git, base, head, write=write)
    tree, *found = _run_subprocess("merge" if write else "conflicts", repo, base, head).split(_SEPARATOR)
    return tree, tuple(found)


def _merge_here(git: pygit2.Repository, base: str, head: str, *, write: bool) -> tuple[str, tuple[str, ...]]:
    # With several merge bases, libgit2 would merge those first, recursively, which can overflow the stack.
    flags = MergeFlag.FIND_RENAMES | MergeFlag.NO_RECURSIVE
    index = git.merge_commits(pygit2.Oid(hex=base), pygit2.Oid(hex=head), flags=flags)
    sides = [side for conflict in index.conflicts or () for side in conflict if side is not None]
    if sides:
        return "", tuple(sorted({printable_name(str(side.path)) for side in sides}))
    return str(index.write_tree(git)) if write else "", ()


def _merge_base(git: pygit2.Repository, base: str, head: str) -> str | None:
    """Return the merge base of two commits; ``None`` if a side was squashed."""
    found = cast("pygit2.Oid | None", git.merge_base(pygit2.Oid(hex=base), pygit2.Oid(hex=head)))
    return None if found is None else str(found)


def _diff(git: pygit2.Repository, left: str | None, right: str) -> pygit2.Diff:
    """Compare two commits, or a commit with no files."""
    if not left:
        return git[right].peel(pygit2.Tree).diff_to_tree(swap=True)
    return git[left].peel(pygit2.Tree).diff_to_tree(git[right].peel(pygit2.Tree))


def _patch(git: pygit2.Repository, diff: pygit2.Diff) -> str:
    if sum(_sizes(git, diff)) > MAX_DIFF_BYTES:
        raise unprocessable("The changed files are too large to show a diff")
    diff.find_similar(_EXACT_RENAMES if len(diff) > MAX_RENAMES else DiffFind.FIND_BY_CONFIG)
    return diff.patch or ""


def _is_small(git: pygit2.Repository, diff: pygit2.Diff) -> bool:
    """Whether the changed files can be compared in this process."""
    return len(diff) <= MAX_SMALL_FILES and sum(_sizes(git, diff)) <= MAX_SMALL_BYTES


def _sizes(git: pygit2.Repository, diff: pygit2.Diff) -> Iterator[int]:
    for delta in diff.deltas:
        for side in (delta.old_file, delta.new_file):
            if str(side.id) != _NULL_ID:
                with suppress(KeyError, pygit2.GitError):  # missing, or a submodule
                    yield git.odb.read_header(side.id)[1]


def _run_subprocess(operation: str, repo: str, base: str, head: str) -> str:
    """Run a comparison in a subprocess."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "hub_typed.local.git.comparison", operation, repo, base, head]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise unprocessable("Comparing the changed files takes too long") from None
    if done.returncode == _REFUSED:
        raise unprocessable(done.stderr.decode(errors="replace").strip())
    if done.returncode:
        _log.error("A comparison failed (%d): %s", done.returncode, done.stderr.decode(errors="replace")[-2000:])
        raise unprocessable("The changed files cannot be compared")
    return done.stdout.decode()


_REFUSED: Final = 3
"""Exit code of a subprocess that prints the message of an error response."""


def main(operation: str, repo: str, base: str, head: str) -> int:
    """Print the result of a comparison; the entry point of the subprocess."""
    git = pygit2.Repository(repo)
    try:
        if operation == "patch":
            output = _patch(git, _diff(git, base, head))
        else:
            tree, found = _merge_here(git, base, head, write=operation == "merge")
            output = _SEPARATOR.join([tree, *found])
    except HubResponseError as error:
        sys.stderr.write(str(error))
        return _REFUSED
    sys.stdout.buffer.write(output.encode(errors="replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
