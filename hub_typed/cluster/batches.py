"""Batches of files, each of them a task of one worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

import attrs

__all__: list[str] = []

T = TypeVar("T")

BATCH_BYTES: Final = 4 << 30
"""Size of a batch of several files in bytes: 30 seconds at a gigabit per second, lost at most with a worker."""
BATCH_FILES: Final = 500
"""Number of files of a batch."""


@attrs.frozen
class Batch(Generic[T]):
    """Files of one task.

    Attributes:
        size: Sum of their sizes in bytes.
    """

    files: list[T]
    size: int


def batches_of(
    files: Iterable[T], *, size: Callable[[T], int], content: Callable[[T], object], max_files: float
) -> list[Batch[T]]:
    """Divide files into batches, largest files first, so that no worker begins with a large one at the end.

    Args:
        size: Returns the size of a file in bytes.
        content: Returns what files of the same content have in common; they are in one batch, so that it is
            transferred once.
        max_files: Maximum number of files of a batch; only more files of the same content are one.
    """
    groups: dict[object, list[T]] = {}
    for file in files:
        groups.setdefault(content(file), []).append(file)
    most = min(max_files, BATCH_FILES)
    found: list[Batch[T]] = []
    batch, total = list[T](), 0
    for group in sorted(groups.values(), key=lambda group: size(group[0]), reverse=True):
        if batch and (total + size(group[0]) > BATCH_BYTES or len(batch) + len(group) > most):
            found.append(Batch(batch, total))
            batch, total = [], 0
        batch += group
        total += size(group[0])
    return [*found, Batch(batch, total)] if batch else found
