"""Partial files: each writer has its own, and resumes what ended writers left.

In the cache and below a local folder, the parts of a content lie in one folder, under names that begin with its stem::

    <stem>.<owner>.incomplete      of one writer of this library, see `owners`
    <stem>.<8 digits>.incomplete   of the official client
    <stem>.incomplete              of older clients, and of a writer of a small file that was interrupted

A part whose process has ended on this machine is taken over by renaming it, which only one can do. Any other is never
written to, since nobody knows who else writes to it: its bytes are copied.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import attrs

from hub_typed.disk.files import PIECE, Digest, write_all
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import LEASE, Use, end, new_owner, subject_tag, use_of

__all__: list[str] = []

SUFFIX: Final = ".incomplete"
MIN_SCANNED_SIZE: Final = 256 * 1024
"""Bytes from which a content is worth looking through the folder for what others have left."""
MAX_REREAD_SIZE: Final = 64 << 20
"""Bytes up to which a file is always read once more before it is moved; of a larger one, only what others began is."""
_TOUCH_INTERVAL: Final = 512 * PIECE
_TEMPORARY: Final = (SUFFIX, ".copy", ".tmp")
_swept: dict[str, tuple[int, int]] = {}
"""How much was in a folder when it was last looked through, and how many files were fetched to it since."""


@attrs.frozen
class PartialFiles:
    """Location of the partial files of one content.

    Attributes:
        folder: The folder that they lie in.
        stem: What their names begin with.
        name_prefix: What the names of parts of other versions of the same file begin with, if that is known.
        subject: The file's path in its repository.
        size: Bytes of the whole content.
    """

    folder: Folder
    stem: str
    name_prefix: str | None
    subject: str
    size: int

    @property
    def unowned_name(self) -> str:
        """Name of the partial file that no single writer owns."""
        return f"{self.stem}{SUFFIX}"

    def list_all(self) -> list[tuple[str, os.stat_result, Use]]:
        """List the existing partial files."""
        parts: list[tuple[str, os.stat_result, Use]] = []
        for name in self.folder.names():
            if name.startswith(f"{self.stem}.") and name.endswith(SUFFIX):
                status = self.folder.status(name)
                if status is not None:
                    parts.append((name, status, use_of(name)[0]))
        return parts

    def used_by_others(self, now: float, *, locked: bool) -> list[tuple[str, int, int]]:
        """List the partial files that others may be writing, with size and time of the last change.

        Args:
            now: Seconds since 1970.
            locked: Whether this process holds the lock, so that clients that keep to it write nothing.
        """
        if self.size < MIN_SCANNED_SIZE:
            return []
        return [
            (name, status.st_size, status.st_mtime_ns)
            for name, status, use in self.list_all()
            if use is Use.LIVE
            or (use is Use.UNKNOWN and _is_fresh(status, now) and not (locked and use_of(name)[1] is None))
        ]

    def claim(self, digest: Digest, check: Callable[[], None], *, force: bool) -> PartialFile:
        """Create a partial file of this writer, with the bytes of the longest one that is free to take.

        Args:
            digest: Takes its bytes in.
            check: Called between pieces; what it raises stops the work.
            force: Begin with none.
        """
        owner = new_owner(self.subject)
        name = f"{self.stem}.{owner}{SUFFIX}"
        part: PartialFile | None = None
        try:
            if not force:
                part = self._take_over(name, owner, digest, check)
            if part is None:
                part = PartialFile(self, name, owner, self.folder.create(name))
                if not force:
                    self._copy_unowned(part, digest, check)
        except BaseException:
            if part is not None:
                part.drop()
            end(owner)
            raise
        return part

    def _take_over(self, name: str, owner: str, digest: Digest, check: Callable[[], None]) -> PartialFile | None:
        """Take over the longest partial file whose process has ended."""
        if self.size < MIN_SCANNED_SIZE:
            return None
        left = [(status.st_size, found) for found, status, use in self.list_all() if use is Use.LEFT]
        common = self.folder.status(self.unowned_name)
        for size, found in sorted(left, reverse=True):
            if size == 0 or (common is not None and common.st_size > size):
                break
            try:
                self.folder.move(found, self.folder, name)
            except FileNotFoundError:  # another one was faster
                continue
            try:
                descriptor = self.folder.open(name, os.O_RDWR)
            except OSError:  # a link, or not ours
                self.folder.remove(name)
                continue
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_size > self.size:
                os.close(descriptor)  # a hard link may be a file of the user
                self.folder.remove(name)
                continue
            part = PartialFile(self, name, owner, descriptor)
            try:
                while piece := os.read(descriptor, PIECE):
                    check()
                    if part.done % _TOUCH_INTERVAL == 0:  # who waits sees that this goes on
                        os.utime(descriptor)
                    digest.update(piece)
                    part.done += len(piece)
            except BaseException:
                part.keep()
                raise
            return part
        return None

    def _copy_unowned(self, part: PartialFile, digest: Digest, check: Callable[[], None]) -> None:
        """Copy the longest partial file whose writer is unknown."""
        candidates = [self.unowned_name]
        if self.size >= MIN_SCANNED_SIZE:
            unknown = [(status.st_size, name) for name, status, use in self.list_all() if use is Use.UNKNOWN]
            candidates = [name for _, name in sorted(unknown, reverse=True)]
        for name in candidates:
            try:
                descriptor = self.folder.open(name, os.O_RDONLY)
            except OSError:  # there is none, or a link
                continue
            with open(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or not 0 < status.st_size <= self.size:
                    continue
                while part.done < status.st_size and (piece := file.read(min(PIECE, status.st_size - part.done))):
                    check()
                    write_all(part.descriptor, piece)
                    digest.update(piece)
                    part.done += len(piece)
                part.source = name, status
                return

    def sweep(self, now: float, source: tuple[str, os.stat_result] | None = None) -> None:
        """Delete the partial files of this content, and of other versions of the file, whose writers have ended.

        Args:
            now: Seconds since 1970.
            source: A part that was copied, and how it was then: it goes, if it did not change since.
        """
        if source is None and self.size < MIN_SCANNED_SIZE and not _is_due(self.folder.path):
            return
        tag = subject_tag(self.subject)
        names = self.folder.names()
        _swept[self.folder.path] = len(names), 0
        for name in names:
            if not name.endswith(_TEMPORARY):
                continue
            use, tag_of_owner = use_of(name)
            same_file = name == self.unowned_name or name.startswith(f"{self.stem}.")
            same_file = (
                same_file or (self.name_prefix is not None and name.startswith(self.name_prefix)) or tag_of_owner == tag
            )
            if use is Use.LIVE or not (same_file or name.endswith((".tmp", ".copy", f".copy{SUFFIX}"))):
                continue
            status = self.folder.status(name)
            if status is None or stat.S_ISDIR(status.st_mode):
                continue
            unchanged = source is not None and name == source[0] and _identity(status) == _identity(source[1])
            if use is Use.LEFT or unchanged or not stat.S_ISREG(status.st_mode) or not _is_fresh(status, now):
                with suppress(OSError):
                    self.folder.remove(name)


def sweep_temporary_files(folder: Folder, now: float) -> None:
    """Delete the temporary files of small texts whose writers have ended.

    Args:
        now: Seconds since 1970.
    """
    for name in folder.names():
        if name.endswith(".tmp"):
            use, _ = use_of(name)
            status = folder.status(name)
            if status is None or stat.S_ISDIR(status.st_mode) or use is Use.LIVE:
                continue
            if use is Use.LEFT or not _is_fresh(status, now):
                with suppress(OSError):
                    folder.remove(name)


class PartialFile:
    """A partial file that only this writer writes to.

    Attributes:
        descriptor: Of the open file.
        done: Bytes that are there.
        source: The part of others that its first bytes were copied from, and how that was then.
    """

    def __init__(self, partial_files: PartialFiles, name: str, owner: str, descriptor: int) -> None:
        self.partial_files = partial_files
        self.name = name
        self.descriptor = descriptor
        self.done: int = 0
        self.source: tuple[str, os.stat_result] | None = None
        self._owner = owner
        self._open = True

    def write(self, piece: bytes) -> None:
        """Write the next bytes."""
        write_all(self.descriptor, piece)
        self.done += len(piece)

    def truncate(self) -> None:
        """Discard all bytes."""
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        self.done = 0

    def matches(self, digest: Digest, etag: str, *, resumed: bool) -> bool:
        """Whether the file on disk is what was written: size and place always, the hash up to `MAX_REREAD_SIZE`.

        Args:
            digest: A new one of the content's kind, to read the file with.
            etag: What it must give.
            resumed: Whether its bytes were written in more than one go; then it is read whatever its size.

        Raises:
            FileNotFoundError: Somebody deleted or replaced the file.
        """
        status = os.fstat(self.descriptor)
        named = self.partial_files.folder.status(self.name)
        if named is None or (status.st_dev, status.st_ino) != (named.st_dev, named.st_ino):
            raise FileNotFoundError(2, "It was deleted while it was written", self.name)
        if status.st_size != self.done:
            return False
        if self.done > MAX_REREAD_SIZE and not resumed:
            return True
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        count = 0
        while count < self.done and (piece := os.read(self.descriptor, PIECE)):
            digest.update(piece)
            count += len(piece)
        return count == self.done and digest.hexdigest() == etag

    def move(self, folder: Folder, name: str) -> None:
        """Move the file into place; it is complete there even after a power cut."""
        os.fsync(self.descriptor)
        self.partial_files.folder.move(self.name, folder, name)
        self._close()
        folder.sync()

    def keep(self) -> None:
        """Stop writing, and leave the bytes to a later writer."""
        if not self._open:
            return
        if self.done == 0:
            self._remove()
        elif self.partial_files.size < MIN_SCANNED_SIZE:  # too small to be looked for
            with suppress(OSError):
                status = self.partial_files.folder.status(self.partial_files.unowned_name)
                if status is not None and not (stat.S_ISREG(status.st_mode) and status.st_size >= self.done):
                    self.partial_files.folder.remove(self.partial_files.unowned_name)
                self.partial_files.folder.keep(self.name, self.partial_files.unowned_name)
            self._remove()
        self._close()

    def drop(self) -> None:
        """Stop writing, and delete the file."""
        if self._open:
            self._remove()
            self._close()

    def _remove(self) -> None:
        with suppress(OSError):
            self.partial_files.folder.remove(self.name)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.descriptor)
            end(self._owner)


def _is_due(folder: str) -> bool:
    """Whether to scan a folder for leftovers; the more entries, the less often."""
    entries, since = _swept.get(folder, (0, 0))
    _swept[folder] = entries, since + 1
    return (since + 1) * 64 > entries


def _is_fresh(status: os.stat_result, now: float) -> bool:
    return now - status.st_mtime < LEASE


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
