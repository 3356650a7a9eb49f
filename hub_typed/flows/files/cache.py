"""The cache that all clients of the Hub share on a machine.

::

    CACHEDIR.TAG
    .locks/models--owner--name/<etag>.lock
    models--owner--name/
        blobs/<etag>                      contents, by hash; <etag>.incomplete while they come
        refs/main                         the commit a branch, tag or other ref pointed to when last asked
        snapshots/<commit>/<path>         links to ../../blobs/<etag>; the files themselves where links do not work
        .no_exist/<commit>/<path>         empty: the Hub said that there is no such file
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

import attrs

from hub_typed.errors import DiskError, UnsafePathError
from hub_typed.flows.files.disk import (
    VANISHED,
    copy_file,
    create_text,
    digest_of_kind,
    disk_error,
    disk_errors,
    read_into,
    temporary_name,
    write_text,
)
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locks import held
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.partial import Parts, sweep_texts
from hub_typed.flows.files.paths import COMMIT, checked_path
from hub_typed.flows.files.records import TAG
from hub_typed.folders import Folder, is_file, read_file
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import Observer
from hub_typed.settings import Settings
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__ = ["_CACHED_NO_EXIST", "try_to_load_from_cache"]

ATTEMPTS: Final = 3
"""How often a file is written when something else deletes it meanwhile."""


class CachedNoExist(Enum):
    """The type of `_CACHED_NO_EXIST`."""

    NO_EXIST = "no such file"


_CACHED_NO_EXIST: Final = CachedNoExist.NO_EXIST
"""The cache knows that the repository has no such file at that commit."""


@attrs.frozen
class Found:
    """A file on this disk.

    Attributes:
        certain: Whether it is that of the revision asked for, whatever the Hub would say.
    """

    file: Path
    certain: bool


@attrs.frozen
class CachedRepo:
    """One repository in the cache.

    Attributes:
        root: Folder of the whole cache.
        name: Name of the repository's own folder in it.
    """

    root: Path
    name: str

    @classmethod
    def of(cls, cache_dir: str | os.PathLike[str], repo_id: str, repo_type: str | None) -> CachedRepo:
        """The place of a repository, whether anything is there or not.

        Raises:
            HFValidationError: The id or the type cannot be right.
        """
        parts = [f"{rules.repo_type(repo_type)}s", *rules.checked_repo_id(repo_id).split("/")]
        return cls(Path(cache_dir).expanduser().absolute(), "--".join(parts))

    @property
    def folder(self) -> Path:
        """The repository's own folder."""
        return self.root / self.name

    def snapshot(self, commit: str) -> Path:
        """The folder with the files of a commit."""
        return self.folder / "snapshots" / commit

    def file(self, commit: str, path: str) -> Path:
        """Where a file of a commit is found.

        Raises:
            UnsafePathError: The path may not be written to the cache.
        """
        return self.snapshot(commit) / checked_path(path)

    def check(self, path: str) -> None:
        """See that a path stays in the folder of its commit.

        Raises:
            UnsafePathError: It does not.
        """
        checked_path(path)

    def blob(self, etag: str) -> Path:
        """Where a content is kept."""
        return self.folder / "blobs" / etag

    def commit(self, revision: str) -> str | None:
        """The commit that a revision was when the Hub was last asked; a commit is itself."""
        if COMMIT.fullmatch(revision):
            return revision
        try:
            known = read_file(self._ref(revision)).decode().strip()
        except (OSError, ValueError):  # none, one that is no text, or one with a name that no file can have here
            return None
        return known if COMMIT.fullmatch(known) else None

    def find(self, revision: str, path: str) -> Found | None:
        """The file at a revision, as far as the cache knows."""
        commit = self.commit(revision)
        if commit is None:
            return None
        file = self.file(commit, path)
        return Found(file, certain=commit == revision) if self._content_size(commit, path) is not None else None

    def lacks(self, revision: str, path: str) -> bool:
        """Whether the Hub said that there is no such file."""
        commit = self.commit(revision)
        return commit is not None and is_file(str(self._absence(commit, path)))

    def remember(self, revision: str, commit: str) -> None:
        """Keep what commit a revision is. The files are of use without it, so that a cache may be read-only."""
        if self.commit(revision) == commit:
            return
        *folders, name = checked_path(revision).split("/")
        try:
            with self.open() as repo, repo.enter("refs", *folders, make=True) as refs:
                write_text(refs, name, commit, repo)
        except (OSError, UnsafePathError) as error:
            _log.warning("Offline, %s will not be found in the cache: its commit was not written: %s", revision, error)

    def remember_absence(self, revision: str, commit: str, path: str) -> None:
        """Keep that the Hub said that there is no such file, and at which commit."""
        *folders, name = checked_path(path).split("/")
        try:
            with self.open() as repo, repo.enter(".no_exist", commit, *folders, make=True) as absences:
                if absences.status(name) is None:
                    os.close(absences.create(name))
        except (OSError, UnsafePathError) as error:
            _log.warning("Offline, it will not be known that there is no %s: this was not written: %s", path, error)
        else:
            self.remember(revision, commit)

    def open(self) -> Folder:
        """Open the repository's own folder, making it if need be, and mark the whole cache as one.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            OSError: It cannot be made.
        """
        with Folder.root(self.root, make=True) as root:
            create_text(root, "CACHEDIR.TAG", TAG)
            return root.enter(self.name, make=True)

    def open_lists(self) -> Folder:
        """Open the folder where lists of the files of commits are kept, making it if need be; see `open`."""
        return self.open()

    @property
    def lists(self) -> Path:
        """Where lists of the files of commits are kept."""
        return self.folder

    def folds_case(self) -> bool:
        """Whether the disk takes ``A`` and ``a`` for the same."""
        with disk_errors("the files of a repository", self.root):
            self.open().close()
        return self.folder.with_name(self.name.swapcase()).exists()

    def has(self, remote: RemoteFile) -> bool:
        """Whether a file of a commit is there, with all its bytes."""
        return self._content_size(remote.commit, remote.path) == remote.size

    def _content_size(self, commit: str, path: str) -> int | None:
        """Bytes of a file, or of the blob that it is a link to; ``None`` if a link leads out of the cache."""
        folder = f"{self.root}{os.sep}{self.name}"
        file = os.path.join(folder, "snapshots", commit, checked_path(path))
        try:
            try:
                target = os.readlink(file)
            except OSError:  # no link
                status = os.lstat(file)
            else:
                up, _, name = target.replace(os.sep, "/").rpartition("/")
                usual = up == "../" * (path.count("/") + 2) + "blobs"
                if usual:
                    file = f"{folder}{os.sep}blobs{os.sep}{name}"
                status = os.lstat(file)
                if not usual or stat.S_ISLNK(status.st_mode):
                    real = os.path.realpath(file)  # newer official clients share the blobs of all repositories by links
                    if not self._is_inside(real):
                        return None
                    status = os.lstat(real)
        except (OSError, ValueError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def _is_inside(self, real: str) -> bool:
        """Whether a path without links lies in the cache."""
        return real.startswith(os.path.realpath(self.root).rstrip(os.sep) + os.sep)

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool = False) -> Path:
        """Have a file of a commit in the cache; one process fetches it, however many want it.

        Args:
            anew: Fetch it even if it is there.

        Raises:
            UnsafePathError: A symbolic link is where a folder of the cache should be.
            DiskError: This disk does not take the file.
        """
        file = self.file(remote.commit, remote.path)
        if not anew and await io.work(lambda: self.has(remote)):
            return file
        for _ in range(ATTEMPTS):
            try:
                with disk_errors(remote.path, self.folder):
                    await self._put(io, remote, observer, anew=anew)
            except DiskError as error:
                if error.errno not in VANISHED:
                    raise
                _log.warning("Beginning anew, since something was deleted meanwhile: %s", error)
            else:
                if await io.work(lambda: self.has(remote) or self._is_right(remote, io.check)):
                    return file
        vanished = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
        raise disk_error(vanished, remote.path, self.folder)

    async def _put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool) -> None:
        def open_blobs() -> Folder:
            with self.open() as repo:
                return repo.enter("blobs", make=True)

        def is_there() -> bool:
            return not anew and self.has(remote)

        blobs = await io.work(open_blobs)
        try:
            parts = Parts(blobs, remote.etag, None, remote.path, remote.size)
            async with held(
                io,
                self.root,
                (".locks", self.name, f"{remote.etag}.lock"),
                done=is_there,
                others=lambda locked: parts.others(io.now(), locked=locked),
            ):
                if await io.work(is_there):
                    return
                fresh = anew or not await io.work(lambda: self._is_blob(blobs, remote, io.check))
                if fresh:
                    await fetch(io, remote, parts, blobs, remote.etag, observer, anew=anew)
                await io.work(lambda: self._link(blobs, remote, fresh, io.settings.symlinks, io.now()))
        finally:
            blobs.close()

    def _is_blob(self, blobs: Folder, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a content is there; that of a link out of the cache must have the right hash."""
        status = blobs.status(remote.etag)
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
        digest = digest_of_kind(remote.etag, remote.size)
        try:
            read_into(digest, Path(real), check)
        except OSError:
            return False
        return digest.hexdigest() == remote.etag

    def _is_right(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a file is there by way of a blob that is a link out of the cache, with the right content."""
        file = self.file(remote.commit, remote.path)
        try:
            if os.path.normpath(file.parent / os.readlink(file)) != str(self.blob(remote.etag)):
                return False
            with self.open() as repo, repo.enter("blobs") as blobs:
                return self._is_blob(blobs, remote, check)
        except (OSError, UnsafePathError):
            return False

    def _link(self, blobs: Folder, remote: RemoteFile, fresh: bool, symlinks: bool, now: float) -> None:
        """Have a blob at its path: by a link; else a new blob is moved there, and one that others may use is copied."""
        *folders, name = remote.path.split("/")
        with (
            self.open() as repo,
            repo.enter("snapshots", remote.commit, *folders, make=True) as place,
        ):
            if fresh:
                sweep_texts(repo, now)
            if symlinks:
                target = os.path.join(*[os.pardir] * (len(folders) + 2), "blobs", remote.etag)
                try:
                    self._symlink(repo, place, name, target)
                    return
                except OSError as error:
                    if error.errno in VANISHED or isinstance(error, IsADirectoryError):
                        raise
                    _log.debug("No symbolic link at %s: %s", self.file(remote.commit, remote.path), error)
            if fresh:
                blobs.move(remote.etag, place, name)
            else:
                copy_file(self.blob(remote.etag), place, name, blobs, remote.etag)

    @staticmethod
    def _symlink(repo: Folder, place: Folder, name: str, target: str) -> None:
        """Make a link in one step, also where something else has its name."""
        try:
            place.link(name, target)
        except FileExistsError:
            if place.read_link(name) == target:
                return
            with temporary_name() as waiting:
                repo.link(waiting, target)
                try:
                    repo.move(waiting, place, name)
                except BaseException:
                    repo.remove(waiting)
                    raise

    def _ref(self, revision: str) -> Path:
        return self.folder / "refs" / checked_path(revision)

    def _absence(self, commit: str, path: str) -> Path:
        return self.folder / ".no_exist" / commit / checked_path(path)


def try_to_load_from_cache(
    repo_id: str,
    filename: str,
    cache_dir: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> str | CachedNoExist | None:
    """Look for a file in the cache, without asking the Hub.

    Args:
        filename: Path in the repository.
        cache_dir: Folder of the cache; that of the environment if not given.
        revision: Branch, tag or commit; ``main`` if not given.

    Returns:
        Where the file is; `_CACHED_NO_EXIST` if the Hub said that there is none; ``None`` if the cache does not know.

    Raises:
        HFValidationError: The id or the type cannot be right.
    """
    repo = CachedRepo.of(cache_dir or Settings.from_environment().cache_dir, repo_id, repo_type)
    revision = rules.checked_revision(revision or "main")
    path = rules.checked_file(filename)
    if repo.lacks(revision, path):
        return _CACHED_NO_EXIST
    found = repo.find(revision, path)
    return None if found is None else str(found.file)
