"""Layout of the cache that all clients of the Hub share on a machine.

::

    CACHEDIR.TAG
    .locks/models--owner--name/<etag>.lock
    models--owner--name/
        blobs/<etag>                      contents, by hash; <etag>.incomplete during the download
        refs/main                         commit of a branch, tag or other ref, as of the last request
        snapshots/<commit>/<path>         links to ../../blobs/<etag>; regular files where links do not work
        .no_exist/<commit>/<path>         empty marker: the Hub reported that the file does not exist
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs

from hub_typed.disk.files import (
    MISSING_FILE_ERRORS,
    copy_file,
    create_text,
    digest_for_etag,
    disk_error,
    disk_errors,
    update_digest,
    write_symlink,
    write_text,
)
from hub_typed.disk.folders import Folder, is_file, read_file
from hub_typed.errors import DiskError, UnsafePathError
from hub_typed.flows.files.commit_tree import FilesOnDisk, TreeFile
from hub_typed.flows.files.disk_space import check_space_for
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locking import acquire_lock
from hub_typed.flows.files.metadata_folder import TAG
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.paths import COMMIT, checked_path
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.sweep import sweep_temporary_files
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer
from hub_typed_api import path as rules

__all__: list[str] = []

ATTEMPTS: Final = 3
"""Attempts to write a file that another process deletes at the same time."""


@attrs.frozen
class ExistingFile:
    """A file on disk.

    Attributes:
        commit: Commit of the file; ``None`` if unknown.
        matches_revision: Whether the file is known to belong to the requested revision, so no request is needed.
    """

    path: Path
    commit: str | None
    matches_revision: bool


@attrs.frozen
class CachedRepo:
    """One repository in the cache.

    Attributes:
        root: Folder of the whole cache.
        name: Name of the repository's folder in it.
    """

    root: Path
    name: str

    @classmethod
    def of(cls, cache_dir: str | os.PathLike[str], repo_id: str, repo_type: str | None) -> CachedRepo:
        """Return the cached repository, whether or not it exists on disk.

        Raises:
            HFValidationError: The repository id or type is invalid.
        """
        parts = [f"{rules.repo_type(repo_type)}s", *rules.checked_repo_id(repo_id).split("/")]
        return cls(Path(cache_dir).expanduser().absolute(), "--".join(parts))

    @property
    def folder(self) -> Path:
        """Folder of the repository."""
        return self.root / self.name

    def snapshot(self, commit: str) -> Path:
        """Return the folder with the files of a commit."""
        return self.folder / "snapshots" / commit

    def file(self, commit: str, path: str) -> Path:
        """Return the path of a file of a commit.

        Raises:
            UnsafePathError: The path must not be written to the cache.
        """
        return self.snapshot(commit) / checked_path(path)

    def check(self, path: str) -> None:
        """Check that a path stays in the folder of its commit.

        Raises:
            UnsafePathError: The path leads elsewhere.
        """
        checked_path(path)

    def blob(self, etag: str) -> Path:
        """Return the path of a blob."""
        return self.folder / "blobs" / etag

    def commit(self, revision: str) -> str | None:
        """Return the commit of a revision as of the last request; a commit hash is returned unchanged."""
        if COMMIT.fullmatch(revision):
            return revision
        try:
            known = read_file(self._ref(revision)).decode().strip()
        except (OSError, ValueError):  # missing, not text, or a name that this file system does not allow
            return None
        return known if COMMIT.fullmatch(known) else None

    def find(self, revision: str, path: str) -> ExistingFile | None:
        """Find a file at a revision in the cache; ``None`` if it is not there."""
        commit = self.commit(revision)
        if commit is None:
            return None
        file = self.file(commit, path)
        is_there = self._content_size(commit, path) is not None
        return ExistingFile(file, commit, matches_revision=commit == revision) if is_there else None

    def is_known_missing(self, revision: str, path: str) -> bool:
        """Whether the Hub has reported that the file does not exist."""
        commit = self.commit(revision)
        return commit is not None and is_file(str(self._missing_marker(commit, path)))

    def write_ref(self, revision: str, commit: str) -> None:
        """Write the commit of a revision. A failure is only logged, since the cache may be read-only."""
        if self.commit(revision) == commit:
            return
        *folders, name = checked_path(revision).split("/")
        try:
            with self.open() as repo, repo.enter("refs", *folders, make=True) as refs:
                write_text(refs, name, commit, repo)
        except (OSError, UnsafePathError) as error:
            _log.warning(
                "The commit of %s was not written to the cache, so offline lookups will miss it: %s", revision, error
            )

    def record_missing_file(self, revision: str, commit: str, path: str) -> None:
        """Record that the Hub reported a file as missing at a commit."""
        *folders, name = checked_path(path).split("/")
        try:
            with self.open() as repo, repo.enter(".no_exist", commit, *folders, make=True) as markers:
                if markers.status(name) is None:
                    os.close(markers.create(name))
        except (OSError, UnsafePathError) as error:
            _log.warning(
                "The cache does not record that %s does not exist: the marker was not written: %s", path, error
            )
        else:
            self.write_ref(revision, commit)

    def open(self) -> Folder:
        """Open the folder of the repository, creating it if needed, and mark the cache folder as a cache.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            OSError: The folder cannot be created.
        """
        with Folder.root(self.root, make=True) as root:
            create_text(root, "CACHEDIR.TAG", TAG)
            return root.enter(self.name, make=True)

    def open_metadata(self) -> Folder:
        """Open the folder that holds the cached file lists, creating it if needed; see `open`."""
        return self.open()

    def snapshot_lock(self, commit: str) -> tuple[Path, tuple[str, ...]]:
        """Return a trusted folder and the path below it of the lock of processes that download a commit."""
        return self.root, (".locks", self.name, f"{commit}.lock")

    @property
    def metadata_folder(self) -> Path:
        """Folder that holds the cached file lists of commits."""
        return self.folder

    def is_case_insensitive(self) -> bool:
        """Whether the file system is case-insensitive."""
        with disk_errors("the files of a repository", self.root):
            self.open().close()
        return self.folder.with_name(self.name.swapcase()).exists()

    def compare(self, commit: str, files: Iterable[TreeFile], check: Callable[[], None]) -> FilesOnDisk:
        """Compare the list of files of a commit with those in the cache.

        Args:
            check: Called for each file; an exception that it raises stops the work.
        """
        found = FilesOnDisk()
        for file in files:
            check()
            size = self._content_size(commit, file.path)
            if size is None:
                found.absent.append(file.path)
            if size != file.size or file.etag is None:
                found.outdated.append(file)
        return found

    def has(self, remote: RemoteFile) -> bool:
        """Whether a file of a commit exists with its full size."""
        return self._content_size(remote.commit, remote.path) == remote.size

    def _content_size(self, commit: str, path: str) -> int | None:
        """Return the size of a file or of the blob it links to; ``None`` if missing, or if a link leaves the cache."""
        folder = f"{self.root}{os.sep}{self.name}"
        file = f"{folder}{os.sep}snapshots{os.sep}{commit}{os.sep}{checked_path(path)}"
        try:
            try:
                target = os.readlink(file)
            except OSError:  # not a link
                status = os.lstat(file)
            else:
                up, _, name = target.replace(os.sep, "/").rpartition("/")
                usual = up == "../" * (path.count("/") + 2) + "blobs"
                if usual:
                    file = f"{folder}{os.sep}blobs{os.sep}{name}"
                status = os.lstat(file)
                if not usual or stat.S_ISLNK(status.st_mode):
                    real = os.path.realpath(file)  # newer official clients link to blobs shared by all repositories
                    if not self._is_inside(real):
                        return None
                    status = os.lstat(real)
        except (OSError, ValueError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def _is_inside(self, real: str) -> bool:
        """Whether a resolved path lies in the cache."""
        return real.startswith(os.path.realpath(self.root).rstrip(os.sep) + os.sep)

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, force: bool = False) -> Path:
        """Ensure that a file of a commit is in the cache. Of several concurrent processes, one downloads it.

        Args:
            force: Download the file even if it exists.

        Raises:
            UnsafePathError: A symbolic link is in place of a folder of the cache.
            DiskError: The file cannot be written to this disk.
        """
        file = self.file(remote.commit, remote.path)
        if not force and await io.run_blocking(lambda: self.has(remote)):
            return file
        for _ in range(ATTEMPTS):
            try:
                with disk_errors(remote.path, self.folder):
                    await self._put(io, remote, observer, force=force)
            except DiskError as error:
                if error.errno not in MISSING_FILE_ERRORS:
                    raise
                _log.warning("Starting again, since another process deleted a file during the download: %s", error)
            else:
                if await io.run_blocking(lambda: self.has(remote) or self._links_to_verified_blob(remote, io.check)):
                    return file
        vanished = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
        raise disk_error(vanished, remote.path, self.folder)

    async def _put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, force: bool) -> None:
        def open_blobs() -> Folder:
            with self.open() as repo:
                return opened.enter_context(repo.enter("blobs", make=True))

        def is_present() -> bool:
            return not force and self.has(remote)

        def is_blob_present() -> bool:
            return self._is_blob(blobs.status(remote.etag), remote, io.check)

        with ExitStack() as opened:
            blobs = await io.run_blocking(open_blobs)  # closed even if the task is cancelled
            partial_files = PartialFiles(blobs, remote.etag, None, remote.path, remote.size)
            async with acquire_lock(
                io,
                self.root,
                (".locks", self.name, f"{remote.etag}.lock"),
                is_done=is_present,
                other_writers=lambda locked: partial_files.used_by_others(io.now(), locked=locked),
            ):
                if await io.run_blocking(is_present):
                    return
                downloaded = force or not await io.run_blocking(is_blob_present)
                if downloaded:
                    await io.run_blocking(lambda: check_space_for(partial_files))
                    await fetch(io, remote, partial_files, blobs, remote.etag, observer, force=force)
                await io.run_blocking(lambda: self._link(blobs, remote, downloaded, io.settings.symlinks, io.now()))

    def has_content(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether the content of a file is on disk, so that it need not be downloaded.

        Args:
            check: Called between chunks of files that are read; an exception that it raises stops the work.
        """
        try:
            return self.has(remote) or self._is_blob(os.lstat(self.blob(remote.etag)), remote, check)
        except OSError:
            return False

    def _is_blob(self, status: os.stat_result | None, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a blob exists with the right size; the target of a link out of the cache must have the right hash."""
        if status is None:
            return False
        if stat.S_ISREG(status.st_mode):
            return status.st_size == remote.size
        if not stat.S_ISLNK(status.st_mode):
            return False
        blob = self.blob(remote.etag)
        real = os.path.realpath(blob)
        try:
            status = os.lstat(real)
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode) or status.st_size != remote.size:
            return False
        if self._is_inside(real):
            return True
        digest = digest_for_etag(remote.etag, remote.size)
        try:
            update_digest(digest, Path(real), check)
        except OSError:
            return False
        return digest.hexdigest() == remote.etag

    def _links_to_verified_blob(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a file links to a blob, possibly outside the cache, that has the right content."""
        file = self.file(remote.commit, remote.path)
        try:
            if os.path.normpath(file.parent / os.readlink(file)) != str(self.blob(remote.etag)):
                return False
            with self.open() as repo, repo.enter("blobs") as blobs:
                return self._is_blob(blobs.status(remote.etag), remote, check)
        except (OSError, UnsafePathError):
            return False

    def _link(self, blobs: Folder, remote: RemoteFile, downloaded: bool, symlinks: bool, now: float) -> None:
        """Link a blob at its path, in a folder that is created if needed."""
        path = ("snapshots", remote.commit, *remote.path.split("/")[:-1])
        with self.open() as repo, repo.enter(*path, make=True) as folder:
            if downloaded:
                sweep_temporary_files(repo, now)
            self.link_blob(remote, blobs, folder, repo, downloaded=downloaded, symlinks=symlinks)

    def link_blob(
        self, remote: RemoteFile, blobs: Folder, folder: Folder, scratch: Folder, *, downloaded: bool, symlinks: bool
    ) -> None:
        """Link a blob at its path. Where links do not work, move a new blob and copy an existing one.

        Args:
            folder: The folder of the file in the commit.
            scratch: Folder of temporary files.
            downloaded: Whether the blob is new.
            symlinks: Whether to try links.
        """
        *folders, name = remote.path.split("/")
        if symlinks:
            target = os.sep.join((*[os.pardir] * (len(folders) + 2), "blobs", remote.etag))
            try:
                write_symlink(folder, name, target, scratch)
                return
            except OSError as error:
                if error.errno in MISSING_FILE_ERRORS or isinstance(error, IsADirectoryError):
                    raise
                _log.debug("Cannot create a symbolic link at %s: %s", self.file(remote.commit, remote.path), error)
        if downloaded:
            blobs.move(remote.etag, folder, name)
        else:
            copy_file(self.blob(remote.etag), folder, name, blobs, remote.etag)

    def _ref(self, revision: str) -> Path:
        return self.folder / "refs" / checked_path(revision)

    def _missing_marker(self, commit: str, path: str) -> Path:
        return self.folder / ".no_exist" / commit / checked_path(path)
