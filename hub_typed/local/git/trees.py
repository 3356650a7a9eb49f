"""Traversal of git trees, without recursion and within limits.

A tree of a few hundred bytes can name the same folder many times, and so expand to more files than fit into memory; and
it can be nested deeper than any stack.
"""

from __future__ import annotations

from collections.abc import Iterator

import pygit2
from pygit2.enums import ObjectType

from hub_typed.local.errors import unprocessable
from hub_typed.local.git.limits import MAX_DEPTH, MAX_ENTRIES, MAX_NAMES

__all__ = ["new_blobs", "printable_name", "walk_tree"]


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
