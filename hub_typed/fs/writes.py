"""Changes of repositories and buckets that are made together."""

from __future__ import annotations

from contextlib import ExitStack

from hub_typed.flows.lfs.content import LocalSource
from hub_typed.fs.buckets import BucketChanges
from hub_typed.fs.entries import EntryInfo
from hub_typed.fs.errors import file_errors
from hub_typed.fs.paths import HfFileSystemResolvedBucketPath, ResolvedPath
from hub_typed.fs.repositories import RepositoryChanges
from hub_typed.http.io import Io

__all__: list[str] = []


class PendingWrites:
    """Changes that are not made yet: one commit for each repository and branch, in the order of the first change.

    Attributes:
        scratch: Owns the files that the changes need until they are made.
    """

    def __init__(self) -> None:
        self.scratch: ExitStack = ExitStack()
        self._changes: dict[tuple[str, str, str], RepositoryChanges | BucketChanges] = {}

    def add(self, path: ResolvedPath, content: LocalSource) -> None:
        """Write a file."""
        self._of(path).add(path.path, content)

    def copy(self, source: ResolvedPath, info: EntryInfo, path: ResolvedPath) -> bool:
        """Copy a file without its content, if that is possible.

        Args:
            info: Information about the source.

        Returns:
            Whether it is possible.
        """
        return self._of(path).copy(source, info, path.path)

    def delete(self, path: ResolvedPath, *, is_folder: bool) -> None:
        """Delete a file or folder that exists on the Hub."""
        self._of(path).delete(path.path, is_folder=is_folder)

    def discard(self, path: ResolvedPath) -> bool:
        """Drop the changes of a path and below; return whether there were any."""
        changes = self._changes.get(path.branch)
        return changes is not None and changes.discard(path.path)

    async def commit(self, io: Io, message: str | None, description: str | None) -> list[ResolvedPath]:
        """Make all changes, and return the changed paths.

        Args:
            message: First line of the commit messages; names the paths if not given.
            description: The rest of the messages.

        Raises:
            FileNotFoundError: A repository, branch or bucket does not exist.
            HfHubHTTPError: The token may not write.
        """
        changed: list[ResolvedPath] = []
        try:
            for changes in self._changes.values():
                with file_errors(changes.root.unresolve()):
                    paths = await changes.commit(io, message, description)
                changed += [changes.root.at(path) for path in paths]
        finally:
            self.close()
        return changed

    def close(self) -> None:
        """Drop all changes."""
        self._changes.clear()
        self.scratch.close()

    def _of(self, path: ResolvedPath) -> RepositoryChanges | BucketChanges:
        if path.branch not in self._changes:
            if isinstance(path, HfFileSystemResolvedBucketPath):
                self._changes[path.branch] = BucketChanges(path.at(""))
            else:
                self._changes[path.branch] = RepositoryChanges(path.at(""))
        return self._changes[path.branch]
