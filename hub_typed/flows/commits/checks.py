"""Checks of a commit before any request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.commits.prepared import Target
from hub_typed.logs.warnings import notice

__all__: list[str] = []

OF_DATASETS = (".arrow", ".parquet")
_COMMIT = re.compile(r"[A-Fa-f0-9]{5,40}")


def check_commit(
    target: Target, operations: Sequence[CommitOperation], message: str, parent_commit: str | None
) -> None:
    """Refuse invalid commits and warn about conflicting operations.

    Raises:
        ValueError: The message is empty, the parent is no commit id, or a file was committed already.
        TypeError: An operation is none.
    """
    if not (message and message.strip()):
        raise ValueError("A commit needs a message: commit_message is empty.")
    if parent_commit is not None and not _COMMIT.fullmatch(parent_commit):
        raise ValueError(
            f"parent_commit must be the id of a commit, 5 to 40 hexadecimal digits, not {parent_commit!r}."
        )
    for operation in operations:
        if not isinstance(operation, CommitOperation):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"{operation!r} is no operation: pass CommitOperationAdd, CommitOperationCopy or CommitOperationDelete."
            )
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    check_new(additions)
    _warn_of_conflicts(operations)
    data = [addition.path_in_repo for addition in additions if addition.path_in_repo.endswith(OF_DATASETS)]
    if data and target.repo_type != "dataset":
        others = f" and {len(data) - 1} other data files" if len(data) > 1 else ""
        notice(
            f"This commit adds {data[0]}{others} to a {target.repo_type} repository. Data usually goes to a dataset: "
            "repo_type='dataset'."
        )


def check_new(additions: Iterable[CommitOperationAdd]) -> None:
    """Refuse additions that were committed already.

    Raises:
        ValueError: A file was.
    """
    for addition in additions:
        if addition.stage == "committed":
            raise ValueError(
                f"{addition!r} was committed already, and an operation serves for one commit: make a new "
                "CommitOperationAdd for another one."
            )


def sole_writes(operations: Sequence[CommitOperation]) -> set[str]:
    """Return the paths that exactly one operation writes and no other operation touches."""
    written = Counter(each.path_in_repo for each in operations if not isinstance(each, CommitOperationDelete))
    deleted = {each.path_in_repo for each in operations if isinstance(each, CommitOperationDelete)}
    return {path for path, times in written.items() if times == 1 and deleted.isdisjoint(_places(path))}


def _warn_of_conflicts(operations: Sequence[CommitOperation]) -> None:
    """Warn where a later operation undoes an earlier one."""
    touched: set[str] = set()
    for operation in operations:
        path = operation.path_in_repo
        if isinstance(operation, CommitOperationDelete):
            if path in touched:
                notice(f"This commit adds files and then deletes them with {path}.")
            continue
        if path in touched:
            notice(f"This commit writes {path} twice; the later one counts.")
        touched.update(_places(path))


def _places(path: str) -> Iterator[str]:
    """Return a path and its parent folders, as deletions name them."""
    yield path
    for position, letter in enumerate(path):
        if letter == "/":
            yield path[: position + 1]
