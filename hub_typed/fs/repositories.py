"""Files and folders of repositories: requests about them, and changes, which become commits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Final, TypeVar

import attrs

from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
)
from hub_typed.flows.files.commit_tree import TreeFile
from hub_typed.flows.files.file_reader import FileReader
from hub_typed.flows.files.metadata import get_remote_file, hf_hub_url
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.revision import request_commit
from hub_typed.flows.lfs.content import LocalSource
from hub_typed.flows.tree import get_paths_info, list_repo_tree
from hub_typed.fs.entries import EntryInfo, folder_info
from hub_typed.fs.paths import HfFileSystemResolvedRepositoryPath, ResolvedPath
from hub_typed.http.io import Io
from hub_typed_api.models import RepoFile, RepoFolder

__all__: list[str] = []

T = TypeVar("T")
NAMED_PATHS: Final = 3
"""Number of paths in the message of a commit."""


@attrs.frozen
class RepositoryRequests:
    """Requests about one file or folder of a repository."""

    io: Io
    path: HfFileSystemResolvedRepositoryPath

    async def commit_of_revision(self) -> str:
        """Return the commit that the revision has now.

        Raises:
            RepositoryNotFoundError: The repository does not exist.
            RevisionNotFoundError: The revision does not exist.
        """
        path, timeout = self.path, self.io.settings.etag_timeout
        return await request_commit(self.io, path.repo_id, path.repo_type, path.revision, timeout=timeout)

    async def find(self, *, expand: bool) -> EntryInfo | None:
        """Return information about the file or folder; ``None`` if it does not exist.

        Raises:
            RepositoryNotFoundError: The repository does not exist.
            RevisionNotFoundError: The revision does not exist.
        """
        path = self.path
        if not path.path:
            await self.commit_of_revision()
            return folder_info(path.unresolve())
        found = await get_paths_info(
            self.io, path.repo_id, path.path, expand=expand, revision=path.revision, repo_type=path.repo_type
        )
        return next((self._info(entry) for entry in found if entry.path == path.path), None)

    async def entries(self, *, recursive: bool, expand: bool, commit: str | None) -> AsyncIterator[EntryInfo]:
        """List the folder.

        Args:
            commit: Commit to list; that of the revision by default.

        Raises:
            EntryNotFoundError: It does not exist, or is a file.
        """
        path = self.path
        async for entry in list_repo_tree(
            self.io,
            path.repo_id,
            path.path,
            recursive=recursive,
            expand=expand,
            revision=commit or path.revision,
            repo_type=path.repo_type,
        ):
            yield self._info(entry)

    def listed(self, info: EntryInfo, commit: str) -> RemoteFile | None:
        """Return the file as a listing of a commit shows it; ``None`` if the Hub hides its hash."""
        path, lfs = self.path, info.get("lfs")
        file = TreeFile(
            path=path.path,
            size=info["size"],
            blob_id=info.get("blob_id", ""),
            sha256=None if lfs is None else lfs.sha256,
            xet_hash=info.get("xet_hash"),
        )
        return file.remote(path.repo_id, path.repo_type, commit)

    async def remote(self) -> RemoteFile:
        """Look up the file at the commit that its revision has now.

        Raises:
            EntryNotFoundError: The file does not exist.
        """
        path, timeout = self.path, self.io.settings.etag_timeout
        return await get_remote_file(self.io, path.repo_id, path.repo_type, path.path, path.revision, timeout=timeout)

    def reader(self, remote: RemoteFile) -> FileReader:
        """Return a reader of the file."""
        return FileReader(self.io, remote)

    @property
    def url(self) -> str:
        """URL of the file on the Hub."""
        path, endpoint = self.path, self.io.settings.endpoint
        return hf_hub_url(
            path.repo_id, path.path, repo_type=path.repo_type, revision=path.revision, endpoint=str(endpoint)
        )

    def _info(self, entry: RepoFile | RepoFolder) -> EntryInfo:
        name = f"{self.path.root}/{entry.path}"
        if isinstance(entry, RepoFile):
            return EntryInfo(
                name=name,
                size=entry.size,
                type="file",
                blob_id=entry.blob_id,
                lfs=entry.lfs,
                xet_hash=entry.xet_hash,
                last_commit=entry.last_commit,
                security=entry.security,
            )
        return EntryInfo(name=name, size=0, type="directory", tree_id=entry.tree_id, last_commit=entry.last_commit)


@attrs.define
class RepositoryChanges:
    """Changes of one branch, which become one commit.

    Attributes:
        root: The repository at the branch.
    """

    root: HfFileSystemResolvedRepositoryPath
    _operations: dict[str, CommitOperation] = attrs.field(factory=dict[str, CommitOperation])

    def add(self, path: str, content: LocalSource) -> None:
        """Write a file."""
        self._put(CommitOperationAdd(path, content))

    def copy(self, source: ResolvedPath, info: EntryInfo, path: str) -> bool:
        """Copy a file of the same repository; return whether it is one."""
        if not isinstance(source, HfFileSystemResolvedRepositoryPath) or source.branch[:2] != self.root.branch[:2]:
            return False
        self._put(CommitOperationCopy(source.path, path, source.revision))
        return True

    def delete(self, path: str, *, is_folder: bool) -> None:
        """Delete a file or folder that exists on the Hub."""
        self.discard(path)
        self._put(CommitOperationDelete(path, is_folder=is_folder))

    def discard(self, path: str) -> bool:
        """Drop the changes of a path and below; return whether there were any."""
        return discard(self._operations, path)

    async def commit(self, io: Io, message: str | None, description: str | None) -> Collection[str]:
        """Make the changes, and return their paths.

        Args:
            message: First line of the commit message; names the paths if not given.
            description: The rest of the message.

        Raises:
            RepositoryNotFoundError: The repository does not exist.
            RevisionNotFoundError: The branch does not exist.
            HfHubHTTPError: The token may not write.
        """
        if self._operations:
            await create_commit(
                io,
                self.root.repo_id,
                list(self._operations.values()),
                commit_message=message or _message(self._operations),
                commit_description=description,
                repo_type=self.root.repo_type,
                revision=self.root.revision,
            )
        return [path.rstrip("/") for path in self._operations]

    def _put(self, operation: CommitOperation) -> None:
        """Add a change after the others; it replaces an earlier one of the same path."""
        self._operations.pop(operation.path_in_repo, None)
        self._operations[operation.path_in_repo] = operation


def discard(changes: dict[str, T], path: str) -> bool:
    """Drop the changes of a path and below; return whether there were any."""
    dropped = [key for key in changes if key == path or key.startswith(f"{path}/")]
    for key in dropped:
        del changes[key]
    return bool(dropped)


def _message(operations: dict[str, CommitOperation]) -> str:
    kinds = {type(operation) for operation in operations.values()}
    verb = {CommitOperationAdd: "Write", CommitOperationCopy: "Copy to", CommitOperationDelete: "Delete"}[kinds.pop()]
    paths = list(operations)
    more = f" and {len(paths) - NAMED_PATHS} more" if len(paths) > NAMED_PATHS else ""
    return f"{'Change' if kinds else verb} {', '.join(paths[:NAMED_PATHS])}{more}"
