"""Printing of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_typed.cli.output import Output

if TYPE_CHECKING:
    from hub_typed import CommitInfo

__all__ = ["print_commit"]


def print_commit(commit: CommitInfo, output: Output) -> None:
    """Print the result of a commit; ``--quiet`` prints the URL of what it made, or that of its pull request."""
    fields = {"url": str(commit), "commit": commit.oid, "pull request": commit.pr_url}
    output.record(commit, fields, id=commit.pr_url or str(commit))
