"""Atomic file operations, hashes of files, and disk errors."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from hub_typed.disk.folders import Folder, open_file
from hub_typed.disk.owners import OwnerState, end_owner, new_owner, owner_state
from hub_typed.errors import DiskError, HubError

__all__: list[str] = []

CHUNK_SIZE: Final = 1 << 20
DISK_FULL_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MISSING_FILE_ERRORS: Final = (errno.ENOENT, errno.ESTALE)
"""Errors of an operation whose file or folder another process deleted."""
_READ_ONLY_ERRORS: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
_TOO_MANY_FILES_ERRORS: Final = (errno.EMFILE, errno.ENFILE)
_WRONG_TYPE_ERRORS: Final = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY)


class Digest(Protocol):
    """A running hash."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Add the next bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the hash of all bytes so far."""
        ...


def digest_for_etag(etag: str, size: int) -> Digest:
    """Return the running hash that matches an etag: SHA-256 for LFS files, the git blob id for others.

    Args:
        size: Size of the whole file in bytes; it is part of the git blob id.
    """
    if len(etag) == 64:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def update_digest(digest: Digest, path: Path, check: Callable[[], None]) -> None:
    """Update a hash with the content of a file.

    Args:
        check: Called before each chunk; an exception that it raises stops the reading.
    """
    with open_file(path) as file:
        while chunk := file.read(CHUNK_SIZE):
            check()
            digest.update(chunk)


def has_size(path: Path, size: int) -> bool:
    """Whether a regular file exists and has this size."""
    try:
        status = path.stat()
    except OSError:
        return False
    return status.st_size == size and stat.S_ISREG(status.st_mode)


@contextmanager
def disk_errors(what: str, where: str | os.PathLike[str]) -> Generator[None, None, None]:
    """Convert an `OSError` to a `DiskError` with advice.

    Args:
        what: Name of the file being written.
        where: Folder it is written to.
    """
    try:
        yield
    except HubError:
        raise
    except OSError as error:
        raise disk_error(error, what, where) from error


def disk_error(error: OSError, what: str, where: str | os.PathLike[str]) -> DiskError:
    """Build a `DiskError` with advice; see `disk_errors`."""
    at = str(error.filename2 or error.filename or "") or os.fspath(where)
    reason = error.strerror or str(error) or type(error).__name__
    if error.errno in DISK_FULL_ERRORS:
        text = (
            f"No space left to write {what} to {where}: {reason}. Free some space there, or choose a folder on another "
            "disk as cache_dir (HF_HUB_CACHE) or local_dir; the next call keeps the complete files"
        )
    elif error.errno in _READ_ONLY_ERRORS:
        text = (
            f"No permission to write {what} to {where}: {reason}. Make that folder writable, or choose another one as "
            "cache_dir (HF_HUB_CACHE) or local_dir. Files downloaded before can be read with local_files_only=True"
        )
    elif error.errno in _WRONG_TYPE_ERRORS:
        text = (
            f"{what} cannot be written to {where}: {reason}. A folder is in place of a file, or a file in place of a "
            "folder. Move it away, or choose another folder as cache_dir (HF_HUB_CACHE) or local_dir"
        )
    elif error.errno in _TOO_MANY_FILES_ERRORS:
        text = (
            f"{what} could not be written to {where}: {reason}. Raise the limit of open files (ulimit -n), or download "
            "fewer files at a time (max_workers)"
        )
    elif error.errno in MISSING_FILE_ERRORS:
        text = (
            f"{what} could not be written to {where}: another process deletes files there at the same time. Try again "
            "when it has finished"
        )
    else:
        text = f"{what} could not be written to {where}: {reason}. Check the disk"
    return DiskError(error.errno or errno.EIO, text, at)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes to a descriptor, repeating partial writes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def create_text(folder: Folder, name: str, text: str) -> None:
    """Create a small optional file; do nothing if it exists or cannot be written."""
    with suppress(OSError):
        if folder.status(name) is None:
            with open(folder.create(name), "w", encoding="utf-8") as file:
                file.write(text)


def write_text(folder: Folder, name: str, text: str, scratch: Folder) -> None:
    """Write a small file atomically.

    Args:
        scratch: Folder of the temporary file, on the same disk.
    """
    with temporary_name() as temporary:
        _write_text(folder, name, text, scratch, temporary)


@contextmanager
def temporary_name() -> Generator[str, None, None]:
    """Yield a temporary file name that other processes recognize as in use."""
    owner = new_owner("")
    try:
        yield f".{owner}.tmp"
    finally:
        end_owner(owner)


def _write_text(folder: Folder, name: str, text: str, scratch: Folder, temporary: str) -> None:
    try:
        with open(scratch.create(temporary), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        scratch.move(temporary, folder, name)
    except BaseException:
        with suppress(OSError):
            scratch.remove(temporary)
        raise


def replace_text(path: Path, text: str) -> None:
    """Write a small file atomically at a path of the caller, replacing an existing one.

    Raises:
        DiskError: The file cannot be written.
    """
    with disk_errors(path.name, path.parent), Folder.root(path.parent, make=True) as folder:
        write_text(folder, path.name, text, folder)


def copy_file(source: Path, folder: Folder, name: str, scratch: Folder, stem: str) -> os.stat_result:
    """Copy the content of a file atomically, and return the status of the copy; its permissions are not copied.

    Args:
        scratch: Folder of the temporary file. If it is on another disk than the target, another copy is made there.
        stem: Beginning of the temporary file's name.
    """
    try:
        return _copy_file(source, folder, name, scratch, stem)
    except OSError as error:
        if error.errno != errno.EXDEV or folder is scratch:
            raise
        remove_abandoned_copies(folder)
        return _copy_file(source, folder, name, folder, "")


def remove_abandoned_copies(folder: Folder) -> None:
    """Delete the temporary copies of processes that have ended, where no sweep of partial files comes."""
    for name in folder.names():
        if name.startswith(".") and name.endswith(".copy") and owner_state(name)[0] is OwnerState.ENDED:
            folder.remove(name)


def _copy_file(source: Path, folder: Folder, name: str, scratch: Folder, stem: str) -> os.stat_result:
    owner = new_owner("")
    temporary = f"{stem}.{owner}.copy"
    try:
        descriptor = scratch.create(temporary)
        try:
            with open_file(source) as file:
                while chunk := file.read(CHUNK_SIZE):
                    write_all(descriptor, chunk)
            os.fsync(descriptor)
            copy = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        scratch.move(temporary, folder, name)
    except BaseException:
        with suppress(OSError):
            scratch.remove(temporary)
        raise
    finally:
        end_owner(owner)
    folder.sync()
    return copy


def write_symlink(folder: Folder, name: str, target: str, scratch: Folder) -> None:
    """Create or replace a symbolic link atomically, by way of a temporary link in the folder ``scratch``."""
    try:
        folder.link(name, target)
    except FileExistsError:
        if folder.read_link(name) == target:
            return
        with temporary_name() as temporary:
            scratch.link(temporary, target)
            try:
                scratch.move(temporary, folder, name)
            except BaseException:
                scratch.remove(temporary)
                raise
