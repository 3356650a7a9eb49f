"""Partial files of downloads: each writer has its own, and resumes those of writers that have ended.

The partial files of one content are in one folder, with names that begin with the same stem::

    <stem>.<owner>.incomplete      of one writer of this library, see `owners`
    <stem>.<8 digits>.incomplete   of the official client
    <stem>.incomplete              of older clients, and of an interrupted download of a small file

A partial file whose process has ended on this machine is taken over by renaming it, which succeeds for one process.
Any other partial file may still have a writer, so it is never written to: its bytes are copied. The files of
`ranged_files` have other names.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import attrs

from hub_typed.disk.files import CHUNK_SIZE, Digest, remove_abandoned_copies, write_all
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import OwnerState, end_owner, is_fresh, new_owner, owner_state, subject_tag

__all__: list[str] = []

SUFFIX: Final = ".incomplete"
RANGES_SUFFIX: Final = ".ranges"
MAP_SUFFIX: Final = ".ranges-map"
MIN_SCANNED_SIZE: Final = 256 * 1024
"""Size in bytes from which the folder is scanned for partial files of other writers."""
MAX_REREAD_SIZE: Final = 64 << 20
"""Size in bytes up to which a file is always read again before it is moved; larger files only if they were resumed."""
TOUCH_INTERVAL: Final = 512 * CHUNK_SIZE
_TEMPORARY: Final = (SUFFIX, RANGES_SUFFIX, MAP_SUFFIX, ".copy", ".tmp")
_swept: dict[str, tuple[int, int]] = {}
"""By folder: entries at its last scan, and downloads since. Without a lock, a lost count only delays the next scan."""


@attrs.frozen
class PartialFiles:
    """The partial files of one content.

    Attributes:
        folder: Folder of the partial files.
        stem: Start of their names.
        name_prefix: Start of the names of partial files of other versions of the same file, if known.
        subject: Path of the file in the repository.
        size: Size of the whole content in bytes.
    """

    folder: Folder
    stem: str
    name_prefix: str | None
    subject: str
    size: int

    @property
    def unowned_name(self) -> str:
        """Name of the partial file without an owner."""
        return f"{self.stem}{SUFFIX}"

    def list_all(self, suffixes: tuple[str, ...] = (SUFFIX,)) -> list[tuple[str, os.stat_result, OwnerState]]:
        """List the existing partial files whose names end with one of the suffixes."""
        found: list[tuple[str, os.stat_result, OwnerState]] = []
        for name in self.folder.names():
            if name.startswith(f"{self.stem}.") and name.endswith(suffixes):
                status = self.folder.status(name)
                if status is not None:
                    found.append((name, status, owner_state(name)[0]))
        return found

    def used_by_others(self, now: float, *, locked: bool) -> list[tuple[str, int, int]]:
        """List the partial files that others may be writing, with size and modification time in nanoseconds.

        Args:
            now: Seconds since 1970.
            locked: Whether this process holds the lock, so that clients that respect the lock are not writing.
        """
        if self.size < MIN_SCANNED_SIZE:
            return []
        return [
            (name, status.st_size, status.st_mtime_ns)
            for name, status, state in self.list_all((SUFFIX, RANGES_SUFFIX))
            if state is OwnerState.LIVE
            or (state is OwnerState.UNKNOWN and is_fresh(status, now) and not (locked and owner_state(name)[1] is None))
        ]

    def claim(self, digest: Digest, check: Callable[[], None], *, force: bool) -> PartialFile:
        """Create a partial file of this writer, with the bytes of the longest existing one that is available.

        Args:
            digest: Running hash, updated with these bytes.
            check: Called between chunks; an exception that it raises stops the work.
            force: Start with an empty file.
        """
        owner = new_owner(self.subject)
        name = f"{self.stem}.{owner}{SUFFIX}"
        partial_file: PartialFile | None = None
        try:
            if not force:
                partial_file = self._take_over(name, owner, digest, check)
            if partial_file is None:
                partial_file = PartialFile(self, name, owner, self.folder.create(name))
                if not force:
                    self._copy_unowned(partial_file, digest, check)
        except BaseException:
            if partial_file is not None:
                partial_file.drop()
            end_owner(owner)
            raise
        return partial_file

    def _take_over(self, name: str, owner: str, digest: Digest, check: Callable[[], None]) -> PartialFile | None:
        """Take over the longest partial file whose process has ended."""
        if self.size < MIN_SCANNED_SIZE:
            return None
        ended = [(status.st_size, found) for found, status, state in self.list_all() if state is OwnerState.ENDED]
        unowned = self.folder.status(self.unowned_name)
        for size, found in sorted(ended, reverse=True):
            if size == 0 or (unowned is not None and unowned.st_size > size):
                break
            try:
                self.folder.move(found, self.folder, name)
            except FileNotFoundError:  # another process was faster
                continue
            opened = open_partial_file(self.folder, name, os.O_RDWR, self.size)
            if opened is None:
                self.folder.remove(name)
                continue
            descriptor, _ = opened
            partial_file = PartialFile(self, name, owner, descriptor)
            try:
                while piece := os.read(descriptor, CHUNK_SIZE):
                    check()
                    if partial_file.done % TOUCH_INTERVAL == 0:  # shows waiting processes that this one makes progress
                        os.utime(descriptor)
                    digest.update(piece)
                    partial_file.done += len(piece)
            except BaseException:
                partial_file.keep()
                raise
            return partial_file
        return None

    def _copy_unowned(self, partial_file: PartialFile, digest: Digest, check: Callable[[], None]) -> None:
        """Copy the bytes of the longest partial file whose writer is unknown."""
        candidates = [self.unowned_name]
        if self.size >= MIN_SCANNED_SIZE:
            unknown = [(status.st_size, name) for name, status, state in self.list_all() if state is OwnerState.UNKNOWN]
            candidates = [name for _, name in sorted(unknown, reverse=True)]
        for name in candidates:
            opened = open_partial_file(self.folder, name, os.O_RDONLY, self.size)
            if opened is None:
                continue
            descriptor, status = opened
            with open(descriptor, "rb") as file:
                while partial_file.done < status.st_size and (
                    piece := file.read(min(CHUNK_SIZE, status.st_size - partial_file.done))
                ):
                    check()
                    write_all(partial_file.descriptor, piece)
                    digest.update(piece)
                    partial_file.done += len(piece)
                partial_file.source = name, status
                return

    def sweep(self, now: float, source: tuple[str, os.stat_result] | None = None) -> None:
        """Delete the partial files of this content, and of other versions of the file, whose writers have ended.

        Args:
            now: Seconds since 1970.
            source: A partial file that was copied, with its status at that time; deleted if unchanged since.
        """
        if source is None and self.size < MIN_SCANNED_SIZE and not _is_due(self.folder.path):
            return
        tag = subject_tag(self.subject)
        names = self.folder.names()
        _swept[self.folder.path] = len(names), 0
        for name in names:
            if not name.endswith(_TEMPORARY):
                continue
            state, tag_of_owner = owner_state(name)
            same_file = name == self.unowned_name or name.startswith(f"{self.stem}.")
            same_file = (
                same_file or (self.name_prefix is not None and name.startswith(self.name_prefix)) or tag_of_owner == tag
            )
            if state is OwnerState.LIVE or not (same_file or name.endswith((".tmp", ".copy", f".copy{SUFFIX}"))):
                continue
            status = self.folder.status(name)
            if status is None or stat.S_ISDIR(status.st_mode):
                continue
            unchanged = source is not None and name == source[0] and _identity(status) == _identity(source[1])
            if state is OwnerState.ENDED or unchanged or not stat.S_ISREG(status.st_mode) or not is_fresh(status, now):
                with suppress(OSError):
                    self.folder.remove(name)


def open_partial_file(folder: Folder, name: str, flags: int, size: int) -> tuple[int, os.stat_result] | None:
    """Open a file that may be a partial file; ``None`` if it is missing, empty, too long, or not only of this folder.

    Args:
        size: Size of the whole content in bytes.
    """
    try:
        descriptor = folder.open(name, flags)
    except OSError:  # missing, a link, or a file of another account
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or not 0 < status.st_size <= size:
        os.close(descriptor)  # a hard link may refer to a file of the user
        return None
    return descriptor, status


class PartialFile:
    """A partial file that only this writer writes to.

    Attributes:
        descriptor: Descriptor of the open file.
        done: Number of bytes in the file.
        source: Partial file of another writer from which the first bytes were copied, with its status at that time.
    """

    def __init__(self, partial_files: PartialFiles, name: str, owner: str, descriptor: int) -> None:
        self.partial_files = partial_files
        self.name = name
        self.descriptor = descriptor
        self.done: int = 0
        self.source: tuple[str, os.stat_result] | None = None
        self._owner = owner
        self._open = True

    @property
    def path(self) -> str:
        """Path of the file."""
        return os.path.join(self.partial_files.folder.path, self.name)

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
        """Whether the file on disk is what was written: by name and size, and up to `MAX_REREAD_SIZE` by hash.

        Args:
            digest: New running hash of the right kind, used to read the file.
            etag: Expected hash.
            resumed: Whether the download was resumed; if so, the file is read whatever its size.

        Raises:
            FileNotFoundError: The file was deleted or replaced.
        """
        status = os.fstat(self.descriptor)
        named = self.partial_files.folder.status(self.name)
        if named is None or (status.st_dev, status.st_ino) != (named.st_dev, named.st_ino):
            raise FileNotFoundError(2, "It was deleted during the download", self.name)
        if status.st_size != self.done:
            return False
        if self.done > MAX_REREAD_SIZE and not resumed:
            return True
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        count = 0
        while count < self.done and (piece := os.read(self.descriptor, CHUNK_SIZE)):
            digest.update(piece)
            count += len(piece)
        return count == self.done and digest.hexdigest() == etag

    def move(self, folder: Folder, name: str, digest: Digest, etag: str) -> os.stat_result:
        """Flush the file to disk and move it into place, so that it is complete there even after a power failure.

        Args:
            digest: New running hash of the right kind, used if the folder is on another disk.
            etag: Expected hash.

        Returns:
            The status of the file in place.
        """
        os.fsync(self.descriptor)
        moved = os.fstat(self.descriptor)
        try:
            self.partial_files.folder.move(self.name, folder, name)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            moved = self._copy_into_place(folder, name, digest, etag)
        self._close()
        folder.sync()
        return moved

    def _copy_into_place(self, folder: Folder, name: str, digest: Digest, etag: str) -> os.stat_result:
        """Copy the file to a folder on another disk, where it appears when the copy is complete and verified."""
        remove_abandoned_copies(folder)
        temporary = f".{self._owner}.copy"
        descriptor = folder.create(temporary)
        try:
            self._copy_to(descriptor, digest)
            if digest.hexdigest() != etag:
                raise OSError(errno.EIO, "the disk returns other bytes than were written")  # noqa: TRY301 (the handler removes the copy)
            copy = os.fstat(descriptor)
            folder.move(temporary, folder, name)
        except BaseException:
            with suppress(OSError):
                folder.remove(temporary)
            raise
        finally:
            os.close(descriptor)
        self._remove()
        return copy

    def _copy_to(self, descriptor: int, digest: Digest) -> None:
        """Copy the file, flush the copy to disk, and update a hash with what the copy contains."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        while piece := os.read(self.descriptor, CHUNK_SIZE):
            write_all(descriptor, piece)
        os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        while piece := os.read(descriptor, CHUNK_SIZE):
            digest.update(piece)

    def keep(self) -> None:
        """Close the file and keep it for a later writer."""
        if not self._open:
            return
        if self.done == 0:
            self._remove()
        elif self.partial_files.size < MIN_SCANNED_SIZE:  # too small for a scan of the folder
            with suppress(OSError):
                status = self.partial_files.folder.status(self.partial_files.unowned_name)
                if status is not None and not (stat.S_ISREG(status.st_mode) and status.st_size >= self.done):
                    self.partial_files.folder.remove(self.partial_files.unowned_name)
                self.partial_files.folder.rename_exclusive(self.name, self.partial_files.unowned_name)
            self._remove()
        self._close()

    def drop(self) -> None:
        """Close and delete the file."""
        if self._open:
            self._remove()
            self._close()

    def _remove(self) -> None:
        with suppress(OSError):
            self.partial_files.folder.remove(self.name)

    def _close(self) -> None:
        if self._open:
            self._open = False
            if self.descriptor >= 0:
                os.close(self.descriptor)
            end_owner(self._owner)


def _is_due(folder: str) -> bool:
    """Whether to scan a folder for leftover files; the more entries it has, the less often."""
    entries, since = _swept.get(folder, (0, 0))
    _swept[folder] = entries, since + 1
    return (since + 1) * 64 > entries


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
