"""Partial files that are received in ranges: bytes at their final positions, and a map of what is missing.

The names differ from those of `partial_files`, since other clients take the size of such a file as the number of its
bytes, but here there may be gaps::

    <stem>.<owner>.ranges        the bytes
    <stem>.<owner>.ranges-map    checksum, size of the content, and the missing ranges

The map is written after the bytes it counts, so if the process is killed, it never counts bytes that were not written.
If the machine fails, it may; the hash of the complete file reveals that.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hub_typed.disk.files import CHUNK_SIZE, Digest
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import OwnerState, end_owner, new_owner
from hub_typed.flows.files.partial_files import (
    MAP_SUFFIX,
    RANGES_SUFFIX,
    SUFFIX,
    PartialFile,
    PartialFiles,
    open_partial_file,
)

__all__: list[str] = []

_MAX_MAP_SIZE: Final = 1 << 20


class RangedFile(PartialFile):
    """A partial file with gaps that only this writer writes to.

    Attributes:
        gaps: Missing ranges, as of the last `save`.
    """

    def __init__(self, partial_files: PartialFiles, owner: str, gaps: list[tuple[int, int]]) -> None:
        """Create the map; the file itself is created or moved to this name afterwards."""
        super().__init__(partial_files, f"{partial_files.stem}.{owner}{RANGES_SUFFIX}", owner, -1)
        self._map_name = f"{partial_files.stem}.{owner}{MAP_SUFFIX}"
        self._map = partial_files.folder.create(self._map_name)
        self.save(gaps)

    def save(self, gaps: list[tuple[int, int]]) -> None:
        """Write the map, unless the file is closed."""
        if not self._open:
            return
        self.gaps = gaps
        self.done: int = self.partial_files.size - sum(end - start for start, end in gaps)
        body = " ".join([str(self.partial_files.size), *(f"{start}-{end}" for start, end in gaps)]).encode()
        os.pwrite(self._map, b"%08x %s\n" % (zlib.crc32(body), body), 0)

    def write_at(self, data: memoryview, position: int) -> None:
        """Write bytes at a position."""
        while data:
            count = os.pwrite(self.descriptor, data, position)
            data, position = data[count:], position + count

    def read_at(self, room: memoryview, position: int) -> int:
        """Read bytes at a position into given memory, and return their number."""
        return os.preadv(self.descriptor, [room], position)

    def truncate(self) -> None:
        """Discard all bytes."""
        self.save([(0, self.partial_files.size)])
        super().truncate()

    def move(self, folder: Folder, name: str, digest: Digest, etag: str) -> os.stat_result:
        moved = super().move(folder, name, digest, etag)
        self._remove_map()
        return moved

    def keep(self) -> None:
        """Close the file and keep it for a later writer."""
        if self._open and self.done == 0:
            self._remove()
        self._close()

    def _remove(self) -> None:
        super()._remove()
        self._remove_map()

    def _remove_map(self) -> None:
        with suppress(OSError):
            self.partial_files.folder.remove(self._map_name)

    def _close(self) -> None:
        if self._open:
            os.close(self._map)
        super()._close()


def claim_ranges(files: PartialFiles, check: Callable[[], None], *, force: bool) -> RangedFile:
    """Create a partial file of this writer, with the bytes of the existing one that has the most and is available.

    Files of processes that have ended are taken over by renaming; others may still have a writer, and are copied.

    Args:
        check: Called between chunks; an exception that it raises stops the work.
        force: Start with an empty file.
    """
    owner = new_owner(files.subject)
    everything = [(0, files.size)]
    claimed: RangedFile | None = None
    try:
        claimed = RangedFile(files, owner, everything)
        for name, gaps, state in [] if force else _candidates(files):
            if state is OwnerState.ENDED and _take_over(claimed, name, gaps):
                return claimed
            if state is OwnerState.UNKNOWN and _copy(claimed, name, gaps, check):
                return claimed
        if claimed.descriptor < 0:
            claimed.descriptor = files.folder.create(claimed.name)
    except BaseException:
        if claimed is not None:
            claimed.drop()
        end_owner(owner)
        raise
    return claimed


def _candidates(files: PartialFiles) -> list[tuple[str, list[tuple[int, int]], OwnerState]]:
    """List the partial files that can be resumed, with what they lack, the most complete first."""
    found: list[tuple[int, str, list[tuple[int, int]], OwnerState]] = []
    for name, status, state in files.list_all((SUFFIX, RANGES_SUFFIX)):
        gaps = [(status.st_size, files.size)] if status.st_size < files.size else []
        if name.endswith(RANGES_SUFFIX):
            read = _read_map(files, name, status.st_size)
            if read is None:
                continue
            gaps = read
        lacking = sum(end - start for start, end in gaps)
        if lacking < files.size and state is not OwnerState.LIVE:
            found.append((lacking, name, gaps, state))
    return [(name, gaps, state) for _, name, gaps, state in sorted(found, key=lambda one: one[0])]


def _read_map(files: PartialFiles, name: str, length: int) -> list[tuple[int, int]] | None:
    """Return the missing ranges by the map of a file; ``None`` if it is damaged, or does not fit the file's length."""
    try:
        descriptor = files.folder.open(f"{name.removesuffix(RANGES_SUFFIX)}{MAP_SUFFIX}", os.O_RDONLY)
        try:
            text = os.pread(descriptor, _MAX_MAP_SIZE, 0)
        finally:
            os.close(descriptor)
        checksum, _, body = text.partition(b"\n")[0].partition(b" ")
        if int(checksum, 16) != zlib.crc32(body):
            return None
        size, *ranges = body.decode("ascii").split(" ")
        gaps = [(int(start), int(end)) for start, end in (one.split("-") for one in ranges)]
    except (OSError, ValueError):
        return None
    bounds = [0, *(position for gap in gaps for position in gap), files.size]
    last_byte = gaps[-1][0] if gaps and gaps[-1][1] == files.size else files.size
    return gaps if int(size) == files.size and bounds == sorted(bounds) and last_byte <= length else None


