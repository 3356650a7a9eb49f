"""Files of a repository or bucket, as a table or drawn as a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from hub_typed.cli.cells import Size, human_text
from hub_typed.cli.output import Output

if TYPE_CHECKING:
    from hub_typed import BucketFile, BucketFolder, RepoFile, RepoFolder

    Entry: TypeAlias = RepoFile | RepoFolder | BucketFile | BucketFolder

__all__ = ["print_files"]


def print_files(entries: Iterable[Entry], output: Output, *, as_tree: bool, of_bucket: bool = False) -> None:
    """Print the entries of a folder.

    Args:
        of_bucket: Whether they are of a bucket, which has no LFS files.
        as_tree: Draw a tree, where ``--json`` and ``--quiet`` do not ask for other output.
    """
    if as_tree and output.shape in ("human", "agent"):
        for line in _draw(sorted(entries, key=lambda one: one.path.split("/"))):
            output.text(line)
        return
    columns: dict[str, Callable[[Entry], object]] = {"path": _shown_path, "size": _size}
    if not of_bucket:
        columns["lfs"] = lambda one: getattr(one, "lfs", None) is not None
    output.rows(entries, columns, id=lambda one: one.path)


def _shown_path(entry: Entry) -> str:
    return f"{entry.path}/" if entry.type == "directory" else entry.path


def _size(entry: Entry) -> Size | None:
    return Size(entry.size) if entry.type == "file" else None


def _draw(entries: list[Entry]) -> Iterator[str]:
    """Draw entries, which are sorted; those above the first ones need not be among them."""
    depth = min((one.path.count("/") for one in entries), default=0)
    bars: list[bool] = []
    """Whether a line goes on below each folder above an entry."""
    for position, entry in enumerate(entries):
        level = entry.path.count("/") - depth
        is_last = not _has_sibling(entries, position)
        bars[level:] = [not is_last]
        lead = "".join("│   " if goes_on else "    " for goes_on in bars[:level])
        size = "" if entry.type == "directory" else f"  {human_text(_size(entry))}"
        name = human_text(_shown_path(entry).removesuffix("/").rpartition("/")[2])
        yield f"{lead}{'└── ' if is_last else '├── '}{name}{'/' if entry.type == 'directory' else size}"


def _has_sibling(entries: list[Entry], position: int) -> bool:
    """Whether the folder of an entry has another entry below it."""
    level = entries[position].path.count("/")
    for entry in entries[position + 1 :]:
        if (other := entry.path.count("/")) <= level:
            return other == level
    return False
