"""LFS files in all revisions of a repository, and history rewritten without them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import attrs
import pygit2
from pygit2.enums import FileMode, SortMode

from hub_typed.local.git.commit_text import whole_message
from hub_typed.local.git.trees import new_blobs, readable
from hub_typed.local.lfs.store import MAX_POINTER, Pointer

__all__ = ["LargeFile", "held", "large_files", "take_out"]


@attrs.frozen(kw_only=True)
class LargeFile:
    """An LFS file in some revision.

    Attributes:
        blob: git's id of its pointer.
        path: Where it lay when it came.
        ref: The full name of a ref that has it.
        commit: The first commit with it.
    """

    blob: str
    pointer: Pointer
    path: str
    ref: str
    commit: pygit2.Commit


def large_files(repo: Path) -> list[LargeFile]:
    """List the LFS files of all refs, each once, oldest first."""
    git = pygit2.Repository(str(repo))
    found: dict[str, LargeFile] = {}
    seen: set[pygit2.Oid] = set()
    for ref, head in _heads(git):
        with suppress(KeyError, pygit2.GitError):  # a commit is missing or damaged
            for commit in _oldest_first(git, head):
                for path, blob in new_blobs(commit.tree, seen):
                    pointer = _pointer(git, blob)
                    if pointer is not None:
                        oid = str(blob.id)
                        found[oid] = LargeFile(blob=oid, pointer=pointer, path=readable(path), ref=ref, commit=commit)
    return sorted(found.values(), key=lambda file: (file.commit.commit_time, file.path))


def held(repo: Path) -> set[str]:
    """Return the SHA-256 of each LFS file in any revision of a repository."""
    return {file.pointer.sha256 for file in large_files(repo)}


def take_out(repo: Path, blobs: Collection[str]) -> list[str]:
    """Rewrite all refs without these blobs. The caller holds the lock of the repository.

    Returns:
        The full names of the refs that lead to other commits now.
    """
    git = pygit2.Repository(str(repo))
    rewritten: dict[pygit2.Oid, pygit2.Oid] = {}
    trees: dict[pygit2.Oid, pygit2.Oid | None] = {}
    changed: list[str] = []
    for ref, head in _heads(git):
        for commit in _oldest_first(git, head):
            if commit.id in rewritten:
                continue
            tree = _without(git, commit.tree, blobs, trees) or git.TreeBuilder().write()
            parents = [rewritten[parent] for parent in commit.parent_ids]
            if tree == commit.tree.id and parents == list(commit.parent_ids):
                rewritten[commit.id] = commit.id
                continue
            rewritten[commit.id] = git.create_commit(
                None, commit.author, commit.committer, whole_message(commit), tree, parents
            )
        if rewritten[head.id] != head.id:
            git.create_reference_direct(ref, rewritten[head.id], True)
            changed.append(ref)
    return changed


def _heads(git: pygit2.Repository) -> list[tuple[str, pygit2.Commit]]:
    """Return all refs that lead to a commit, with the commit."""
    found: list[tuple[str, pygit2.Commit]] = []
    for name in sorted(git.references):
        try:
            found.append((name, git.references[name].peel(pygit2.Commit)))
        except (KeyError, ValueError, pygit2.GitError):  # a tag of something else, which git can push, or damaged
            continue
    return found


def _pointer(git: pygit2.Repository, blob: pygit2.Blob) -> Pointer | None:
    try:
        return Pointer.parse(blob.read_raw()) if git.odb.read_header(blob.id)[1] < MAX_POINTER else None
    except (KeyError, pygit2.GitError):  # missing or damaged
        return None


def _oldest_first(git: pygit2.Repository, head: pygit2.Commit) -> Iterator[pygit2.Commit]:
    return iter(git.walk(head.id, SortMode.TOPOLOGICAL | SortMode.REVERSE))


def _without(
    git: pygit2.Repository,
    tree: pygit2.Tree,
    blobs: Collection[str],
    known: dict[pygit2.Oid, pygit2.Oid | None],
) -> pygit2.Oid | None:
    """Return a tree without these blobs; ``None`` if nothing is left of it.

    Args:
        known: What became of the folders so far; the new ones are added.
    """
    waiting = [tree]
    while waiting:
        current = waiting[-1]
        inner = [item for item in current if isinstance(item, pygit2.Tree) and item.id not in known]
        if inner and current.id not in known:  # those inside come first
            waiting += inner
            continue
        waiting.pop()
        if current.id not in known:
            known[current.id] = _rebuilt(git, current, blobs, known)
    return known[tree.id]


def _rebuilt(
    git: pygit2.Repository,
    tree: pygit2.Tree,
    blobs: Collection[str],
    known: Mapping[pygit2.Oid, pygit2.Oid | None],
) -> pygit2.Oid | None:
    builder = git.TreeBuilder(tree)
    for item in tree:
        name = str(item.name)
        if isinstance(item, pygit2.Tree):
            rest = known[item.id]
            if rest is None:
                builder.remove(name)
            elif rest != item.id:
                builder.insert(name, rest, FileMode.TREE)
        elif str(item.id) in blobs:
            builder.remove(name)
    return builder.write() if len(builder) else None
