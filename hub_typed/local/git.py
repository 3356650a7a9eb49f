"""One bare git repository on disk: its revisions, trees, history, refs and commits. There is no working copy."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, TypeAlias, cast

import attrs
import pygit2
from pygit2.enums import FileMode, ObjectType, SortMode

from hub_typed.local.faults import (
    HubFault,
    bad_request,
    conflict,
    entry_missing,
    forbidden,
    revision_missing,
    stale,
    unprocessable,
)
from hub_typed.local.lfs import MAX_POINTER, Pointer
from hub_typed.local.repo_limits import MAX_DEPTH, MAX_DEPTH_WRITTEN, MAX_PATH
from hub_typed.local.trees import new_blobs, readable, walked
from hub_typed_api.path import HFValidationError, checked_file, checked_revision

__all__ = ["HEADS", "PULLS", "TAGS", "Change", "Entry", "GitRepo", "Item", "Put", "Remove", "RemoveFolder", "Signed"]

HEADS = "refs/heads/"
TAGS = "refs/tags/"
PULLS = "refs/pr/"
MAX_TEXT = 2 << 20
"""Bytes of a text file that the Hub itself looks into."""
MAX_WALK = 10.0
"""Seconds to look for the commits that files come from."""
MAX_FOLDERS = 64
"""Folders that are kept while one request is answered."""
MAX_MEASURED = 1 << 16
"""Files whose sizes are kept likewise."""
_HASH = re.compile(r"[0-9a-fA-F]{5,40}")


@attrs.frozen(kw_only=True)
class Entry:
    """A file or folder of a tree.

    Attributes:
        name: The path as pygit2 writes it: bytes that are no UTF-8 are escaped there, and replaced in ``path``.
        size: Bytes of the content; for a large file, of what its pointer stands for.
        stored: Bytes git holds: those of the pointer for a large file.
    """

    path: str
    name: str
    kind: Literal["file", "directory"]
    oid: str
    size: int = 0
    stored: int = 0
    pointer: Pointer | None = None


Item: TypeAlias = tuple[str, pygit2.Object]
"""The path of a file or folder, as pygit2 writes it, and what lies there."""


@attrs.frozen
class Put:
    """Write a file."""

    path: str
    data: bytes


@attrs.frozen
class Remove:
    """Remove a file, which must be there."""

    path: str


@attrs.frozen
class RemoveFolder:
    """Remove a folder, which must be there, with all that is in it."""

    path: str


Change: TypeAlias = Put | Remove | RemoveFolder


@attrs.frozen(kw_only=True)
class Signed:
    """Who says what in a commit or an annotated tag."""

    user: str
    message: str

    def signature(self) -> pygit2.Signature:
        return pygit2.Signature(self.user, f"{self.user}@users.noreply.localhost", int(time.time()), 0)


class GitRepo:
    """A bare git repository.

    libgit2 objects belong to one thread: make a new one of these for each request, it costs a few file look-ups.
    Writers must hold the repository's lock.
    """

    def __init__(self, path: Path) -> None:
        self._git = pygit2.Repository(str(path))
        # libgit2 reads a folder anew for each path in it that it is asked for: of a large one, that is the most of it.
        self._folder = lru_cache(maxsize=MAX_FOLDERS)(partial(_found_folder, self._git))
        self._measured = lru_cache(maxsize=MAX_MEASURED)(partial(_measured, self._git))

    @classmethod
    def create(cls, path: Path) -> GitRepo:
        """Make an empty repository, whatever the user's own git settings say."""
        pygit2.init_repository(str(path), bare=True, initial_head="main")
        return cls(path)

    # Revisions

    def commit_at(self, revision: str) -> pygit2.Commit:
        """The commit a branch, tag, full ref name or (part of a) hash names, in this order; ``HEAD`` is ``main``.

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
        """The head of a branch, or of a ref given by its full name; ``None`` if there is none."""
        return self._lead(_branch_ref(name))

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """Full names of the refs that begin like this, and the commits they lead to."""
        names = sorted(name for name in self._git.references if name.startswith(prefix))
        return [(readable(name), str(commit.id)) for name in names if (commit := self._lead(name)) is not None]

    def create_branch(self, name: str, commit: pygit2.Commit, *, overwrite: bool = False) -> None:
        """Let a branch, or a ref given by its full name, begin at a commit.

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
        """Tag a commit; with a message, the tag is an annotated one.

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
        """Let one commit without parents, with the files of its head, take the place of a branch.

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
        """What lies in a folder, sorted by path.

        Raises:
            HubFault: 404 EntryNotFound, there is no such folder; 422, it has too much in it, or is damaged.
        """
        return self.entries(self.items(commit, path, recursive=recursive))

    def items(self, commit: pygit2.Commit, path: str = "", *, recursive: bool = False) -> list[Item]:
        """The same, of which nothing is read but the names: `entries` reads the rest, of those that are wanted.

        Raises:
            HubFault: Those of `tree`.
        """
        folder = self._object(commit, path)
        if not isinstance(folder, pygit2.Tree):
            raise entry_missing(f"{path} does not exist on this revision, or is no folder", commit=str(commit.id))
        found = walked(folder, f"{path}/" if path else "", recursive=recursive)
        return sorted(found, key=lambda item: readable(item[0]))

    def entries(self, items: Iterable[Item]) -> list[Entry]:
        """Some of the files and folders that `items` has found."""
        return [self._entry(*item) for item in items]

    def entry(self, commit: pygit2.Commit, path: str) -> Entry | None:
        """The file or folder at a path."""
        found = self._object(commit, path)
        return None if found is None else self._entry(path, found)

    def read(self, entry: Entry) -> bytes:
        """The bytes git holds of a file; for a large one, its pointer.

        Raises:
            HubFault: 422, it is damaged.
        """
        try:
            return self._git.odb.read(entry.oid)[1]
        except (KeyError, pygit2.GitError):
            raise unprocessable(f"The content of {entry.path} is missing or damaged in this repository") from None

    def text(self, commit: pygit2.Commit, path: str) -> str:
        """A text file; nothing, where there is none that can be read, or it is larger than any text should be."""
        with suppress(HubFault):
            entry = self.entry(commit, path)
            if entry is not None and entry.kind == "file" and entry.stored <= MAX_TEXT:
                return self.read(entry).decode(errors="replace")
        return ""

    # History

    def history(self, commit: pygit2.Commit) -> Iterator[pygit2.Commit]:
        """A commit and what came before it, newest first."""
        with suppress(pygit2.GitError):  # a commit is missing or damaged: what lies behind it cannot be told
            yield from self._git.walk(commit.id, SortMode.TOPOLOGICAL | SortMode.TIME)

    def size(self) -> int:
        """Bytes of all files in all revisions, of large ones the content; each version counts once."""
        total = 0
        seen: set[pygit2.Oid] = set()
        for _, head in self.refs("refs/"):
            for commit in self.history(self._commit(pygit2.Oid(hex=head))):
                with suppress(HubFault, pygit2.GitError):
                    total += sum(self._entry(path, item).size for path, item in new_blobs(commit.tree, seen))
        return total

    def last_commits(self, commit: pygit2.Commit, paths: Collection[str]) -> dict[str, pygit2.Commit]:
        """The commit that gave each path its present content.

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
                    if time.monotonic() > end:
                        break
                    if self._oid(step, path) == wanted[path]:
                        found[path] = step
                        del wanted[path]
        return found

    # Commits

    def commit(
        self, branch: str, parent: pygit2.Commit | None, changes: Iterable[Change], signed: Signed
    ) -> pygit2.Commit:
        """Add a commit to a branch, or to a ref given by its full name.

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
        """A commit without files and without history, on no branch yet."""
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
            before = len(index)
            index.remove_directory(change.path)
            if len(index) == before:
                raise entry_missing(f"A folder with this name does not exist: {change.path}")

    def _changed(self, commit: pygit2.Commit) -> set[str]:
        """The files and folders that no parent of a commit has as it has them."""
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
        """The commit that a ref leads to; ``None`` also for a tag of something else, which git can push."""
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
        """What lies at a path that somebody asks for."""
        with suppress(ValueError):
            return self._lookup(commit, checked_file(path) if path else "")  # libgit2 takes `a//b` for `a/b`
        return None

    def _lookup(self, commit: pygit2.Commit, name: str) -> pygit2.Object | None:
        """What lies at a path, as pygit2 writes it."""
        if len(name) > MAX_PATH or name.count("/") > MAX_DEPTH:
            return None
        above, _, last = name.rpartition("/")
        folder = self._folder(commit.tree_id, above)
        return _inside(folder, last) if folder is not None and last else folder

    def _oid(self, commit: pygit2.Commit, name: str) -> pygit2.Oid | None:
        found = self._lookup(commit, name)
        return None if found is None else found.id

    def _entry(self, name: str, item: pygit2.Object) -> Entry:
        oid, path = str(item.id), readable(name)
        if isinstance(item, pygit2.Tree):
            return Entry(path=path, name=name, kind="directory", oid=oid)
        size, pointer = self._measured(item.id)
        return Entry(
            path=path,
            name=name,
            kind="file",
            oid=oid,
            size=pointer.size if pointer else size,
            stored=size,
            pointer=pointer,
        )


