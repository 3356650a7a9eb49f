"""Bare git repository on disk: revisions, trees, history, refs and commits."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

import pygit2
from pygit2.enums import FileMode, ObjectType, SortMode

from hub_typed.local.errors import (
    HubResponseError,
    bad_request,
    conflict,
    entry_missing,
    forbidden,
    revision_missing,
    stale,
    unprocessable,
)
from hub_typed.local.git.limits import MAX_DEPTH, MAX_DEPTH_WRITTEN, MAX_PATH
from hub_typed.local.git.objects import HEADS, PULLS, TAGS, AuthoredMessage, Change, Entry, Put, Remove, TreeItem
from hub_typed.local.git.trees import (
    find_folder,
    find_in_folder,
    new_blobs,
    paths_with_folders,
    printable_name,
    read_size_and_pointer,
    walk_tree,
)
from hub_typed_api.path import HFValidationError, checked_file, checked_revision

__all__ = ["GitRepo"]

MAX_TEXT = 2 << 20
"""Maximum size of a text file that the Hub parses, in bytes."""
MAX_WALK = 10.0
"""Maximum number of seconds to search for the last commits of files."""
MAX_FOLDERS = 64
"""Number of folders cached during one request."""
MAX_BLOBS = 1 << 16
"""Number of blobs whose sizes and LFS pointers are cached during one request."""
_HASH = re.compile(r"[0-9a-fA-F]{5,40}")


class GitRepo:
    """A bare git repository.

    libgit2 objects belong to one thread, so create one instance for each request; this costs a few file lookups.
    Writers must hold the lock of the repository.
    """

    def __init__(self, path: Path) -> None:
        self._git = pygit2.Repository(str(path))
        # libgit2 parses a folder again for each path looked up in it, which takes long for large folders.
        self._folder = lru_cache(maxsize=MAX_FOLDERS)(partial(find_folder, self._git))
        self._size_and_pointer = lru_cache(maxsize=MAX_BLOBS)(partial(read_size_and_pointer, self._git))

    @classmethod
    def create(cls, path: Path) -> GitRepo:
        """Create an empty repository of what git requires alone, independent of templates and configuration."""
        (path / "objects" / "pack").mkdir(parents=True)
        (path / "refs").mkdir()
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n")
        return cls(path)

    def commit_at(self, revision: str) -> pygit2.Commit:
        """Return the commit of a branch, tag, full ref or (abbreviated) hash, in this order; ``HEAD`` is ``main``.

        Raises:
            HubResponseError: 404 RevisionNotFound.
        """
        names = [HEADS + revision, TAGS + revision]
        if revision.startswith("refs/"):
            names.insert(0, revision)
        if revision == "HEAD":  # default revision of the JavaScript client
            names.append(HEADS + "main")
        for name in names:
            commit = self._commit_of_ref(name)
            if commit is not None:
                return commit
        if _HASH.fullmatch(revision):
            with suppress(ValueError, pygit2.GitError):  # ambiguous, missing or damaged
                named = cast(object, self._git.get(revision))  # the stubs declare only some of the classes
                if isinstance(named, pygit2.Commit):
                    return named
        raise revision_missing(revision)

    def branch(self, name: str) -> pygit2.Commit | None:
        """Return the head of a branch or full ref; ``None`` if it does not exist."""
        return self._commit_of_ref(_branch_ref(name))

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """Return the full names of refs with a prefix, and their commits."""
        names = sorted(name for name in self._git.references if name.startswith(prefix))
        return [
            (printable_name(name), str(commit.id))
            for name in names
            if (commit := self._commit_of_ref(name)) is not None
        ]

    def create_branch(self, name: str, commit: pygit2.Commit, *, overwrite: bool = False) -> None:
        """Create a branch or full ref at a commit.

        Raises:
            HubResponseError: 409, it exists already; 400, the name of the branch is invalid.
        """
        self._set_ref(_branch_ref(name), commit.id, overwrite=overwrite)

    def delete_branch(self, name: str) -> None:
        """Delete a branch.

        Raises:
            HubResponseError: 404 RevisionNotFound; 403, the branch is ``main``.
        """
        if name == "main":
            raise forbidden("Cannot delete refs/heads/main")
        self._delete(HEADS + name, name)

    def create_tag(self, name: str, commit: pygit2.Commit, annotation: AuthoredMessage | None = None) -> None:
        """Create a tag; with a message, an annotated one.

        Raises:
            HubResponseError: 409, it exists already; 400, the name of the tag is invalid.
        """
        if annotation is None:
            self._set_ref(TAGS + name, commit.id)
            return
        if self._ref(TAGS + name) is not None:
            raise _exists(TAGS + name)
        try:
            self._git.create_tag(name, commit.id, ObjectType.COMMIT, annotation.signature(), annotation.message)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise bad_request(f"Invalid tag name: {name}") from error

    def delete_tag(self, name: str) -> None:
        """Delete a tag.

        Raises:
            HubResponseError: 404 RevisionNotFound.
        """
        self._delete(TAGS + name, name)

    def squash(self, branch: str, authored: AuthoredMessage) -> pygit2.Commit:
        """Replace the history of a branch with one commit of its current files.

        Raises:
            HubResponseError: 400, the revision is not a branch; 404 RevisionNotFound, it does not exist.
        """
        head = self.branch(branch)
        if head is None:
            self.commit_at(branch)
            raise bad_request(f"{branch} is not a branch: only the history of a branch can be squashed")
        author = authored.signature()
        oid = self._git.create_commit(None, author, author, authored.message, head.tree.id, [])
        self._set_ref(_branch_ref(branch), oid, overwrite=True)
        return self._commit(oid)

    def tree(self, commit: pygit2.Commit, path: str = "", *, recursive: bool = False) -> list[Entry]:
        """List the entries of a folder, sorted by path.

        Raises:
            HubResponseError: 404 EntryNotFound, the folder does not exist; 422, it has too many entries or is damaged.
        """
        return self.entries(self.items(commit, path, recursive=recursive))

    def items(self, commit: pygit2.Commit, path: str = "", *, recursive: bool = False) -> list[TreeItem]:
        """List the names in a folder, sorted by path, without reading sizes and LFS pointers.

        Raises:
            HubResponseError: As for `tree`.
        """
        folder = self._object(commit, path)
        if not isinstance(folder, pygit2.Tree):
            raise entry_missing(f"{path} does not exist on this revision, or is not a folder", commit=str(commit.id))
        found = walk_tree(folder, f"{path}/" if path else "", recursive=recursive)
        return sorted(found, key=lambda item: printable_name(item[0]))

    def entries(self, items: Iterable[TreeItem]) -> list[Entry]:
        """Return the entries of some of the `items`."""
        return [self._entry(*item) for item in items]

    def entry(self, commit: pygit2.Commit, path: str) -> Entry | None:
        """Return the file or folder at a path; ``None`` if it does not exist."""
        found = self._object(commit, path)
        return None if found is None else self._entry(path, found)

    def read(self, entry: Entry) -> bytes:
        """Return the blob of a file; for LFS files, the pointer.

        Raises:
            HubResponseError: 422, the blob is missing or damaged.
        """
        try:
            return self._git.odb.read(entry.oid)[1]
        except (KeyError, pygit2.GitError):
            raise unprocessable(f"The content of {entry.path} is missing or damaged in this repository") from None

    def text(self, commit: pygit2.Commit, path: str) -> str:
        """Return a text file; empty if it is missing, unreadable or larger than `MAX_TEXT`."""
        with suppress(HubResponseError):
            entry = self.entry(commit, path)
            if entry is not None and entry.kind == "file" and entry.stored <= MAX_TEXT:
                return self.read(entry).decode(errors="replace")
        return ""

    def history(self, commit: pygit2.Commit) -> Iterator[pygit2.Commit]:
        """Iterate over a commit and its ancestors, newest first."""
        with suppress(pygit2.GitError):  # a commit is missing or damaged: its ancestors are unknown
            yield from self._git.walk(commit.id, SortMode.TOPOLOGICAL | SortMode.TIME)

    def size(self) -> int:
        """Return the size of all files in all revisions in bytes, LFS contents included; each version counts once."""
        total = 0
        seen: set[pygit2.Oid] = set()
        for _, head in self.refs("refs/"):
            for commit in self.history(self._commit(pygit2.Oid(hex=head))):
                with suppress(HubResponseError, pygit2.GitError):
                    total += sum(self._entry(path, item).size for path, item in new_blobs(commit.tree, seen))
        return total

    def last_commits(self, commit: pygit2.Commit, paths: Collection[str]) -> dict[str, pygit2.Commit]:
        """Return the last commit that changed each path.

        The history is walked once; the cost of each commit depends on its changes, not on the number of paths. After
        `MAX_WALK` seconds, the remaining paths are left out.
        """
        end = time.monotonic() + MAX_WALK
        found: dict[str, pygit2.Commit] = {}
        wanted = {path: oid for path in paths if (oid := self._oid(commit, path)) is not None}
        with suppress(HubResponseError, KeyError, pygit2.GitError):  # a commit is damaged: its changes are unknown
            for step in self.history(commit):
                if not wanted or time.monotonic() > end:
                    break
                # A file that a parent already contains was changed in that parent, or before it.
                for path in wanted.keys() & self._changed(step):
                    if time.monotonic() > end:
                        break
                    if self._oid(step, path) == wanted[path]:
                        found[path] = step
                        del wanted[path]
        return found

    def commit(
        self, branch: str, parent: pygit2.Commit | None, changes: Iterable[Change], authored: AuthoredMessage
    ) -> pygit2.Commit:
        """Add a commit to a branch or full ref.

        If the changes have no effect, no commit is created, and the parent is returned.

        Args:
            parent: Current head of the branch; start of a new branch; ``None`` for a commit without history.

        Raises:
            HubResponseError: 404 EntryNotFound, a file or folder to remove does not exist; 400, a path is invalid; 412,
                the branch has moved; 422, folders are nested too deep.
        """
        index = pygit2.Index()
        if parent is not None:
            index.read_tree(parent.tree)
        for change in changes:
            self._apply(index, change)
        entries = cast("Iterable[pygit2.IndexEntry]", index)
        if any(str(entry.path).count("/") > MAX_DEPTH_WRITTEN for entry in entries):
            raise unprocessable(f"A commit may have at most {MAX_DEPTH_WRITTEN} nested folders")
        author = authored.signature()
        tree = index.write_tree(self._git)
        if parent is not None and tree == parent.tree.id:
            if self.branch(branch) is None:
                self._set_ref(_branch_ref(branch), parent.id)
            return parent
        parents = [] if parent is None else [parent.id]
        try:
            oid = self._git.create_commit(_branch_ref(branch), author, author, authored.message, tree, parents)
        except pygit2.GitError as error:
            raise stale() from error
        return self._commit(oid)

    def orphan(self, authored: AuthoredMessage) -> pygit2.Commit:
        """Create a commit without files and parents; no branch points to it."""
        author = authored.signature()
        tree = self._git.TreeBuilder().write()
        return self._commit(self._git.create_commit(None, author, author, authored.message, tree, []))

    def _apply(self, index: pygit2.Index, change: Change) -> None:
        if isinstance(change, Put):
            mode = index[change.path].mode if change.path in index else FileMode.BLOB
            try:
                index.add(pygit2.IndexEntry(change.path, self._git.create_blob(change.data), mode))
            except (pygit2.GitError, ValueError, OSError) as error:
                raise bad_request(f"Invalid path in a repository: {change.path!r}") from error
        elif isinstance(change, Remove) and change.path in index:
            index.remove(change.path)
        else:
            before = len(index)
            index.remove_directory(change.path)
            if len(index) == before:
                kind = "file" if isinstance(change, Remove) else "folder"
                raise entry_missing(f"A {kind} with this name does not exist: {change.path}")

    def _changed(self, commit: pygit2.Commit) -> set[str]:
        """Return the files and folders that differ from all parents of a commit."""
        if not commit.parents:
            return paths_with_folders(commit.tree.diff_to_tree(swap=True))
        first, *others = (paths_with_folders(parent.tree.diff_to_tree(commit.tree)) for parent in commit.parents)
        return first.intersection(*others)

    def _commit(self, oid: pygit2.Oid) -> pygit2.Commit:
        commit = self._git[oid]
        assert isinstance(commit, pygit2.Commit)
        return commit

    def _ref(self, name: str) -> pygit2.Reference | None:
        if not _is_canonical(name):  # libgit2 normalizes names, such as `refs/pr//1` to `refs/pr/1`
            return None
        try:
            return self._git.lookup_reference(name)
        except (KeyError, ValueError, pygit2.GitError):  # missing, damaged or invalid
            return None

    def _commit_of_ref(self, name: str) -> pygit2.Commit | None:
        """Return the commit a ref points to; ``None`` also for tags of other objects."""
        ref = self._ref(name)
        try:
            return ref and ref.peel(pygit2.Commit)
        except (pygit2.GitError, KeyError, ValueError):  # not a commit, missing or damaged
            return None

    def _set_ref(self, name: str, oid: pygit2.Oid, *, overwrite: bool = False) -> None:
        if not _is_canonical(name):
            raise bad_request(f"Invalid reference: {name!r}")
        if not overwrite and self._ref(name) is not None:
            raise _exists(name)
        try:
            self._git.create_reference_direct(name, oid, overwrite)
        except (pygit2.GitError, ValueError, OSError) as error:
            # Also if `a` is a branch and the name is `a/b`: git stores refs in one tree of names.
            raise bad_request(f"Invalid reference: {name}") from error

    def _delete(self, name: str, revision: str) -> None:
        ref = self._ref(name)
        if ref is None:
            raise revision_missing(revision)
        ref.delete()

    def _object(self, commit: pygit2.Commit, path: str) -> pygit2.Object | None:
        """Return the object at a path given by a caller; ``None`` if the path is not canonical."""
        with suppress(ValueError):
            return self._lookup(commit, checked_file(path) if path else "")  # libgit2 treats `a//b` as `a/b`
        return None

    def _lookup(self, commit: pygit2.Commit, name: str) -> pygit2.Object | None:
        """Return the object at a path as pygit2 spells it."""
        if len(name) > MAX_PATH or name.count("/") > MAX_DEPTH:
            return None
        parent, _, last = name.rpartition("/")
        folder = self._folder(commit.tree_id, parent)
        return find_in_folder(folder, last) if folder is not None and last else folder

    def _oid(self, commit: pygit2.Commit, name: str) -> pygit2.Oid | None:
        found = self._lookup(commit, name)
        return None if found is None else found.id

    def _entry(self, name: str, item: pygit2.Object) -> Entry:
        oid, path = str(item.id), printable_name(name)
        if isinstance(item, pygit2.Tree):
            return Entry(path=path, name=name, kind="directory", oid=oid)
        size, pointer = self._size_and_pointer(item.id)
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


def _exists(name: str) -> HubResponseError:
    return conflict(f"Reference {name} already exists")
