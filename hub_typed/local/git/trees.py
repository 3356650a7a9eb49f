"""Traversal of git trees, without recursion and within limits.

A tree of a few hundred bytes can name the same folder many times, and so expand to more files than fit into memory; and
it can be nested deeper than any stack.
"""

from __future__ import annotations

from collections.abc import Iterator

import pygit2
from pygit2.enums import ObjectType

from hub_typed.local.errors import HubResponseError, unprocessable
from hub_typed.local.git.limits import MAX_DEPTH, MAX_ENTRIES, MAX_NAMES
from hub_typed.local.lfs.store import MAX_POINTER, Pointer

__all__ = [
    "find_folder",
    "find_in_folder",
    "new_blobs",
    "paths_with_folders",
    "printable_name",
    "read_size_and_pointer",
    "walk_tree",
]


def printable_name(name: str) -> str:
    """Return a name as text; bytes that are not UTF-8, which pygit2 escapes, are replaced."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def walk_tree(folder: pygit2.Tree, prefix: str = "", *, recursive: bool = True) -> Iterator[tuple[str, pygit2.Object]]:
    """Iterate over the paths and objects of a tree; submodules are skipped.

    Paths are spelled as pygit2 returns them.

    Raises:
        HubResponseError: 422, the tree has too many entries, or a folder is missing or damaged.
    """
    entries = names = 0
    pending = [(folder, prefix)]
    while pending:
        tree, parent = pending.pop()
        for item in _items(tree):
            if item.type == ObjectType.COMMIT:
                continue
            path = f"{parent}{item.name}"
            entries += 1
            names += len(path)
            if entries > MAX_ENTRIES or names > MAX_NAMES:
                raise unprocessable(f"This revision has more than {MAX_ENTRIES} files and folders, or too long paths")
            yield path, item
            if recursive and isinstance(item, pygit2.Tree):
                pending.append((item, f"{path}/"))


def new_blobs(folder: pygit2.Tree, seen: set[pygit2.Oid]) -> Iterator[tuple[str, pygit2.Blob]]:
    """Iterate over the blobs of a tree that are not in ``seen``, with their paths; add them, and the folders, to it.

    Folders that cannot be read are skipped.
    """
    pending = [(folder, "")]
    while pending:
        tree, parent = pending.pop()
        if tree.id in seen:
            continue
        seen.add(tree.id)
        try:
            items = list(tree)
        except (KeyError, pygit2.GitError):
            continue
        for item in items:
            path = f"{parent}{item.name}"
            if isinstance(item, pygit2.Tree):
                if path.count("/") < MAX_DEPTH:
                    pending.append((item, f"{path}/"))
            elif isinstance(item, pygit2.Blob) and item.id not in seen:
                seen.add(item.id)
                yield path, item


def _items(tree: pygit2.Tree) -> list[pygit2.Object]:
    try:
        return list(tree)
    except (KeyError, pygit2.GitError):
        raise unprocessable(f"The folder {tree.id} is missing or damaged in this repository") from None


def find_folder(git: pygit2.Repository, root: pygit2.Oid, path: str) -> pygit2.Tree | None:
    """Return the folder at a path in a root tree; ``None`` if it does not exist.

    This descends level by level, since the recursion of libgit2 could overflow the stack.

    Raises:
        HubResponseError: 422, a folder is missing or damaged.
    """
    try:
        folder: pygit2.Object | None = git[root]
    except (KeyError, ValueError, pygit2.GitError):
        raise _damaged(root) from None
    for name in path.split("/") if path else ():
        folder = find_in_folder(folder, name) if isinstance(folder, pygit2.Tree) else None
    return folder if isinstance(folder, pygit2.Tree) else None


def find_in_folder(folder: pygit2.Tree, name: str) -> pygit2.Object | None:
    """Return the file or folder of a name; ``None`` if it does not exist, or is a submodule.

    Raises:
        HubResponseError: 422, the folder is damaged.
    """
    try:
        found = folder[name]
    except (KeyError, ValueError):
        return None
    except pygit2.GitError:
        raise _damaged(folder.id) from None
    return None if found.type == ObjectType.COMMIT else found


def read_size_and_pointer(git: pygit2.Repository, oid: pygit2.Oid) -> tuple[int, Pointer | None]:
    """Return the size of a blob, and its LFS pointer if it is one; zero if it is missing or damaged."""
    try:
        # Read only the header: thousands of files may be listed.
        size = git.odb.read_header(oid)[1]
        return size, Pointer.parse(git.odb.read(oid)[1]) if size < MAX_POINTER else None
    except (KeyError, pygit2.GitError):
        return 0, None


def paths_with_folders(diff: pygit2.Diff) -> set[str]:
    """Return the paths of a diff and all their parent folders."""
    found: set[str] = set()
    for delta in diff.deltas:
        path = delta.new_file.path
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return found


def _damaged(folder: pygit2.Oid) -> HubResponseError:
    return unprocessable(f"The folder {folder} is missing or damaged in this repository")
