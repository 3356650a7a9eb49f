"""Folders as open handles, so that symbolic links planted inside them are not followed.

Everything below a trusted root (the cache, or a folder given by the caller) is accessed through a `Folder`: each folder
on the way is opened without following links, and files are opened, renamed and deleted relative to its handle. A check
and the operation that relies on it therefore apply to the same folder, even if it is renamed or replaced in between.
The root itself may be a link or lie below one, since the user chose it.

On systems without folder handles (Windows), names are joined to the folder's path, and each operation checks for links
first.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from io import BufferedReader
from types import TracebackType
from typing import Final, Self

from hub_typed.errors import UnsafePathError

__all__: list[str] = []

SUPPORTS_HANDLES: Final = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
NOT_A_FILE_ERRORS: Final = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.ENXIO)
"""Errors of `open_file` if there is no regular file: missing, a folder, a FIFO, a device or a socket."""
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)
"""Opening a planted FIFO must not block until its other end is opened."""
_SAFE_FLAGS: Final = _NOFOLLOW | _CLOEXEC | _BINARY | _NONBLOCK
_ROOT_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
_SUBFOLDER_FLAGS: Final = _ROOT_FLAGS | _NOFOLLOW


class Folder:
    """An open folder, closed by `close` or at the end of a ``with`` block.

    Attributes:
        path: Its path when it was opened; used in messages, and on systems without handles.
    """

    __slots__ = ("_handle", "path")

    def __init__(self, path: str, handle: int | None) -> None:
        self.path: str = path
        self._handle = handle

    @classmethod
    def root(cls, path: str | os.PathLike[str], *, make: bool = False) -> Folder:
        """Open a folder chosen by the caller; links in its path are followed.

        Args:
            make: Create the folder and its parents if missing.
        """
        name = os.fspath(path)
        if not SUPPORTS_HANDLES:
            if make:
                os.makedirs(name, exist_ok=True)
            return cls(name, None)
        try:
            return cls(name, os.open(name, _ROOT_FLAGS))
        except FileNotFoundError:
            if not make:
                raise
        os.makedirs(name, exist_ok=True)
        return cls(name, os.open(name, _ROOT_FLAGS))

    def enter(self, *names: str, make: bool = False, follow: bool = False) -> Folder:
        """Open a folder below this one, level by level.

        Args:
            make: Create missing folders.
            follow: Whether to follow links to folders.

        Raises:
            UnsafePathError: One of the names is a link that is not followed or leads nowhere, or not a valid name.
            NotADirectoryError: One of the names is not a folder.
        """
        for name in names:
            _check_name(name)
        if not SUPPORTS_HANDLES:
            return self._enter_by_path(names, make, follow)
        handle = self._handle
        assert handle is not None
        path = self.path
        current = os.dup(handle) if not names else handle
        for name in names:
            path = f"{path}{os.sep}{name}"
            try:
                following = _open_subfolder(current, name, path, make, follow)
            finally:
                if current != handle:
                    os.close(current)
            current = following
        return Folder(path, current)

    def _enter_by_path(self, names: Iterable[str], make: bool, follow: bool) -> Folder:
        path = self.path
        for name in names:
            path = os.path.join(path, name)
            if make:
                with suppress(FileExistsError):
                    os.mkdir(path)
            status = os.lstat(path)
            if follow and os.path.isdir(path):
                path = os.path.realpath(path)
            elif not stat.S_ISDIR(status.st_mode):
                raise _not_a_folder(path, status, follow)
        return Folder(path, None)

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        """Open a file and return its descriptor, without following links or blocking on a FIFO."""
        return os.open(self._at(name), flags | _SAFE_FLAGS, mode, dir_fd=self._handle)

    def create(self, name: str, mode: int = 0o666) -> int:
        """Create a new file and open it for reading and writing."""
        return self.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of an entry without following links; ``None`` if it does not exist."""
        try:
            return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes:
        """Read a whole file.

        Raises:
            OSError: The file is missing, or it is a link, a FIFO, a device or a folder.
        """
        with _regular_file_reader(self.open(name, os.O_RDONLY), name) as file:
            return file.read()

    def names(self) -> list[str]:
        """Return the names of all entries."""
        return os.listdir(self.path if self._handle is None else self._handle)

    def move(self, name: str, target: Folder, new_name: str) -> None:
        """Rename a file, possibly into another folder on the same disk, replacing an existing file or link."""
        os.replace(self._at(name), target._at(new_name), src_dir_fd=self._handle, dst_dir_fd=target._handle)

    def rename_exclusive(self, name: str, new_name: str) -> None:
        """Rename a file within this folder without replacing an existing entry.

        Raises:
            FileExistsError: The new name exists.
        """
        if not SUPPORTS_HANDLES:
            os.rename(self._at(name), self._at(new_name))  # on Windows, this does not replace an existing file
            return
        old, new = self._at(name), self._at(new_name)
        os.link(old, new, src_dir_fd=self._handle, dst_dir_fd=self._handle, follow_symlinks=False)
        os.unlink(old, dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Delete a file or a link, if it exists."""
        with suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self._handle)

    def remove_empty(self, name: str) -> bool:
        """Delete a folder if it is empty, and return whether it is gone."""
        try:
            os.rmdir(self._at(name), dir_fd=self._handle)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def remove_all(self, name: str) -> None:
        """Delete a file, a link, or a folder with its content, if it exists; links are not followed."""
        status = self.status(name)
        if status is None:
            return
        if not stat.S_ISDIR(status.st_mode):
            self.remove(name)
            return
        import shutil

        if SUPPORTS_HANDLES:
            shutil.rmtree(name, dir_fd=self._handle)
        else:
            shutil.rmtree(self._at(name))

    def link(self, name: str, target: str) -> None:
        """Create a symbolic link.

        Raises:
            FileExistsError: The name exists.
        """
        os.symlink(target, self._at(name), dir_fd=self._handle)

    def read_link(self, name: str) -> str | None:
        """Return the target of a link; ``None`` if there is no link of this name."""
        try:
            return os.readlink(self._at(name), dir_fd=self._handle)
        except OSError:
            return None

    def touch(self, name: str, at: float | None = None) -> None:
        """Set the access and modification times of a file; links are not followed.

        Args:
            at: Seconds since 1970; now if not given.
        """
        times = None if at is None else (at, at)
        if os.utime in os.supports_follow_symlinks:
            os.utime(self._at(name), times, dir_fd=self._handle, follow_symlinks=False)
        else:
            os.utime(self._at(name), times, dir_fd=self._handle)

    def sync(self) -> None:
        """Flush the entries of the folder to disk, so that they survive a power failure."""
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
        """Return the name to pass to system calls along with the handle."""
        _check_name(name)
        if SUPPORTS_HANDLES:
            if self._handle is None:
                raise ValueError(
                    f"The folder {self.path} is closed."
                )  # the name must not be resolved in the working directory
            return name
        path = os.path.join(self.path, name)
        if os.path.islink(self.path):
            raise UnsafePathError(
                f"{self.path} was replaced by a symbolic link and is not written to. Remove the link."
            )
        return path


def _check_name(name: str) -> None:
    """Check that a name is a single path component, since a path could lead out of the folder.

    Raises:
        UnsafePathError: The name is empty, a path, or refers to this folder or its parent.
    """
    if name in ("", os.curdir, os.pardir) or "\x00" in name or os.sep in name or (os.altsep or os.sep) in name:
        raise UnsafePathError(f"{name!r} is not a valid name of a file or folder, and is not used as one.")


def read_file(path: str | os.PathLike[str], *, follow: bool = False) -> bytes:
    """Read a small file, without blocking on a FIFO or a device.

    Args:
        follow: Whether to follow a link.

    Raises:
        OSError: There is no such regular file, or it cannot be read.
    """
    with open_file(path, follow=follow) as file:
        return file.read()


def open_file(path: str | os.PathLike[str], *, follow: bool = True) -> BufferedReader:
    """Open a file for reading, without blocking on a FIFO or a device.

    Args:
        follow: Whether to follow a link.

    Raises:
        OSError: There is no such regular file, or it cannot be read.
    """
    flags = os.O_RDONLY | _SAFE_FLAGS
    name = os.fspath(path)
    return _regular_file_reader(os.open(name, flags & ~_NOFOLLOW if follow else flags), name)


def is_file(path: str) -> bool:
    """Whether a regular file exists; ``False`` for a link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _regular_file_reader(descriptor: int, name: str) -> BufferedReader:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "It is not a regular file", name)
    return open(descriptor, "rb")


def _open_subfolder(handle: int, name: str, path: str, make: bool, follow: bool) -> int:
    for _ in range(3):
        try:
            return os.open(name, _ROOT_FLAGS if follow else _SUBFOLDER_FLAGS, dir_fd=handle)
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
            raise _not_a_folder(path, status, follow) from error
        try:
            os.mkdir(name, dir_fd=handle)
        except FileExistsError:  # created by another process at the same time, or a link that leads nowhere
            with suppress(FileNotFoundError):
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    raise _not_a_folder(path, status, follow) from None
    raise FileNotFoundError(errno.ENOENT, "Another process keeps removing the folder", path)


def _not_a_folder(path: str, status: os.stat_result, follow: bool) -> OSError | UnsafePathError:
    if stat.S_ISLNK(status.st_mode):
        if follow:
            return UnsafePathError(
                f"Nothing is written below {path}: it is a symbolic link that does not lead to a folder. Create the "
                "folder, or remove the link."
            )
        return UnsafePathError(
            f"Nothing is written below {path}: it is a symbolic link and may point anywhere. Remove the link, or pass "
            "the folder it points to as cache_dir (HF_HUB_CACHE) or local_dir."
        )
    return NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
