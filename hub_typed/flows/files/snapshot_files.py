"""Download the missing files of one commit."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import attrs

from hub_typed.disk.files import disk_errors
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.cache_writer import CacheWriter
from hub_typed.flows.files.commit_tree import TreeFile
from hub_typed.flows.files.disk_space import MissingContent, check_space, missing_bytes
from hub_typed.flows.files.local_dir import LocalFolder, name_hash
from hub_typed.flows.files.local_dir_writer import LocalFolderWriter
from hub_typed.flows.files.locking import open_lock
from hub_typed.flows.files.metadata import get_remote_file
from hub_typed.flows.files.paths import check_conflicts
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.small_files import MAX_SMALL_SIZE, SmallFileWriter, put_small_files
from hub_typed.http.io import Io
from hub_typed.progress import Job

if TYPE_CHECKING:
    from hub_typed.flows.files.dry_run import DryRunFileInfo

__all__: list[str] = []


@attrs.frozen
class SnapshotDownload:
    """Download of files of one commit.

    Attributes:
        timeout: Seconds to wait for metadata of a file that the list of files lacks.
    """

    io: Io
    destination: CachedRepo | LocalFolder
    repo_id: str
    repo_type: str
    commit: str
    timeout: float | None

    async def run(self, files: list[TreeFile], job: Job | None, *, force: bool, limit: int | None) -> None:
        """Ensure that all files are at the destination: first the small ones, then all others.

        Args:
            job: Job that the files belong to.
            limit: Maximum number of concurrent downloads; ``None`` for as many as the connection and the processor
                allow.
        """

        async def put(file: TreeFile) -> None:
            remote = self._listed_metadata(file) or await get_remote_file(
                self.io, self.repo_id, self.repo_type, file.path, self.commit, timeout=self.timeout
            )
            await self.destination.put(self.io, remote, job, force=force)
            if job is not None:  # another process may have transferred it
                job.settle([file.path])

        missing = await self.find_missing(files, force=force)
        if job is not None:
            job.settle({file.path for file in files} - {file.path for file in missing})
        if not missing:
            return
        small: dict[str, list[RemoteFile]] = {}
        others: list[TreeFile] = []
        for file in missing:
            remote = self._listed_metadata(file)
            if remote is not None and remote.size < MAX_SMALL_SIZE:
                small.setdefault(remote.etag, []).append(remote)
            else:
                others.append(file)
        if small:
            unusual = await self._put_small(list(small.values()), job, force=force, limit=limit)
            paths = {remote.path for remote in unusual}
            others += [file for file in missing if file.path in paths]
        await self.io.each(put, others, limit=limit, adaptive=limit is None)

    async def find_missing(self, files: list[TreeFile], *, force: bool = False) -> list[TreeFile]:
        """Return the files to download, after checking that all can be written and that these fit on the disk.

        Raises:
            DiskError: They do not fit.
            UnsafePathError: A file would be written outside its folder, or two files to the same path.
        """
        missing = await self.io.run_blocking(lambda: files if force else self._compare(files))
        if missing:
            await self.io.run_blocking(lambda: self._check(files, missing))
        return missing

    def plan(self, files: list[TreeFile], *, force: bool) -> list[DryRunFileInfo]:
        """Return what `run` would do with each file, without writing to disk."""
        from hub_typed.flows.files.dry_run import plan_files

        check_conflicts([file.path for file in files], lambda: False)
        return plan_files(self.destination, self.commit, files, self._listed_metadata, self.io.check, force=force)

    async def _put_small(
        self, groups: list[list[RemoteFile]], job: Job | None, *, force: bool, limit: int | None
    ) -> list[RemoteFile]:
        """Download groups of small files of the same content; return the files that are left to the usual download."""
        async with self._writer() as writer, self._shared_work() as is_shared:

            async def put(group: list[RemoteFile]) -> list[RemoteFile]:
                left = await put_small_files(self.io, group, writer, job, force=force)
                if job is not None:  # of several files of the same content, one is transferred
                    job.settle({file.path for file in group} - {file.path for file in left})
                return left

            if is_shared:  # each process starts elsewhere, and skips what the others have written
                start = int(self.io.random() * len(groups))
                groups = groups[start:] + groups[:start]
            left = await self.io.each(put, groups, limit=limit, adaptive=limit is None)
        return [file for group in left for file in group]

    @asynccontextmanager
    async def _writer(self) -> AsyncGenerator[SmallFileWriter, None]:
        opened: list[SmallFileWriter] = []

        def open_writer() -> SmallFileWriter:
            with disk_errors(f"the files of {self.repo_id}", self.destination.folder):
                if isinstance(self.destination, CachedRepo):
                    opened.append(CacheWriter(self.destination, self.io))
                else:
                    opened.append(LocalFolderWriter(self.destination, self.io))
            return opened[0]

        try:
            yield await self.io.run_blocking(open_writer)
        finally:
            for writer in opened:  # also if the task is cancelled before `run_blocking` returns
                try:
                    await self.io.run_blocking(writer.close)
                finally:
                    writer.close()  # if the task is cancelled before a thread begins with it

    @asynccontextmanager
    async def _shared_work(self) -> AsyncGenerator[bool, None]:
        """Yield whether another process is downloading small files of this commit."""
        root, names = self.destination.snapshot_lock(self.commit)
        async with open_lock(self.io, root, names) as lock:
            yield lock is not None and not await self.io.run_blocking(lock.try_acquire)

    def _compare(self, files: list[TreeFile]) -> list[TreeFile]:
        return self.destination.compare(self.commit, files, self.io.check).outdated

    def _check(self, files: list[TreeFile], missing: list[TreeFile]) -> None:
        """Check that all files can be written, and that the missing ones fit on the disk."""
        for file in files:
            self.destination.check(file.path)
        check_conflicts([file.path for file in files], self.destination.is_case_insensitive)
        folder = self.destination.folder

        def needed() -> int:
            listed = [remote for file in missing if (remote := self._listed_metadata(file)) is not None]
            return missing_bytes(map(self._content, listed), folder)

        check_space(f"{len(missing)} files of {self.repo_id}", folder, sum(file.size for file in missing), needed)

    def _content(self, remote: RemoteFile) -> MissingContent:
        """Return where the content of a file is written."""
        if isinstance(self.destination, CachedRepo):
            blob = str(self.destination.blob(remote.etag))
            return MissingContent(blob, remote.size, os.path.dirname(blob), remote.etag)
        folder, _, name = remote.path.rpartition("/")
        records = self.destination.metadata_folder / "download" / folder
        path = str(self.destination.file(remote.path))
        return MissingContent(path, remote.size, str(records), f"{name_hash(name)}.{remote.etag}")

    def _listed_metadata(self, file: TreeFile) -> RemoteFile | None:
        """Return the metadata of a file from the list; ``None`` if the Hub hides its hash."""
        return file.remote(self.repo_id, self.repo_type, self.commit)
