"""LFS files in all revisions of a repository, and their removal from the history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import attrs
import pygit2
from pygit2.enums import FileMode, SortMode

from hub_typed.local.git.commit_text import whole_message
from hub_typed.local.git.trees import new_blobs, printable_name
from hub_typed.local.lfs.store import MAX_POINTER, Pointer

__all__ = ["LargeFile", "large_files", "large_files_only_in", "lfs_oids", "remove_blobs"]


@attrs.frozen(kw_only=True)
class LargeFile:
    """An LFS file in any revision.

    Attributes:
        blob: Git id of the pointer.
        path: Path in the commit that added it.
        ref: Full name of a ref whose history contains it.
        commit: The first commit that contains it.
    """

    blob: str
    pointer: Pointer
    path: str
    ref: str
    commit: pygit2.Commit


def large_files(repo: Path) -> list[LargeFile]:
    """List the LFS files in the history of all refs, each once, oldest first."""
    git = pygit2.Repository(str(repo))
    return _files_of(git, _heads(git))


def large_files_only_in(repo: Path, ref: str) -> list[LargeFile]:
    """List the LFS files in the history of a ref that the history of no other ref contains, oldest first."""
    git = pygit2.Repository(str(repo))
    ref_last = sorted(_heads(git), key=lambda head: head[0] == ref)
    return [file for file in _files_of(git, ref_last) if file.ref == ref]


def lfs_oids(repo: Path) -> frozenset[str]:
    """Return the SHA-256 of every LFS file in any revision of a repository."""
    return _oids_of(repo, tuple(_heads(pygit2.Repository(str(repo)))))


@lru_cache(maxsize=16)
def _oids_of(repo: Path, heads: Sequence[tuple[str, pygit2.Oid]]) -> frozenset[str]:
    """Return the same for known heads; each request to the Xet storage needs it."""
    git = pygit2.Repository(str(repo))
    return frozenset(file.pointer.sha256 for file in _files_of(git, heads))


def _files_of(git: pygit2.Repository, heads: Iterable[tuple[str, pygit2.Oid]]) -> list[LargeFile]:
    found: dict[str, LargeFile] = {}
    seen: set[pygit2.Oid] = set()
    for ref, head in heads:
        with suppress(KeyError, pygit2.GitError):  # a commit is missing or damaged
            for commit in _oldest_first(git, head):
                for path, blob in new_blobs(commit.tree, seen):
                    pointer = _pointer(git, blob)
                    if pointer is not None:
                        oid = str(blob.id)
                        found[oid] = LargeFile(
                            blob=oid, pointer=pointer, path=printable_name(path), ref=ref, commit=commit
                        )
    return sorted(found.values(), key=lambda file: (file.commit.commit_time, file.path))


def remove_blobs(repo: Path, blobs: Collection[str]) -> list[str]:
    """Rewrite the history of all refs without these blobs. The caller holds the lock of the repository.

    Returns:
        The full names of the changed refs.
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
        if rewritten[head] != head:
            git.create_reference_direct(ref, rewritten[head], True)
            changed.append(ref)
    return changed


def _heads(git: pygit2.Repository) -> list[tuple[str, pygit2.Oid]]:
    """Return all refs that point to a commit, with the id of the commit."""
    found: list[tuple[str, pygit2.Oid]] = []
    for name in sorted(git.references):
        try:
            found.append((name, git.references[name].peel(pygit2.Commit).id))
        except (KeyError, ValueError, pygit2.GitError):  # damaged, or a tag of another object
            continue
    return found


def _pointer(git: pygit2.Repository, blob: pygit2.Blob) -> Pointer | None:
    try:
        return Pointer.parse(blob.read_raw()) if git.odb.read_header(blob.id)[1] < MAX_POINTER else None
    except (KeyError, pygit2.GitError):  # missing or damaged
        return None


def _oldest_first(git: pygit2.Repository, head: pygit2.Oid) -> Iterator[pygit2.Commit]:
    return iter(git.walk(head, SortMode.TOPOLOGICAL | SortMode.REVERSE))


def _without(
    git: pygit2.Repository,
    tree: pygit2.Tree,
    blobs: Collection[str],
    known: dict[pygit2.Oid, pygit2.Oid | None],
) -> pygit2.Oid | None:
    """Return a tree without these blobs; ``None`` if it becomes empty.

    Args:
        known: The new trees by their original ids; results are added.
    """
    pending = [tree]
    while pending:
        current = pending[-1]
        inner = [item for item in current if isinstance(item, pygit2.Tree) and item.id not in known]
        if inner and current.id not in known:  # rebuild subfolders first
            pending += inner
            continue
        pending.pop()
        if current.id not in known:
            known[current.id] = _rebuild(git, current, blobs, known)
    return known[tree.id]


def _rebuild(
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