def _take_over(claimed: RangedFile, name: str, gaps: list[tuple[int, int]]) -> bool:
    """Rename a file of a process that has ended, which succeeds for one process."""
    files = claimed.partial_files
    claimed.save(gaps)  # before the file has this name, so that it is never without its map
    try:
        files.folder.move(name, files.folder, claimed.name)
    except FileNotFoundError:  # another process was faster
        pass
    else:
        if name.endswith(RANGES_SUFFIX):
            with suppress(OSError):
                files.folder.remove(f"{name.removesuffix(RANGES_SUFFIX)}{MAP_SUFFIX}")
        opened = open_partial_file(files.folder, claimed.name, os.O_RDWR, files.size)
        if claimed.descriptor >= 0:  # of an incomplete copy, which was replaced
            os.close(claimed.descriptor)
            claimed.descriptor = -1
        if opened is not None:
            claimed.descriptor = opened[0]
            return True
        files.folder.remove(claimed.name)
    claimed.save([(0, files.size)])
    return False


def _copy(claimed: RangedFile, name: str, gaps: list[tuple[int, int]], check: Callable[[], None]) -> bool:
    """Copy the bytes of a file that may still have a writer."""
    files = claimed.partial_files
    opened = open_partial_file(files.folder, name, os.O_RDONLY, files.size)
    if opened is None:
        return False
    descriptor, status = opened
    try:
        if claimed.descriptor < 0:
            claimed.descriptor = files.folder.create(claimed.name)
        edges = [0, *(position for gap in gaps for position in gap), files.size]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            position = start
            while position < end and (piece := os.pread(descriptor, min(CHUNK_SIZE, end - position), position)):
                check()
                claimed.write_at(memoryview(piece), position)
                position += len(piece)
            if position < end:  # it was truncated meanwhile
                return False
    finally:
        os.close(descriptor)
    claimed.save(gaps)
    claimed.source = name, status
    return True
