"""Validation of a commit before any request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.logs.warnings import warn

__all__: list[str] = []

DATA_FILE_SUFFIXES = (".arrow", ".parquet")
_COMMIT_ID = re.compile(r"[A-Fa-f0-9]{5,40}")


def check_commit(
    target: Target, operations: Sequence[CommitOperation], message: str, parent_commit: str | None
) -> None:
    """Reject invalid commits and warn about conflicting operations.

    Raises:
        ValueError: The message is empty, the parent is not a commit id, or an addition was already committed.
        TypeError: An operation has another type.
    """
    if not (message and message.strip()):
        raise ValueError("commit_message is empty: pass a commit message.")
    if parent_commit is not None and not _COMMIT_ID.fullmatch(parent_commit):
        raise ValueError(f"parent_commit must be a commit id of 5 to 40 hexadecimal digits, not {parent_commit!r}.")
    for operation in operations:
        if not isinstance(operation, CommitOperation):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"{operation!r} is not a commit operation: pass CommitOperationAdd, CommitOperationCopy or "
                "CommitOperationDelete."
            )
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    check_not_committed(additions)
    _warn_of_conflicts(operations)
    data = [addition.path_in_repo for addition in additions if addition.path_in_repo.endswith(DATA_FILE_SUFFIXES)]
    if data and target.repo_type != "dataset":
        others = f" and {len(data) - 1} other data files" if len(data) > 1 else ""
        warn(
            f"This commit adds {data[0]}{others} to a {target.repo_type} repository. Data files usually belong in a "
            "dataset: pass repo_type='dataset'."
        )


def check_not_committed(additions: Iterable[CommitOperationAdd]) -> None:
    """Reject additions that were already committed.

    Raises:
        ValueError: An addition was already committed.
    """
    for addition in additions:
        if addition.stage == "committed":
            raise ValueError(
                f"{addition!r} was already committed, and an operation can be committed only once: create a new "
                "CommitOperationAdd."
            )


def paths_written_once(operations: Sequence[CommitOperation]) -> set[str]:
    """Return the paths that exactly one operation writes and no other operation touches."""
    written = Counter(each.path_in_repo for each in operations if not isinstance(each, CommitOperationDelete))
    deleted = {each.path_in_repo for each in operations if isinstance(each, CommitOperationDelete)}
    return {path for path, times in written.items() if times == 1 and deleted.isdisjoint(_path_and_parents(path))}


def _warn_of_conflicts(operations: Sequence[CommitOperation]) -> None:
    """Warn about operations that undo an earlier one."""
    touched: set[str] = set()
    for operation in operations:
        path = operation.path_in_repo
        if isinstance(operation, CommitOperationDelete):
            if path in touched:
                warn(f"This commit writes to {path} and then deletes it.")
            continue
        if path in touched:
            warn(f"This commit writes {path} twice; the later operation wins.")
        touched.update(_path_and_parents(path))


def parent_folders(path: str) -> Iterator[str]:
    """Yield the folders that contain a path, from the outermost one."""
    for position, letter in enumerate(path):
        if letter == "/":
            yield path[:position]


def _path_and_parents(path: str) -> Iterator[str]:
    """Yield a path and its parent folders, which end with a slash as in deletions."""
    yield path
    for folder in parent_folders(path):
        yield f"{folder}/"
