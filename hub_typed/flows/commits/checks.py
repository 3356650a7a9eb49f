"""What is checked of a commit before the Hub hears of it."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd, CommitOperationDelete

__all__: list[str] = []

_COMMIT = re.compile(r"[A-Fa-f0-9]{5,40}")


def check_commit(operations: Sequence[CommitOperation], message: str, parent_commit: str | None) -> None:
    """Refuse a commit that cannot be right; warn of one that can hardly be meant so.

    Raises:
        ValueError: The message is empty, or the parent is no commit id.
        TypeError: An operation is none.
    """
    if not (message and message.strip()):
        raise ValueError("A commit needs a message: commit_message is empty.")
    if parent_commit is not None and not _COMMIT.fullmatch(parent_commit):
        raise ValueError(
            f"parent_commit must be the id of a commit, 5 to 40 hexadecimal digits, not {parent_commit!r}."
        )
    touched: set[str] = set()
    for operation in operations:
        if not isinstance(operation, CommitOperation):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{operation!r} is neither a CommitOperationAdd nor a CommitOperationDelete.")
        path = operation.path_in_repo
        if isinstance(operation, CommitOperationDelete):
            if path in touched:
                warnings.warn(f"This commit adds files and then deletes them with {path}.", stacklevel=2)
            continue
        if path in touched:
            warnings.warn(f"This commit adds {path} twice; the later one counts.", stacklevel=2)
        touched.update(_places(path))


def sole_additions(operations: Sequence[CommitOperation]) -> set[str]:
    """The paths that one addition touches and nothing else in the commit does."""
    added = Counter(operation.path_in_repo for operation in operations if isinstance(operation, CommitOperationAdd))
    deleted = {operation.path_in_repo for operation in operations if isinstance(operation, CommitOperationDelete)}
    return {path for path, times in added.items() if times == 1 and deleted.isdisjoint(_places(path))}


def _places(path: str) -> Iterator[str]:
    """A file, and the folders it lies in as they are written for a deletion."""
    yield path
    for position, letter in enumerate(path):
        if letter == "/":
            yield path[: position + 1]
