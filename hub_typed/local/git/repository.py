"""One bare git repository on disk: revisions, trees, history, refs and commits."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pygit2
from pygit2.enums import FileMode, ObjectType, SortMode

from hub_typed.local.errors import (
    HubFault,
    bad_request,
    conflict,
    entry_missing,
    forbidden,
    revision_missing,
    stale,
    unprocessable,
)
from hub_typed.local.git.limits import MAX_DEPTH, MAX_DEPTH_WRITTEN, MAX_PATH
from hub_typed.local.git.objects import HEADS, PULLS, TAGS, Change, Entry, Put, Remove, Signed
from hub_typed.local.git.trees import new_blobs, readable, walked
from hub_typed.local.lfs.store import MAX_POINTER, Pointer
from hub_typed_api.path import HFValidationError, checked_file, checked_revision

__all__ = ["GitRepo"]

MAX_TEXT = 2 << 20
"""Bytes of a text file that the Hub itself looks into."""
MAX_WALK = 10.0
"""Seconds to look for the commits that files come from."""
_HASH = re.compile(r"[0-9a-fA-F]{5,40}")


class GitRepo:
    """A bare git repository.

    libgit2 objects belong to one thread: make a new one of these for each request, it costs a few file look-ups.
    Writers must hold the repository's lock.
    """

    def __init__(self, path: Path) -> None:
        self._git = pygit2.Repository(str(path))

    @classmethod
    def create(cls, path: Path) -> GitRepo:
        """Create an empty repository, independent of the user's git configuration."""
        pygit2.init_repository(str(path), bare=True, initial_head="main")
        return cls(path)

    # Revisions

    def commit_at(self, revision: str) -> pygit2.Commit:
        """Return the commit of a branch, tag, full ref or (abbreviated) hash, in this order; ``HEAD`` is ``main``.

        Raises:
            HubFault: 404 RevisionNotFound.
        """
        names = [HEADS + revision, TAGS + revision]
        if revision.startswith("refs/"):
            names.insert(0, revision)
        if revision == "HEAD":  # what the client for JavaScript asks for where no revision is given
            names.append(HEADS + "main")
        for name in names:
            found = self._lead(name)
            if found is not None:
                return found
        if _HASH.fullmatch(revision):
            with suppress(ValueError, pygit2.GitError):  # it begins several hashes, or is no commit that can be read
                named = cast(object, self._git.get(revision))  # of which its stubs know but half the classes
                if isinstance(named, pygit2.Commit):
                    return named
        raise revision_missing(revision)

    def branch(self, name: str) -> pygit2.Commit | None:
        """Return the head of a branch or full ref; ``None`` if it does not exist."""
        return self._lead(_branch_ref(name))

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """Return the full names of refs with a prefix, and their commits."""
        names = sorted(name for name in self._git.references if name.startswith(prefix))
        return [(readable(name), str(commit.id)) for name in names if (commit := self._lead(name)) is not None]

    def create_branch(self, name: str, commit: pygit2.Commit, *, overwrite: bool = False) -> None:
        """Create a branch or full ref at a commit.

        Raises:
            HubFault: 409, it is there already; 400, it cannot be the name of a branch.
        """
        self._point(_branch_ref(name), commit.id, overwrite=overwrite)

    def delete_branch(self, name: str) -> None:
        """Delete a branch.

        Raises:
            HubFault: 404 RevisionNotFound; 403, it is ``main``.
        """
        if name == "main":
            raise forbidden("Cannot delete refs/heads/main")
        self._delete(HEADS + name, name)

    def create_tag(self, name: str, commit: pygit2.Commit, annotation: Signed | None = None) -> None:
        """Create a tag; with a message, an annotated one.

        Raises:
            HubFault: 409, it is there already; 400, it cannot be the name of a tag.
        """
        if annotation is None:
            self._point(TAGS + name, commit.id)
            return
        if self._ref(TAGS + name) is not None:
            raise _exists(TAGS + name)
        try:
            self._git.create_tag(name, commit.id, ObjectType.COMMIT, annotation.signature(), annotation.message)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise bad_request(f"Invalid name of a tag: {name}") from error

    def delete_tag(self, name: str) -> None:
        """Delete a tag.

        Raises:
            HubFault: 404 RevisionNotFound.
        """
        self._delete(TAGS + name, name)

    def squash(self, branch: str, signed: Signed) -> pygit2.Commit:
        """Replace the history of a branch by one commit with the files of its head.

        Raises:
            HubFault: 400, it is a tag; 404 RevisionNotFound, nothing has this name.
        """
        head = self.branch(branch)
        if head is None:
            self.commit_at(branch)
            raise bad_request(f"{branch} is no branch: only the history of a branch can be squashed")
        author = signed.signature()
        oid = self._git.create_commit(None, author, author, signed.message, head.tree.id, [])
        self._point(_branch_ref(branch), oid, overwrite=True)
        return self._commit(oid)

    # Trees

    def tree(self, commit: pygit2.Commit, path: str = "", *, recursive: bool = False) -> list[Entry]:
        """List the entries of a folder, sorted by path.

        Raises:
            HubFault: 404 EntryNotFound, there is no such folder; 422, it has too much in it, or is damaged.
        """
        folder = self._object(commit, path)
        if not isinstance(folder, pygit2.Tree):
            raise entry_missing(f"{path} does not exist on this revision, or is no folder", commit=str(commit.id))
        prefix = f"{path}/" if path else ""
        entries = [self._entry(*item) for item in walked(folder, prefix, recursive=recursive)]
        return sorted(entries, key=lambda entry: entry.path)

    def entry(self, commit: pygit2.Commit, path: str) -> Entry | None:
        """Return the file or folder at a path."""
        found = self._object(commit, path)
        return None if found is None else self._entry(path, found)

    def read(self, entry: Entry) -> bytes:
        """Return the blob of a file; for LFS files, the pointer.

        Raises:
            HubFault: 422, it is damaged.
        """
        try:
            return self._git.odb.read(entry.oid)[1]
        except (KeyError, pygit2.GitError):
            raise unprocessable(f"The content of {entry.path} is missing or damaged in this repository") from None

    def text(self, commit: pygit2.Commit, path: str) -> str:
        """Return a text file; empty if it is missing, unreadable or larger than `MAX_TEXT`."""
        with suppress(HubFault):
            entry = self.entry(commit, path)
            if entry is not None and entry.kind == "file" and entry.stored <= MAX_TEXT:
                return self.read(entry).decode(errors="replace")
        return ""

    # History

    def history(self, commit: pygit2.Commit) -> Iterator[pygit2.Commit]:
        """Iterate over a commit and its ancestors, newest first."""
        with suppress(pygit2.GitError):  # a commit is missing or damaged: what lies behind it cannot be told
            yield from self._git.walk(commit.id, SortMode.TOPOLOGICAL | SortMode.TIME)

    def size(self) -> int:
        """Return the size of all files in all revisions, LFS contents included; each version counts once."""
        total = 0
        seen: set[pygit2.Oid] = set()
        for _, head in self.refs("refs/"):
            for commit in self.history(self._commit(pygit2.Oid(hex=head))):
                with suppress(HubFault, pygit2.GitError):
                    total += sum(self._entry(path, item).size for path, item in new_blobs(commit.tree, seen))
        return total

    def last_commits(self, commit: pygit2.Commit, paths: Collection[str]) -> dict[str, pygit2.Commit]:
        """Return the last commit that changed each path.

        One walk, in which each commit costs what it changes, however many paths are asked for. After ten seconds, the
        paths that are still to be found are left out.
        """
        end = time.monotonic() + MAX_WALK
        found: dict[str, pygit2.Commit] = {}
        wanted = {path: oid for path in paths if (oid := self._oid(commit, path)) is not None}
        with suppress(HubFault, KeyError, pygit2.GitError):  # a commit is damaged: it does not say what it changes
            for step in self.history(commit):
                if not wanted or time.monotonic() > end:
                    break
                # What a parent has already came with that parent, or before it.
                for path in wanted.keys() & self._changed(step):
                    if self._oid(step, path) == wanted[path]:
                        found[path] = step
                        del wanted[path]
        return found

    # Commits

    def commit(
        self, branch: str, parent: pygit2.Commit | None, changes: Iterable[Change], signed: Signed
    ) -> pygit2.Commit:
        """Add a commit to a branch or full ref.

        Changes that change nothing make no commit: the parent is returned as it is.

        Args:
            parent: Present head of the branch; of a new one, where it begins; ``None`` for a commit without history.

        Raises:
            HubFault: 404 EntryNotFound, something to be removed is not there; 400, a path git cannot hold; 412, the
                branch has moved on; 422, folders lie too deep in one another.
        """
        index = pygit2.Index()
        if parent is not None:
            index.read_tree(parent.tree)
        for change in changes:
            self._apply(index, change)
        entries = cast("Iterable[pygit2.IndexEntry]", index)
        if any(str(entry.path).count("/") > MAX_DEPTH_WRITTEN for entry in entries):
            raise unprocessable(f"A commit has at most {MAX_DEPTH_WRITTEN} folders in one another")
        author = signed.signature()
        tree = index.write_tree(self._git)
        if parent is not None and tree == parent.tree.id:
            if self.branch(branch) is None:
                self._point(_branch_ref(branch), parent.id)
            return parent
        parents = [] if parent is None else [parent.id]
        try:
            oid = self._git.create_commit(_branch_ref(branch), author, author, signed.message, tree, parents)
        except pygit2.GitError as error:
            raise stale() from error
        return self._commit(oid)

    def orphan(self, signed: Signed) -> pygit2.Commit:
        """Create a commit without files and parents, on no branch."""
        author = signed.signature()
        tree = self._git.TreeBuilder().write()
        return self._commit(self._git.create_commit(None, author, author, signed.message, tree, []))

    def _apply(self, index: pygit2.Index, change: Change) -> None:
        if isinstance(change, Put):
            mode = index[change.path].mode if change.path in index else FileMode.BLOB
            try:
                index.add(pygit2.IndexEntry(change.path, self._git.create_blob(change.data), mode))
            except (pygit2.GitError, ValueError, OSError) as error:
                raise bad_request(f"Invalid path in a repository: {change.path!r}") from error
        elif isinstance(change, Remove):
            if change.path not in index:
                raise entry_missing(f"A file with this name does not exist: {change.path}")
            index.remove(change.path)
        else:
            # pygit2 does not say what an index holds.
            paths = [str(entry.path) for entry in cast(Iterable[pygit2.IndexEntry], index)]
            inside = [path for path in paths if path.startswith(f"{change.path}/")]
            if not inside:
                raise entry_missing(f"A folder with this name does not exist: {change.path}")
            for path in inside:
                index.remove(path)

    def _changed(self, commit: pygit2.Commit) -> set[str]:
        """Return the files and folders that a commit changed relative to all its parents."""
        if not commit.parents:
            return _with_folders(commit.tree.diff_to_tree(swap=True))
        first, *others = (_with_folders(parent.tree.diff_to_tree(commit.tree)) for parent in commit.parents)
        return first.intersection(*others)

    def _commit(self, oid: pygit2.Oid) -> pygit2.Commit:
        commit = self._git[oid]
        assert isinstance(commit, pygit2.Commit)
        return commit

    def _ref(self, name: str) -> pygit2.Reference | None:
        if not _is_canonical(name):  # libgit2 would look for what it makes of it: `refs/pr//1` is `refs/pr/1` to it
            return None
        try:
            return self._git.lookup_reference(name)
        except (KeyError, ValueError, pygit2.GitError):  # absent, damaged, or no name that git accepts
            return None

    def _lead(self, name: str) -> pygit2.Commit | None:
        """Return the commit of a ref; ``None`` also for tags of other objects, which git can push."""
        found = self._ref(name)
        try:
            return found and found.peel(pygit2.Commit)
        except (pygit2.GitError, KeyError, ValueError):  # also of something that is missing or damaged
            return None

    def _point(self, name: str, oid: pygit2.Oid, *, overwrite: bool = False) -> None:
        if not _is_canonical(name):
            raise bad_request(f"Invalid reference: {name!r}")
        if not overwrite and self._ref(name) is not None:
            raise _exists(name)
        try:
            self._git.create_reference_direct(name, oid, overwrite)
        except (pygit2.GitError, ValueError, OSError) as error:
            # Also where `a` is a branch and `a/b` is to be one: git keeps them in one tree of names.
            raise bad_request(f"Invalid reference: {name}") from error

    def _delete(self, name: str, revision: str) -> None:
        found = self._ref(name)
        if found is None:
            raise revision_missing(revision)
        found.delete()

    def _object(self, commit: pygit2.Commit, path: str) -> pygit2.Object | None:
        """Return the object at a path from outside."""
        with suppress(ValueError):
            return self._lookup(commit, checked_file(path) if path else "")  # libgit2 takes `a//b` for `a/b`
        return None

    def _lookup(self, commit: pygit2.Commit, name: str) -> pygit2.Object | None:
        """Return the object at a path as pygit2 writes it."""
        # libgit2 goes down a path by recursion, on a stack that must not overflow.
        if len(name) > MAX_PATH or name.count("/") > MAX_DEPTH:
            return None
        try:
            found = commit.tree[name] if name else commit.tree
        except (KeyError, ValueError):
            return None
        except pygit2.GitError:
            raise unprocessable(f"A folder of commit {commit.id} is missing or damaged in this repository") from None
        return None if found.type == ObjectType.COMMIT else found  # a submodule: the Hub knows nothing of it

    def _oid(self, commit: pygit2.Commit, name: str) -> pygit2.Oid | None:
        found = self._lookup(commit, name)
        return None if found is None else found.id

    def _entry(self, name: str, item: pygit2.Object) -> Entry:
        oid, path = str(item.id), readable(name)
        if isinstance(item, pygit2.Tree):
            return Entry(path=path, name=name, kind="directory", oid=oid)
        try:
            # The header alone: sizes of thousands of files are asked for, their content is not.
            size = self._git.odb.read_header(oid)[1]
            pointer = Pointer.parse(self._git.odb.read(oid)[1]) if size < MAX_POINTER else None
        except (KeyError, pygit2.GitError):  # missing or damaged: there is a file of this name, and nothing in it
            size, pointer = 0, None
        return Entry(
            path=path,
            name=name,
            kind="file",
            oid=oid,
            size=pointer.size if pointer else size,
            stored=size,
            pointer=pointer,
        )


def _branch_ref(name: str) -> str:
    return name if name.startswith((HEADS, PULLS, "refs/convert/")) else HEADS + name


def _is_canonical(name: str) -> bool:
    """Whether this is the canonical spelling of a full ref."""
    try:
        return checked_revision(name) == name
    except HFValidationError:
        return False


def _with_folders(diff: pygit2.Diff) -> set[str]:
    """Return the paths of a diff and all their parent folders."""
    found: set[str] = set()
    for delta in diff.deltas:
        path = delta.new_file.path
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return found


def _exists(name: str) -> HubFault:
    return conflict(f"Reference {name} already exists")
