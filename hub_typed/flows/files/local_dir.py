"""Downloads into a local folder, with metadata that records the downloaded version of each file.

::

    <path>                                                    the files
    .cache/huggingface/.gitignore, CACHEDIR.TAG               exclude the metadata from git and backups
    .cache/huggingface/download/<path>.metadata               commit, ETag and time of the download, a line each
    .cache/huggingface/download/<path>.lock                   lock, held while the file is written
    .cache/huggingface/download/<hash>.<etag>.incomplete      partial file during the download
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from hub_typed.disk.files import (
    MISSING_FILE_ERRORS,
    copy_file,
    digest_for_etag,
    disk_errors,
    has_size,
    update_digest,
    write_text,
)
from hub_typed.disk.folders import Folder, is_file, read_file
from hub_typed.errors import DiskError, UnsafePathError
from hub_typed.flows.files.cache import ATTEMPTS, CachedRepo, ExistingFile
from hub_typed.flows.files.commit_tree import FilesOnDisk, TreeFile
from hub_typed.flows.files.disk_space import check_space_for
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locking import acquire_lock
from hub_typed.flows.files.metadata_folder import open_metadata_folder
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.paths import check_records, checked_path, record_conflict
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.sweep import sweep_temporary_files
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer
from hub_typed.settings import Settings

__all__: list[str] = []

RECORD_SUFFIXES: Final = (".metadata", ".lock")


@attrs.frozen
class Record:
    """Metadata of a file that is unchanged since its download.

    Attributes:
        saved: Time of the download, in seconds since 1970.
    """

    commit: str
    etag: str
    saved: float


@attrs.frozen
class LocalFolder:
    """A local folder with files of one repository.

    Attributes:
        folder: The folder.
        cached: The repository in the cache; its files are copied instead of downloaded.
        follow_links: Whether files are written through links to folders; never through those of the metadata folder.
    """

    folder: Path
    cached: CachedRepo
    follow_links: bool = False

    @classmethod
    def of(cls, local_dir: str | os.PathLike[str], cached: CachedRepo, settings: Settings) -> LocalFolder:
        """Return the local folder, whether or not it exists on disk."""
        return cls(Path(local_dir).expanduser().absolute(), cached, settings.local_dir_links == "follow")

    def file(self, path: str) -> Path:
        """Return the path of a file.

        Raises:
            UnsafePathError: The path must not be written to this folder.
        """
        self.check(path)
        return self.folder / path

    def check(self, path: str) -> None:
        """Check that a path stays in the folder and outside the metadata folder.

        Raises:
            UnsafePathError: The path leads elsewhere.
        """
        checked_path(path)
        checked_path(f"{path}.metadata")  # the longest name derived from the path
        if "/".join(path.split("/")[:2]).casefold() == ".cache/huggingface":
            raise UnsafePathError(
                f"The path {path!r} cannot be written to {self.folder}: .cache/huggingface holds the records of "
                "downloads. Skip the file with ignore_patterns."
            )

    def check_records(self, paths: Iterable[str]) -> None:
        """Check that the records of files have different names.

        Raises:
            UnsafePathError: Two conflict.
        """
        check_records(paths, RECORD_SUFFIXES)

    def find(self, revision: str, path: str) -> ExistingFile | None:
        """Find an existing file of any revision."""
        file = self.file(path)
        with disk_errors(path, self.folder):
            if not file.is_file():
                return None
        record = self._read_record(path)
        commit = None if record is None else record.commit
        return ExistingFile(file, commit, matches_revision=commit == revision)

    def compare(self, commit: str, files: Iterable[TreeFile], check: Callable[[], None]) -> FilesOnDisk:
        """Compare the list of files of a commit with those in the folder.

        Args:
            check: Called for each file; an exception that it raises stops the work.
        """
        found = FilesOnDisk()
        for file in files:
            check()
            with disk_errors(file.path, self.folder):
                if not self.file(file.path).is_file():
                    found.absent.append(file.path)
            record = self._read_record(file.path)
            if record is None or record.commit != commit or not self._is_current(record, file):
                found.outdated.append(file)
        return found

    def has(self, remote: RemoteFile) -> bool:
        """Whether a file exists and its record names the commit."""
        record = self._read_record(remote.path)
        return record is not None and record.commit == remote.commit and self._is_current(record, remote)

    def snapshot_lock(self, commit: str) -> tuple[Path, tuple[str, ...]]:
        """Return a trusted folder and the path below it of the lock of processes that download a commit."""
        return self.folder, (".cache", "huggingface", "download", f"{commit}.lock")

    @property
    def metadata_folder(self) -> Path:
        """Folder of the cached file lists and all other metadata."""
        return self.folder / ".cache" / "huggingface"

    def open_metadata(self) -> Folder:
        """Open the metadata folder, creating it if needed. It is excluded from git and backups.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            OSError: The folder cannot be created.
        """
        with Folder.root(self.folder, make=True) as root:
            return open_metadata_folder(root)

    def is_case_insensitive(self) -> bool:
        """Whether the file system is case-insensitive."""
        with disk_errors("the files of a repository", self.folder):
            self.open_metadata().close()
        return (self.folder / ".CACHE").exists()

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, force: bool = False) -> Path:
        """Ensure that a file of a commit is in the folder: keep it, copy it from the cache, or download it.

        Args:
            force: Download the file even if it exists.

        Raises:
            UnsafePathError: A symbolic link is in place of a folder.
            DiskError: The file cannot be written to this disk.
        """
        file = self.file(remote.path)
        if not force and await io.run_blocking(lambda: self.has(remote)):
            return file
        for last in (False,) * (ATTEMPTS - 1) + (True,):
            try:
                with disk_errors(remote.path, self.folder):
                    await self._put(io, remote, observer, force=force)
                break
            except DiskError as error:
                if last or error.errno not in MISSING_FILE_ERRORS:
                    raise
                _log.warning("Starting again, since another process deleted a file during the download: %s", error)
        return file

    async def _put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, force: bool) -> None:
        *folders, name = remote.path.split("/")
        prefix = name_hash(name)

        def open_all() -> tuple[Folder, Folder, Folder]:
            """Open the metadata folder, and the folders of the file and of its record."""
            self._check_place_of_record(remote.path)
            root = opened.enter_context(Folder.root(self.folder, make=True))
            metadata = opened.enter_context(open_metadata_folder(root))
            target = opened.enter_context(self.enter(root, folders))
            return metadata, target, opened.enter_context(metadata.enter("download", *folders, make=True))

        def is_present() -> bool:
            return not force and self.has(remote)

        def reuse_content() -> os.stat_result | None:
            if force:
                return None
            return self.reuse_content(remote, target, records, f"{prefix}.{remote.etag}", io.check)

        with ExitStack() as opened:
            metadata, target, records = await io.run_blocking(open_all)  # closed even if the task is cancelled
            partial_files = PartialFiles(records, f"{prefix}.{remote.etag}", f"{prefix}.", remote.path, remote.size)
            async with acquire_lock(
                io,
                self.folder,
                (".cache", "huggingface", "download", *folders, f"{name}.lock"),
                is_done=is_present,
                other_writers=lambda locked: partial_files.used_by_others(io.now(), locked=locked),
            ):
                if await io.run_blocking(is_present):
                    return
                found = await io.run_blocking(reuse_content)
                if found is None:
                    await io.run_blocking(lambda: check_space_for(partial_files))
                    found = await fetch(io, remote, partial_files, target, name, observer, force=force)
                    await io.run_blocking(lambda: sweep_temporary_files(metadata, io.now()))
                await io.run_blocking(partial(self.write_record, remote, found, target, records, metadata, io.now()))

    def write_record(
        self, remote: RemoteFile, file: os.stat_result, target: Folder, records: Folder, scratch: Folder, now: float
    ) -> None:
        """Record the downloaded version of a file, unless another process has replaced the file meanwhile.

        Args:
            file: Status of the file with this content.
            target: Folder of the file.
            records: Folder of the record.
            scratch: Folder of temporary files.
            now: Seconds since 1970.
        """
        name = remote.path.rpartition("/")[2]
        with disk_errors(f"the record of {remote.path}", self.metadata_folder):
            write_text(records, f"{name}.metadata", f"{remote.commit}\n{remote.etag}\n{now}\n", scratch)
            # Two processes may download two commits, each without a lock. Of both, the last to write its record checks
            # after the other has moved its file, so no record stays that belongs to the file of the other.
            present = target.status(name)
            if present is None or not os.path.samestat(present, file):
                records.remove(f"{name}.metadata")

    def enter(self, root: Folder, folders: Iterable[str]) -> Folder:
        """Open the folder of a file, creating it if needed."""
        try:
            return root.enter(*folders, make=True, follow=self.follow_links)
        except UnsafePathError as error:
            if self.follow_links:
                raise
            raise UnsafePathError(
                f"{error} If you made the link, allow links to folders in local_dir with "
                'Settings(local_dir_links="follow") or HUB_TYPED_LOCAL_DIR_LINKS=follow.'
            ) from error

    def reuse_content(
        self, remote: RemoteFile, target: Folder, records: Folder, stem: str, check: Callable[[], None]
    ) -> os.stat_result | None:
        """Keep the existing file, or copy it from the cache; return its status, or ``None`` if neither worked.

        Args:
            target: Folder of the file.
            records: Folder of its record, and of the temporary file.
            stem: Start of the name of the temporary file.
            check: Called between chunks; an exception that it raises stops the work.
        """
        name = remote.path.rpartition("/")[2]
        present = target.status(name)
        if present is not None and self._is_in_place(remote, check):
            return present
        if not self.cached.has(remote):
            return None
        return copy_file(self.cached.file(remote.commit, remote.path), target, name, records, stem)

    def has_content(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether the content of a file is in place or in the cache, so that it need not be downloaded.

        Args:
            check: Called between chunks of files that are read; an exception that it raises stops the work.
        """
        with disk_errors(remote.path, self.folder):
            return self._is_in_place(remote, check) or self.cached.has(remote)

    def _is_in_place(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        record = self._read_record(remote.path)
        if record is not None:
            return self._is_current(record, remote)
        return self._is_content(self.file(remote.path), remote, check)

    def _is_current(self, record: Record, remote: RemoteFile | TreeFile) -> bool:
        return record.etag == remote.etag and has_size(self.file(remote.path), remote.size)

    def _is_content(self, file: Path, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a file without a record has the right content."""
        if not is_file(str(file)) or not has_size(file, remote.size):  # an older client may have created a link
            return False
        digest = digest_for_etag(remote.etag, remote.size)
        update_digest(digest, file, check)
        return digest.hexdigest() == remote.etag

    def _read_record(self, path: str) -> Record | None:
        """Read the record of a file that exists and is unchanged since."""
        file, kept = self.file(path), self._record_path(path, ".metadata")
        try:
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode):
                return None
            modified = status.st_mtime
            commit, etag, saved = read_file(kept).decode().split("\n")[:3]
            record = Record(commit, etag, float(saved))
        except (OSError, ValueError):  # ValueError: the record is damaged and will be written again
            return None
        return record if modified - 1 <= record.saved else None  # disk clocks have a limited resolution

    def _check_place_of_record(self, path: str) -> None:
        """Check that the records of an earlier download are not in the way of those of a file.

        Raises:
            UnsafePathError: They are.
        """
        first = self._record_path(path, RECORD_SUFFIXES[0])
        is_taken = any(self._record_path(path, suffix).is_dir() for suffix in RECORD_SUFFIXES)
        if is_taken or any(folder.is_file() for folder in list(first.parents)[: path.count("/")]):
            raise record_conflict(path, "the file of an earlier download")

    def _record_path(self, path: str, suffix: str) -> Path:
        return self.metadata_folder / "download" / f"{checked_path(path)}{suffix}"


def name_hash(name: str) -> str:
    """Return the start of the names of the partial files of a file."""
    digest = hashlib.sha1(f"{name}.metadata".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode()
