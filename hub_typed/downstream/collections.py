"""Iteration over items: filtered by patterns, and in batches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice
from pathlib import PurePath
from typing import Final, TypeVar

from hub_typed.flows.patterns import filter_paths

__all__ = ["DEFAULT_IGNORE_PATTERNS", "FORBIDDEN_FOLDERS", "chunk_iterable", "filter_repo_objects"]

T = TypeVar("T")

DEFAULT_IGNORE_PATTERNS: Final = [
    *(".git", ".git/*", "*/.git", "**/.git/**"),
    *(".cache/huggingface", ".cache/huggingface/*", "*/.cache/huggingface", "**/.cache/huggingface/**"),
]
"""Patterns of files that are never uploaded."""
FORBIDDEN_FOLDERS: Final = [".git", ".cache"]


def filter_repo_objects(
    items: Iterable[T],
    *,
    allow_patterns: list[str] | str | None = None,
    ignore_patterns: list[str] | str | None = None,
    key: Callable[[T], str] | None = None,
) -> Generator[T, None, None]:
    """Iterate over the items whose paths match an allowed pattern and no ignored one.

    Args:
        items: Paths, or anything that has one.
        allow_patterns: Shell patterns; ``*`` also matches slashes, and a pattern that ends with a slash matches
            everything in the folder. All paths are allowed if not given.
        ignore_patterns: Shell patterns of the same form; they take precedence.
        key: Returns the path of an item; items are paths if not given.

    Raises:
        ValueError: An item is not a path, and there is no ``key``.
    """
    for item in items:
        if filter_paths([_path(item) if key is None else key(item)], allow_patterns, ignore_patterns):
            yield item


def _path(item: object) -> str:
    if isinstance(item, str | PurePath):
        return str(item)
    raise ValueError(f"filter_repo_objects() cannot tell the path of {item!r}: pass key=, which returns it.")


def chunk_iterable(iterable: Iterable[T], chunk_size: int) -> Iterator[Iterator[T]]:
    """Iterate over batches of items; each is to be exhausted before the next.

    Args:
        iterable: The items.
        chunk_size: Number of items of each batch but the last.

    Raises:
        ValueError: The size is not positive.
    """
    if chunk_size < 1:
        raise ValueError(f"chunk_size is {chunk_size!r}: pass a positive number.")
    rest = iter(iterable)
    for first in rest:
        yield chain([first], islice(rest, chunk_size - 1))
