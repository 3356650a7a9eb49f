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
from collections.abc import Callable
from pathlib import Path

import attrs

from hub_typed.errors import UnsafePathError
from hub_typed.flows.files.cache import TAG, CachedRepo, Found
from hub_typed.flows.files.disk import copy_file, create_text, digest_of_kind, is_whole, read_into, replace_text
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locks import held
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.paths import check_inside, checked_path
from hub_typed.io import Io
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

    def make(self) -> None:
        """Make the folder, and the one for records, which git and backup programs leave out."""
        check_inside(self.lists / "trees", self.folder)
        self.lists.mkdir(parents=True, exist_ok=True)
        create_text(self.lists / ".gitignore", "*")
        create_text(self.lists / "CACHEDIR.TAG", TAG)

    def folds_case(self) -> bool:
        """Whether the disk takes ``A`` and ``a`` for the same."""
        self.make()
        return (self.folder / ".CACHE").exists()

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool = False) -> Path:
        """Have a file of a commit in the folder: the one that is there, a copy of that in the cache, or a new one.

        Args:
            anew: Fetch it even if it is there.
        """
        file = self.file(remote.path)
        if not anew and await io.work(lambda: self.has(remote)):
            return file
        await io.work(lambda: self._prepare(remote.path))
        async with held(io, self._records(remote.path, ".lock")):
            if anew or not await io.work(lambda: self._settle(remote, io.check)):
                await fetch(io, remote, self._partial(remote), file, observer, anew=anew)
            await io.work(lambda: self._keep(remote, io.now()))
        return file

    def _prepare(self, path: str) -> None:
        check_inside(self.file(path), self.folder)
        check_inside(self._records(path, ".metadata"), self.folder)
        self.make()

    def _settle(self, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Have the content at its place without asking the Hub, if that can be."""
        file = self.file(remote.path)
        record = self._record(remote.path)
        if self._fits(record, remote) if record is not None else self._is_content(file, remote, check):
            return True
        if not self.cached.has(remote):
            return False
        copy_file(self.cached.file(remote.commit, remote.path), file, self._partial(remote).with_suffix(".copy"))
        return True

    def _fits(self, record: Record, remote: RemoteFile) -> bool:
        return record.etag == remote.etag and is_whole(self.file(remote.path), remote.size)

    def _is_content(self, file: Path, remote: RemoteFile, check: Callable[[], None]) -> bool:
        """Whether a file without a record has the right content all the same."""
        if not is_whole(file, remote.size):
            return False
        digest = digest_of_kind(remote.etag, remote.size)
        read_into(digest, file, check)
        return digest.hexdigest() == remote.etag

    def _record(self, path: str) -> Record | None:
        """What is on record of a file that is there and was not changed since."""
        file, kept = self.file(path), self._records(path, ".metadata")
        try:
            modified = file.stat().st_mtime
            commit, etag, saved = kept.read_text(encoding="utf-8").split("\n")[:3]
            record = Record(commit, etag, float(saved))
        except (OSError, ValueError):  # ValueError: it was damaged, and is written anew
            return None
        return record if modified - 1 <= record.saved else None  # clocks of disks are not more exact

    def _keep(self, remote: RemoteFile, now: float) -> None:
        """Put a file on record."""
        record = self._records(remote.path, ".metadata")
        replace_text(record, f"{remote.commit}\n{remote.etag}\n{now}\n", record.parent)

    def _partial(self, remote: RemoteFile) -> Path:
        record = self._records(remote.path, ".metadata")
        short = base64.urlsafe_b64encode(hashlib.sha1(record.name.encode(), usedforsecurity=False).digest()).decode()
        return record.with_name(f"{short}.{remote.etag}.incomplete")

    def _records(self, path: str, suffix: str) -> Path:
        return self.lists / "download" / f"{checked_path(path)}{suffix}"
