"""Folders as open handles: what is named in them is found there and nowhere else, whatever links others plant.

Everything below a trusted root (the cache, a folder of the caller's own) is reached through a `Folder`: each folder on
the way is opened without following a link, and files are opened, renamed and deleted relative to its handle. A check
and the step that relies on it are therefore about the same folder, whoever renames or replaces it in between. The root
itself may be a link, or lie below one: the user named it.

Where the system knows no handles of folders (Windows), names are joined to the folder's path, and links are looked for
before each step.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from io import BufferedReader
from types import TracebackType
from typing import Final, Self

from hub_typed.errors import UnsafePathError

__all__: list[str] = []

HANDLES: Final = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
NO_FILE: Final = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.ENXIO)
"""What `open_file` fails with where there is no regular file: nothing at all, a folder, a FIFO, a device, a socket."""
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)
"""Opening a FIFO that somebody planted must not wait for its other end."""
_SAFE: Final = _NOFOLLOW | _CLOEXEC | _BINARY | _NONBLOCK
_ROOT: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
_STEP: Final = _ROOT | _NOFOLLOW


class Folder:
    """An open folder. It is closed by `close`, or at the end of a ``with`` block.

    Attributes:
        path: Where it was when it was opened; for messages, and for systems without handles.
    """

    __slots__ = ("_handle", "path")

    def __init__(self, path: str, handle: int | None) -> None:
        self.path: str = path
        self._handle = handle

    @classmethod
    def root(cls, path: str | os.PathLike[str], *, make: bool = False) -> Folder:
        """Open a folder that the caller named; links on the way to it are followed.

        Args:
            make: Make it, and those above it, if it is not there.
        """
        name = os.fspath(path)
        if not HANDLES:
            if make:
                os.makedirs(name, exist_ok=True)
            return cls(name, None)
        try:
            return cls(name, os.open(name, _ROOT))
        except FileNotFoundError:
            if not make:
                raise
        os.makedirs(name, exist_ok=True)
        return cls(name, os.open(name, _ROOT))

    def enter(self, *names: str, make: bool = False) -> Folder:
        """Open a folder below this one, step by step, following no link.

        Args:
            make: Make those that are not there.

        Raises:
            UnsafePathError: One of them is a link, or no name of a folder.
            NotADirectoryError: One of them is no folder.
        """
        for name in names:
            _check_name(name)
        if not HANDLES:
            return self._enter_by_path(names, make)
        handle = self._handle
        assert handle is not None
        path = self.path
        current = os.dup(handle) if not names else handle
        for name in names:
            path = f"{path}{os.sep}{name}"
            try:
                following = _step_into(current, name, path, make)
            finally:
                if current != handle:
                    os.close(current)
            current = following
        return Folder(path, current)

    def _enter_by_path(self, names: Iterable[str], make: bool) -> Folder:
        path = self.path
        for name in names:
            path = os.path.join(path, name)
            if make:
                with suppress(FileExistsError):
                    os.mkdir(path)
            status = os.lstat(path)
            if not stat.S_ISDIR(status.st_mode):
                raise _no_folder(path, status)
        return Folder(path, None)

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        """Open a file and give its descriptor; a link is not followed, a FIFO not waited for."""
        return os.open(self._at(name), flags | _SAFE, mode, dir_fd=self._handle)

    def create(self, name: str, mode: int = 0o666) -> int:
        """Make a file that is not there yet, and open it for reading and writing."""
        return self.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def status(self, name: str) -> os.stat_result | None:
        """What is there under a name, be it a link; ``None`` if nothing is."""
        try:
            return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes:
        """All bytes of a file.

        Raises:
            OSError: There is none, or it is a link, a FIFO, a device or a folder.
        """
        with _reader(self.open(name, os.O_RDONLY), name) as file:
            return file.read()

    def names(self) -> list[str]:
        """The names of all that is there."""
        return os.listdir(self.path if self._handle is None else self._handle)

    def move(self, name: str, target: Folder, new_name: str) -> None:
        """Rename a file, into another folder of the same disk too; what has that name is replaced, be it a link."""
        os.replace(self._at(name), target._at(new_name), src_dir_fd=self._handle, dst_dir_fd=target._handle)

    def keep(self, name: str, new_name: str) -> None:
        """Give a file another name in this folder, unless something has it.

        Raises:
            FileExistsError: Something has it.
        """
        if not HANDLES:
            os.rename(self._at(name), self._at(new_name))  # on Windows, this replaces nothing
            return
        old, new = self._at(name), self._at(new_name)
        os.link(old, new, src_dir_fd=self._handle, dst_dir_fd=self._handle, follow_symlinks=False)
        os.unlink(old, dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Delete a file or a link, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self._handle)

    def remove_all(self, name: str) -> None:
        """Delete a file, a link, or a folder with all that is in it, if it is there; no link is followed."""
        status = self.status(name)
        if status is None:
            return
        if not stat.S_ISDIR(status.st_mode):
            self.remove(name)
        elif HANDLES:
            shutil.rmtree(name, dir_fd=self._handle)
        else:
            shutil.rmtree(self._at(name))

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link.

        Raises:
            FileExistsError: Something has that name.
        """
        os.symlink(target, self._at(name), dir_fd=self._handle)

    def read_link(self, name: str) -> str | None:
        """Where a link leads; ``None`` if there is none of that name."""
        try:
            return os.readlink(self._at(name), dir_fd=self._handle)
        except OSError:
            return None

    def touch(self, name: str) -> None:
        """Set a file's times to now; a link is not followed."""
        if os.utime in os.supports_follow_symlinks:
            os.utime(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        else:
            os.utime(self._at(name), dir_fd=self._handle)

    def sync(self) -> None:
        """Have the names in it on the disk, so that they are there after a power cut."""
        if self._handle is not None:
            os.fsync(self._handle)

    def close(self) -> None:
        """Close the handle."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _at(self, name: str) -> str:
        """The name as the system takes it beside the handle."""
        _check_name(name)
        if HANDLES:
            if self._handle is None:
                raise ValueError(f"The folder {self.path} is closed.")  # else the name would be that of the work folder
            return name
        path = os.path.join(self.path, name)
        if os.path.islink(self.path):
            raise UnsafePathError(f"{self.path} has become a symbolic link, and is not written to. Remove the link.")
        return path


def _check_name(name: str) -> None:
    """See that a name stays in its folder: the system would follow a path from the handle to anywhere.

    Raises:
        UnsafePathError: It is a path, or no name.
    """
    if name in ("", os.curdir, os.pardir) or "\x00" in name or os.sep in name or (os.altsep or os.sep) in name:
        raise UnsafePathError(f"{name!r} is no name of a file or folder, and is not used as one.")


def read_file(path: str | os.PathLike[str], *, follow: bool = False) -> bytes:
    """All bytes of a small file, without waiting for a FIFO or a device.

    Args:
        follow: Whether it may be a link.

    Raises:
        OSError: There is no such file.
    """
    with open_file(path, follow=follow) as file:
        return file.read()


def open_file(path: str | os.PathLike[str], *, follow: bool = True) -> BufferedReader:
    """Open a file for reading, without waiting for a FIFO or a device.

    Args:
        follow: Whether it may be a link.

    Raises:
        OSError: There is no such file.
    """
    flags = os.O_RDONLY | _SAFE
    name = os.fspath(path)
    return _reader(os.open(name, flags & ~_NOFOLLOW if follow else flags), name)


def is_file(path: str) -> bool:
    """Whether a file is there, and no link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _reader(descriptor: int, name: str) -> BufferedReader:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "It is no regular file", name)
    return open(descriptor, "rb")


def _step_into(handle: int, name: str, path: str, make: bool) -> int:
    for _ in range(3):
        try:
            return os.open(name, _STEP, dir_fd=handle)
        except FileNotFoundError:
            if not make:
                raise
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP, getattr(errno, "EMLINK", None)):
                raise
            try:
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except FileNotFoundError:
                continue
            raise _no_folder(path, status) from error
        with suppress(FileExistsError):  # made by another just now
            os.mkdir(name, dir_fd=handle)
    raise FileNotFoundError(errno.ENOENT, "It is removed again and again by something else", path)


def _no_folder(path: str, status: os.stat_result) -> OSError | UnsafePathError:
    if stat.S_ISLNK(status.st_mode):
        return UnsafePathError(
            f"Nothing is written below {path}: it is a symbolic link, and may lead anywhere. Remove the link, or name "
            "the folder that it leads to as cache_dir (HF_HUB_CACHE) or local_dir."
        )
    return NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
