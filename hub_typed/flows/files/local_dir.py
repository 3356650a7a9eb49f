"""Files in a folder of the caller's own, with what is needed to know later whether they are up to date.

::

    <path>                                                    the files
    .cache/huggingface/.gitignore, CACHEDIR.TAG               keep what follows out of git and backups
    .cache/huggingface/download/<path>.metadata               commit, ETag and time of the download, a line each
    .cache/huggingface/download/<path>.lock                   held while the file is written
    .cache/huggingface/download/<hash>.<etag>.incomplete      its bytes while they come
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import attrs

from hub_typed.errors import DiskError, UnsafePathError
from hub_typed.flows.files.cache import ATTEMPTS, CachedRepo, Found
from hub_typed.flows.files.disk import (
    VANISHED,
    copy_file,
    digest_of_kind,
    disk_errors,
    is_whole,
    read_into,
    write_text,
)
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locks import held
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.partial import Parts, sweep_texts
from hub_typed.flows.files.paths import checked_path
from hub_typed.flows.files.records import opened_records
from hub_typed.folders import Folder, is_file, read_file
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import Observer

__all__: list[str] = []


@attrs.frozen
class Record:
    """What is known of a file that was downloaded and not touched since.

    Attributes:
        saved: Seconds since 1970.
    """

    commit: str
    etag: str
    saved: float


@attrs.frozen
class LocalFolder:
    """A folder with files of one repository.

    Attributes:
        folder: The folder.
        cached: The repository in the cache, whose files are copied instead of fetched again.
    """

    folder: Path
    cached: CachedRepo

    @classmethod
    def of(cls, local_dir: str | os.PathLike[str], cached: CachedRepo) -> LocalFolder:
        """The folder of this name, whether it is there or not."""
        return cls(Path(local_dir).expanduser().absolute(), cached)

    def file(self, path: str) -> Path:
        """Where a file is found.

        Raises:
            UnsafePathError: The path may not be written to this folder.
        """
        self.check(path)
        return self.folder / path

    def check(self, path: str) -> None:
        """See that a path stays in the folder, and out of our own records.

        Raises:
            UnsafePathError: It does not.
        """
        checked_path(path)
        checked_path(f"{path}.metadata")  # the longest name that is made of it
        if "/".join(path.split("/")[:2]).casefold() == ".cache/huggingface":
            raise UnsafePathError(
                f"The path {path!r} is not written to {self.folder}: the records of downloads are kept there. "
                "ignore_patterns leaves it out."
            )

    def find(self, revision: str, path: str) -> Found | None:
        """The file that is there, of whatever revision."""
        file = self.file(path)
        with disk_errors(path, self.folder):
            if not file.is_file():
                return None
        record = self._record(path)
        return Found(file, certain=record is not None and record.commit == revision)

    def has(self, remote: RemoteFile) -> bool:
        """Whether a file is there, and on record as that of the commit."""
        record = self._record(remote.path)
        return record is not None and record.commit == remote.commit and self._fits(record, remote)

    @property
    def lists(self) -> Path:
        """Where lists of the files of commits are kept, and all other records."""
        return self.folder / ".cache" / "huggingface"

    def open_lists(self) -> Folder:
        """Open the folder for records, making it if need be; git and backup programs leave it out.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            OSError: It cannot be made.
        """
        with Folder.root(self.folder, make=True) as root:
            return opened_records(root)

    def folds_case(self) -> bool:
        """Whether the disk takes ``A`` and ``a`` for the same."""
        with disk_errors("the files of a repository", self.folder):
            self.open_lists().close()
        return (self.folder / ".CACHE").exists()

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool = False) -> Path:
        """Have a file of a commit in the folder: the one that is there, a copy of that in the cache, or a new one.

        Args:
            anew: Fetch it even if it is there.

        Raises:
            UnsafePathError: A symbolic link is where a folder should be.
            DiskError: This disk does not take the file.
        """
        file = self.file(remote.path)
        if not anew and await io.work(lambda: self.has(remote)):
            return file
        for last in (False,) * (ATTEMPTS - 1) + (True,):
            try:
                with disk_errors(remote.path, self.folder):
                    await self._put(io, remote, observer, anew=anew)
                break
            except DiskError as error:
                if last or error.errno not in VANISHED:
                    raise
                _log.warning("Beginning anew, since something was deleted meanwhile: %s", error)
        return file

    async def _put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool) -> None:
        *folders, name = remote.path.split("/")
        record = f"{name}.metadata"
        short = base64.urlsafe_b64encode(hashlib.sha1(record.encode(), usedforsecurity=False).digest()).decode()

        def open_all() -> ExitStack:
            """The folders of the file, of its record, and of all records."""
            with ExitStack() as stack:
                root = stack.enter_context(Folder.root(self.folder, make=True))
                lists = stack.enter_context(opened_records(root))
                target = stack.enter_context(root.enter(*folders, make=True))
                records = stack.enter_context(lists.enter("download", *folders, make=True))
                opened[:] = [lists, target, records]
                return stack.pop_all()
            raise AssertionError

        def is_there() -> bool:
            return not anew and self.has(remote)

        def settle() -> bool:
            return not anew and self._settle(remote, target, records, f"{short}.{remote.etag}", io.check)

        def keep() -> None:
            with disk_errors(f"the record of {remote.path}", self.lists):
                write_text(records, record, f"{remote.commit}\n{remote.etag}\n{io.now()}\n", lists)

        opened: list[Folder] = []
        stack = await io.work(open_all)
        with stack:
            lists, target, records = opened
            parts = Parts(records, f"{short}.{remote.etag}", f"{short}.", remote.path, remote.size)
            async with held(
                io,
                self.folder,
                (".cache", "huggingface", "download", *folders, f"{name}.lock"),
                done=is_there,
                others=lambda locked: parts.others(io.now(), locked=locked),
            ):
                if await io.work(is_there):
                    return
                if not await io.work(settle):
                    await fetch(io, remote, parts, target, name, observer, anew=anew)
                    await io.work(lambda: sweep_texts(lists, io.now()))
                await io.work(keep)

    def _settle(
        self, remote: RemoteFile, target: Folder, records: Folder, stem: str, check: Callable[[], None]
    ) -> bool:
        """Have the content at its place without asking the Hub, if that can be."""
        file = self.file(remote.path)
        record = self._record(remote.path)
        if self._fits(record, remote) if record is not None else self._is_content(file, remote, check):
            return True
        if not self.cached.has(remote):
            return False
        copy_file(self.cached.file(remote.commit, remote.path), target, file.name, records, stem)
        return True

    def _fits(self, record: Record, remote: RemoteFile) -> bool:
        return record.etag == remote.etag and is_whole(self.file(remote.path), remote.size)

    def _is_content(self, file: Path, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a file without a record has the right content all the same."""
        if not is_file(str(file)) or not is_whole(file, remote.size):  # a link may be that of an older client
            return False
        digest = digest_of_kind(remote.etag, remote.size)
        read_into(digest, file, check)
        return digest.hexdigest() == remote.etag

    def _record(self, path: str) -> Record | None:
        """What is on record of a file that is there and was not changed since."""
        file, kept = self.file(path), self._records(path, ".metadata")
        try:
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode):
                return None
            modified = status.st_mtime
            commit, etag, saved = read_file(kept).decode().split("\n")[:3]
            record = Record(commit, etag, float(saved))
        except (OSError, ValueError):  # ValueError: it was damaged, and is written anew
            return None
        return record if modified - 1 <= record.saved else None  # clocks of disks are not more exact

    def _records(self, path: str, suffix: str) -> Path:
        return self.lists / "download" / f"{checked_path(path)}{suffix}"