def _found_folder(git: pygit2.Repository, root: pygit2.Oid, name: str) -> pygit2.Tree | None:
    """A folder at a path below another one; libgit2 would go down by recursion, on a stack that must not overflow.

    Raises:
        HubFault: 422, it is missing or damaged.
    """
    folder: pygit2.Object | None = _object(git, root)
    for part in name.split("/") if name else ():
        folder = _inside(folder, part) if isinstance(folder, pygit2.Tree) else None
    return folder if isinstance(folder, pygit2.Tree) else None


def _inside(folder: pygit2.Tree, name: str) -> pygit2.Object | None:
    """What has a name in a folder.

    Raises:
        HubFault: 422, it is missing or damaged.
    """
    try:
        found = folder[name]
    except (KeyError, ValueError):
        return None
    except pygit2.GitError:
        raise _damaged(folder.id) from None
    return None if found.type == ObjectType.COMMIT else found  # a submodule: the Hub knows nothing of it


def _object(git: pygit2.Repository, oid: pygit2.Oid) -> pygit2.Object:
    try:
        return git[oid]
    except (KeyError, ValueError, pygit2.GitError):
        raise _damaged(oid) from None


def _measured(git: pygit2.Repository, oid: pygit2.Oid) -> tuple[int, Pointer | None]:
    """How many bytes git holds of a file, and the pointer that it is, if it is one."""
    try:
        # The header alone: sizes of thousands of files are asked for, their content is not.
        size = git.odb.read_header(oid)[1]
        return size, Pointer.parse(git.odb.read(oid)[1]) if size < MAX_POINTER else None
    except (KeyError, pygit2.GitError):  # missing or damaged: there is a file of this name, and nothing in it
        return 0, None


def _branch_ref(name: str) -> str:
    return name if name.startswith((HEADS, PULLS, "refs/convert/")) else HEADS + name


def _is_canonical(name: str) -> bool:
    """Whether the full name of a ref is exactly that, and not another way to write one."""
    try:
        return checked_revision(name) == name
    except HFValidationError:
        return False


def _with_folders(diff: pygit2.Diff) -> set[str]:
    """The paths of a difference, and those of all folders above."""
    found: set[str] = set()
    for delta in diff.deltas:
        path = delta.new_file.path
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return found


def _damaged(folder: pygit2.Oid) -> HubFault:
    return unprocessable(f"The folder {folder} is missing or damaged in this repository")


def _exists(name: str) -> HubFault:
    return conflict(f"Reference {name} already exists")
