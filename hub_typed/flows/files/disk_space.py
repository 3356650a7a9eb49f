"""Comparison of the free disk space with the size of a download, before its first byte.

Only what surely does not fit is refused: bytes of partial files, which a download continues, and of files that it
replaces count as free.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from functools import lru_cache

import attrs

from hub_typed.disk.files import disk_error
from hub_typed.flows.files.partial_files import RANGES_SUFFIX, SUFFIX, PartialFiles
from hub_typed.progress_bars.layout import bytes_text

__all__: list[str] = []


@attrs.frozen
class MissingContent:
    """Content that a download writes.

    Attributes:
        path: Path of the complete file; an existing one is replaced.
        size: Size in bytes.
        partial_folder: Folder of its partial files.
        stem: Start of their names.
    """

    path: str
    size: int
    partial_folder: str
    stem: str


def check_space(what: str, folder: str | os.PathLike[str], at_most: int, needed: Callable[[], int]) -> None:
    """Check that a download fits on the disk of a folder, if the disk tells its free space.

    Args:
        what: Name of what is downloaded.
        folder: Folder it is written to; it may not exist yet.
        at_most: Bytes that the download needs at most.
        needed: Returns the bytes that it needs at least; called if the disk may be too small.

    Raises:
        DiskError: The disk is too small.
    """
    free = _free_space(folder)
    if free is None or at_most <= free:
        return
    count = needed()
    if count > free:
        reason = f"{bytes_text(count)} are needed, but only {bytes_text(free)} are free"
        raise disk_error(OSError(errno.ENOSPC, reason), what, folder)


def check_space_for(partial_files: PartialFiles) -> None:
    """Check that the content of one file fits on the disk, before it replaces an existing file; see `check_space`."""
    folder, size = partial_files.folder.path, partial_files.size
    check_space(partial_files.subject, folder, size, lambda: size - _partial_bytes(folder, {partial_files.stem}))


def missing_bytes(contents: Iterable[MissingContent], folder: str | os.PathLike[str]) -> int:
    """Return the bytes that the disk of a folder needs at least for several contents."""
    device = lru_cache(None)(_device)
    disk = device(os.path.abspath(folder))
    here = {content.path: content for content in contents if device(os.path.dirname(content.path)) == disk}
    stems: dict[str, set[str]] = {}
    for content in here.values():
        stems.setdefault(content.partial_folder, set()).add(content.stem)
    needed = sum(content.size - _size_of_file(content.path) for content in here.values())
    return needed - sum(_partial_bytes(partial_folder, names) for partial_folder, names in stems.items())


def _partial_bytes(folder: str, stems: set[str]) -> int:
    """Return the bytes on disk of the partial files whose names start with one of these stems."""
    try:
        with os.scandir(folder) as entries:
            return sum(_allocated(entry) for entry in entries if _has_stem(entry.name, stems))
    except OSError:
        return 0


def _has_stem(name: str, stems: set[str]) -> bool:
    if not name.endswith((SUFFIX, RANGES_SUFFIX)):
        return False
    parts = name.split(".")  # a stem is an ETag, or the hash of a name and an ETag
    return parts[0] in stems or ".".join(parts[:2]) in stems


def _allocated(entry: os.DirEntry[str]) -> int:
    """Bytes that a file has on disk; fewer than its size if it has holes."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return min(status.st_size, getattr(status, "st_blocks", 1 << 62) * 512) if stat.S_ISREG(status.st_mode) else 0


def _size_of_file(path: str) -> int:
    try:
        status = os.lstat(path)
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _free_space(folder: str | os.PathLike[str]) -> int | None:
    """Return the free bytes on the disk of a folder; ``None`` if unknown, as on some network file systems."""
    try:
        usage = shutil.disk_usage(_nearest_existing(os.path.abspath(folder)))
    except OSError:
        return None
    return usage.free if usage.total > 0 else None


def _device(folder: str) -> int | None:
    try:
        return os.stat(_nearest_existing(folder)).st_dev
    except OSError:
        return None


def _nearest_existing(path: str) -> str:
    while not os.path.exists(path) and (parent := os.path.dirname(path)) != path:
        path = parent
    return path
