"""Files and folders of buckets: requests about them, and changes, which are made in batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from functools import partial

import attrs

from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.buckets.batch import change_files
from hub_typed.flows.buckets.bucket_changes import Addition, Change, Copy, Deletion
from hub_typed.flows.buckets.buckets import bucket_info
from hub_typed.flows.buckets.listing import files_below, get_bucket_paths_info, list_bucket_tree
from hub_typed.flows.buckets.metadata import get_remote_bucket_file
from hub_typed.flows.buckets.remote_file import RemoteBucketFile
from hub_typed.flows.files.file_reader import FileReader
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.lfs.content import LocalSource
from hub_typed.fs.entries import EntryInfo, folder_info
from hub_typed.fs.paths import HfFileSystemResolvedBucketPath, ResolvedPath
from hub_typed.fs.repositories import discard
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api import path as rules
from hub_typed_api.models import BucketFile, BucketFolder

__all__: list[str] = []


@attrs.frozen
class BucketRequests:
    """Requests about one file or folder of a bucket, which has no commits."""

    io: Io
    path: HfFileSystemResolvedBucketPath

    async def commit_of_revision(self) -> None:
        """Check that the bucket exists.

        Raises:
            BucketNotFoundError: It does not exist.
        """
        await bucket_info(self.io, self.path.bucket_id)

    async def find(self, *, expand: bool) -> EntryInfo | None:
        """Return information about the file or folder; ``None`` if it does not exist.

        Raises:
            BucketNotFoundError: The bucket does not exist.
        """
        path = self.path
        if not path.path:
            await self.commit_of_revision()
            return folder_info(path.unresolve())
        async for file in get_bucket_paths_info(self.io, path.bucket_id, [path.path]):
            return self._info(file)
        async for _ in list_bucket_tree(self.io, path.bucket_id, f"{path.path}/"):
            return folder_info(path.unresolve())
        return None

    async def entries(self, *, recursive: bool, expand: bool, commit: str | None) -> AsyncIterator[EntryInfo]:
        """List the folder; the Hub does not list the subfolders of all files if it is asked for all levels.

        Raises:
            EntryNotFoundError: It does not exist, or is a file.
        """
        path = self.path
        top = f"{path.path}/" if path.path else None
        known = {path.path}
        async for entry in list_bucket_tree(self.io, path.bucket_id, top, recursive=recursive):
            for folder in _folders_between(path.path, entry.path):
                if folder not in known:
                    known.add(folder)
                    yield folder_info(f"{path.root}/{folder}")
            if entry.path not in known:
                known.add(entry.path)
                yield self._info(entry)
        if top is not None and len(known) == 1:
            raise EntryNotFoundError(f"The bucket {path.bucket_id} has no folder {path.path!r}.")

    def listed(self, info: EntryInfo, commit: str) -> RemoteFile | None:
        """Return the file as a listing shows it."""
        xet_hash = info.get("xet_hash")
        if xet_hash is None:
            return None
        file = BucketFile(path=self.path.path, size=info["size"], xet_hash=xet_hash)
        return RemoteBucketFile.of(self.path.bucket_id, file)

    async def remote(self) -> RemoteFile:
        """Look up the file.

        Raises:
            EntryNotFoundError: It does not exist.
        """
        return await get_remote_bucket_file(self.io, self.path.bucket_id, self.path.path)

    def reader(self, remote: RemoteFile) -> FileReader:
        """Return a reader of the file as it was looked up."""
        path = self.path
        return FileReader(self.io, remote, partial(get_remote_bucket_file, self.io, path.bucket_id, path.path))

    @property
    def url(self) -> str:
        """URL of the file on the Hub."""
        return f"{self.io.settings.endpoint}/{self.path.root}/resolve/{rules.file(self.path.path)}"

    def _info(self, entry: BucketFile | BucketFolder) -> EntryInfo:
        name = f"{self.path.root}/{entry.path}"
        if isinstance(entry, BucketFolder):
            return EntryInfo(name=name, size=0, type="directory", uploaded_at=entry.uploaded_at)
        return EntryInfo(
            name=name,
            size=entry.size,
            type="file",
            xet_hash=entry.xet_hash,
            mtime=entry.mtime,
            uploaded_at=entry.uploaded_at,
        )


@attrs.define
class BucketChanges:
    """Changes of one bucket, which are made together as far as one request has room for them.

    Attributes:
        root: The bucket.
    """

    root: HfFileSystemResolvedBucketPath
    _changes: dict[str, Change] = attrs.field(factory=dict[str, Change])
    _folders: list[str] = attrs.field(factory=list[str])
    """Folders to delete, before the changes."""

    def add(self, path: str, content: LocalSource) -> None:
        """Write a file."""
        self._put(Addition(content, path))

    def copy(self, source: ResolvedPath, info: EntryInfo, path: str) -> bool:
        """Copy a file by its hash; return whether it has one."""
        xet_hash = info.get("xet_hash")
        if xet_hash is None:
            return False
        repo_type, repo_id, _ = source.branch
        self._put(Copy(repo_type, repo_id, xet_hash, path))
        return True

    def delete(self, path: str, *, is_folder: bool) -> None:
        """Delete a file or folder that exists on the Hub."""
        self.discard(path)
        if is_folder:
            self._folders.append(path)
        else:
            self._put(Deletion(path))

    def discard(self, path: str) -> bool:
        """Drop the changes of a path and below; return whether there were any."""
        return discard(self._changes, path)

    async def commit(self, io: Io, message: str | None, description: str | None) -> Collection[str]:
        """Make the changes, and return their paths; there are no messages.

        Raises:
            BucketNotFoundError: The bucket does not exist.
            BucketBatchError: Some changes failed; the others were made.
            XetUnavailableError: There are files to write, and this client cannot use Xet storage.
        """
        changed = [*self._folders, *self._changes]
        for folder in self._folders:
            async for file in files_below(io, HfUri("bucket", self.root.bucket_id, None, folder)):
                self._changes.setdefault(file.path, Deletion(file.path))
        changes = sorted(self._changes.values(), key=lambda change: isinstance(change, Deletion))
        await change_files(io, self.root.bucket_id, changes)
        return changed

    def _put(self, change: Change) -> None:
        """Add a change after the others; it replaces an earlier one of the same path."""
        self._changes.pop(change.path, None)
        self._changes[change.path] = change


def _folders_between(top: str, path: str) -> list[str]:
    """Return the folders below one that contain a path."""
    parts = path.split("/")[:-1]
    depth = len(top.split("/")) if top else 0
    return ["/".join(parts[:count]) for count in range(depth + 1, len(parts) + 1)]
