"""Changes of repositories that become one commit each."""

from __future__ import annotations

from contextlib import ExitStack

import attrs

from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
)
from hub_typed.flows.lfs.content import LocalSource
from hub_typed.fs.errors import file_errors
from hub_typed.fs.paths import HfFileSystemResolvedPath
from hub_typed.http.io import Io

__all__: list[str] = []

NAMED_PATHS = 3
"""Number of paths in the message of a commit."""


@attrs.define
class _Branch:
    """Changes of one branch, by path in the repository."""

    root: HfFileSystemResolvedPath
    operations: dict[str, CommitOperation] = attrs.field(factory=dict[str, CommitOperation])

    def put(self, operation: CommitOperation) -> None:
        """Add a change after the others; it replaces an earlier one of the same path."""
        self.operations.pop(operation.path_in_repo, None)
        self.operations[operation.path_in_repo] = operation


class PendingWrites:
    """Changes that are not committed yet: one commit for each repository and branch, in the order of the first change.

    Attributes:
        scratch: Owns the files that the changes need until they are committed.
    """

    def __init__(self) -> None:
        self.scratch: ExitStack = ExitStack()
        self._branches: dict[tuple[str, str, str], _Branch] = {}

    def add(self, path: HfFileSystemResolvedPath, content: LocalSource) -> None:
        """Write a file."""
        self._branch(path).put(CommitOperationAdd(path.path_in_repo, content))

    def copy(self, source: HfFileSystemResolvedPath, path: HfFileSystemResolvedPath) -> None:
        """Copy a file within a repository."""
        self._branch(path).put(CommitOperationCopy(source.path_in_repo, path.path_in_repo, source.revision))

    def delete(self, path: HfFileSystemResolvedPath, *, is_folder: bool) -> None:
        """Delete a file or folder that exists on the Hub."""
        self.discard(path)
        self._branch(path).put(CommitOperationDelete(path.path_in_repo, is_folder=is_folder))

    def discard(self, path: HfFileSystemResolvedPath) -> bool:
        """Drop the changes of a path and below; return whether there were any."""
        branch = self._branches.get(path.branch)
        if branch is None:
            return False
        dropped = [
            key for key in branch.operations if key == path.path_in_repo or key.startswith(f"{path.path_in_repo}/")
        ]
        for key in dropped:
            del branch.operations[key]
        return bool(dropped)

    async def commit(self, io: Io, message: str | None, description: str | None) -> list[HfFileSystemResolvedPath]:
        """Commit all changes, and return the changed paths.

        Args:
            message: First line of the commit messages; names the paths if not given.
            description: The rest of the messages.

        Raises:
            FileNotFoundError: A repository or branch does not exist.
            HfHubHTTPError: The token may not write.
        """
        changed: list[HfFileSystemResolvedPath] = []
        try:
            for branch in self._branches.values():
                if not branch.operations:
                    continue
                with file_errors(branch.root.unresolve()):
                    await create_commit(
                        io,
                        branch.root.repo_id,
                        list(branch.operations.values()),
                        commit_message=message or _message(branch.operations),
                        commit_description=description,
                        repo_type=branch.root.repo_type,
                        revision=branch.root.revision,
                    )
                changed += [branch.root.at(path.rstrip("/")) for path in branch.operations]
        finally:
            self.close()
        return changed

    def close(self) -> None:
        """Drop all changes."""
        self._branches.clear()
        self.scratch.close()

    def _branch(self, path: HfFileSystemResolvedPath) -> _Branch:
        return self._branches.setdefault(path.branch, _Branch(path.at("")))


def _message(operations: dict[str, CommitOperation]) -> str:
    kinds = {type(operation) for operation in operations.values()}
    verb = {CommitOperationAdd: "Write", CommitOperationCopy: "Copy to", CommitOperationDelete: "Delete"}[kinds.pop()]
    paths = list(operations)
    more = f" and {len(paths) - NAMED_PATHS} more" if len(paths) > NAMED_PATHS else ""
    return f"{'Change' if kinds else verb} {', '.join(paths[:NAMED_PATHS])}{more}"
