"""Steps on this disk that are either done or not, whatever happens meanwhile, and never through a link."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from hub_typed.errors import DiskError, HubError
from hub_typed.flows.files.owners import end, new_owner
from hub_typed.folders import Folder, open_file

__all__: list[str] = []

PIECE: Final = 1 << 20
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
VANISHED: Final = (errno.ENOENT, errno.ESTALE)
"""What a step fails with whose file or folder somebody deleted."""
_READ_ONLY: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
_IN_THE_WAY: Final = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY)


class Digest(Protocol):
    """A hash under way."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes in."""
        ...

    def hexdigest(self) -> str:
        """The hash of all bytes so far."""
        ...


def digest_of_kind(etag: str, size: int) -> Digest:
    """The hash that an ETag of the Hub is: SHA-256 of an LFS file, git's id of a blob for any other.

    Args:
        size: Bytes of the whole file; git's id begins with it.
    """
    if len(etag) == 64:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def read_into(digest: Digest, path: Path, check: Callable[[], None]) -> None:
    """Take a whole file into a hash.

    Args:
        check: Called between pieces; what it raises stops the reading.
    """
    with open_file(path) as file:
        while piece := file.read(PIECE):
            check()
            digest.update(piece)


def is_whole(path: Path, size: int) -> bool:
    """Whether a file of this size is there."""
    try:
        status = path.stat()
    except OSError:
        return False
    return status.st_size == size and stat.S_ISREG(status.st_mode)


@contextmanager
def disk_errors(what: str, where: str | os.PathLike[str]) -> Generator[None, None, None]:
    """Raise errors of the system as `DiskError`, with what to do.

    Args:
        what: What is being written.
        where: The folder that it is written to.
    """
    try:
        yield
    except HubError:
        raise
    except OSError as error:
        raise disk_error(error, what, where) from error


def disk_error(error: OSError, what: str, where: str | os.PathLike[str]) -> DiskError:
    """An error of the system, with what to do; see `disk_errors`."""
    at = str(error.filename2 or error.filename or "") or os.fspath(where)
    reason = error.strerror or str(error) or type(error).__name__
    if error.errno in NO_ROOM:
        text = (
            f"No room for {what} in {where}: {reason}. Free some space there, or name another disk as cache_dir "
            "(HF_HUB_CACHE) or local_dir; the next call goes on with what is whole"
        )
    elif error.errno in _READ_ONLY:
        text = (
            f"{what} may not be written to {where}: {reason}. Make that folder writable, or name another one as "
            "cache_dir (HF_HUB_CACHE) or local_dir. What was downloaded before can be read with local_files_only=True"
        )
    elif error.errno in _IN_THE_WAY:
        text = (
            f"{what} cannot be written to {where}: {reason}. A folder is where a file goes, or a file where a folder "
            "goes. Move it away, or name another folder as cache_dir (HF_HUB_CACHE) or local_dir"
        )
    elif error.errno in VANISHED:
        text = (
            f"{what} could not be written to {where}: something else deletes files there while they are written. Try "
            "again when it has ended"
        )
    else:
        text = f"{what} could not be written to {where}: {reason}. Check the disk"
    return DiskError(error.errno or errno.EIO, text, at)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes, in as many steps as it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def create_text(folder: Folder, name: str, text: str) -> None:
    """Write a small file that nothing depends on, unless it is there or the folder is not ours."""
    with suppress(OSError):
        if folder.status(name) is None:
            with open(folder.create(name), "w", encoding="utf-8") as file:
                file.write(text)


def write_text(folder: Folder, name: str, text: str, scratch: Folder) -> None:
    """Write a small file that others see with its old text or its new one, and nothing between.

    Args:
        scratch: A folder on the same disk for the file until then.
    """
    with temporary_name() as waiting:
        _write_text(folder, name, text, scratch, waiting)


@contextmanager
def temporary_name() -> Generator[str, None, None]:
    """A name that others see is in use until the end."""
    owner = new_owner("")
    try:
        yield f".{owner}.tmp"
    finally:
        end(owner)


def _write_text(folder: Folder, name: str, text: str, scratch: Folder, waiting: str) -> None:
    try:
        with open(scratch.create(waiting), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        scratch.move(waiting, folder, name)
    except BaseException:
        with suppress(OSError):
            scratch.remove(waiting)
        raise


def replace_text(path: Path, text: str) -> None:
    """Write a small file of the caller's own, so that others see its old text or its new one, and nothing between.

    Raises:
        DiskError: It cannot be written.
    """
    with disk_errors(path.name, path.parent), Folder.root(path.parent, make=True) as folder:
        write_text(folder, path.name, text, folder)


def copy_file(source: Path, folder: Folder, name: str, scratch: Folder, stem: str) -> None:
    """Copy a file's bytes, not its rights, to a place where it appears whole.

    Args:
        scratch: A folder on the target's disk for the file until then.
        stem: What its name there begins with.
    """
    owner = new_owner("")
    waiting = f"{stem}.{owner}.copy"
    try:
        descriptor = scratch.create(waiting)
        try:
            with open_file(source) as file:
                while piece := file.read(PIECE):
                    write_all(descriptor, piece)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        scratch.move(waiting, folder, name)
    except BaseException:
        with suppress(OSError):
            scratch.remove(waiting)
        raise
    finally:
        end(owner)
    folder.sync()
