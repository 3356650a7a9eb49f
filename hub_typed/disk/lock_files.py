"""Lock files, compatible with those of the official client.

If the lock file is a planted link, or the disk does not support locks, the caller continues without a lock.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from typing import Final

from hub_typed.disk.folders import Folder
from hub_typed.errors import UnsafePathError
from hub_typed.logs.logger import log as _log

if sys.platform != "win32":
    import fcntl

__all__: list[str] = []

_BUSY: Final = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES)


class LockFile:
    """A lock on a file, held by one process at a time if the disk supports locks.

    Attributes:
        is_exclusive: Whether the lock is held, and the disk refuses it to a second holder on this machine.
    """

    def __init__(self, folder: Folder, name: str, descriptor: int, *, created: bool) -> None:
        self._folder = folder
        self._name = name
        self._descriptor = descriptor
        self._created = created
        self._acquired = False
        self._is_exclusive: bool | None = None

    @classmethod
    def of(cls, root: str | os.PathLike[str], names: tuple[str, ...]) -> LockFile | None:
        """Open the lock file; if that fails, log it and return ``None``."""
        if sys.platform == "win32":
            return _windows_lock(root, names)
        try:
            with Folder.root(root, make=True) as top:
                folder = top.enter(*names[:-1], make=True)
        except (OSError, UnsafePathError) as error:
            _log.info("Continuing without the lock %s: %s", os.path.join(root, *names), error)
            return None
        try:
            descriptor, created = _open_or_create(folder, names[-1])
        except OSError as error:
            folder.close()
            _log.info("Continuing without the lock %s: %s", os.path.join(root, *names), error)
            return None
        return cls(folder, names[-1], descriptor, created=created)

    @property
    def is_exclusive(self) -> bool:
        if not self._acquired or sys.platform == "win32":
            return self._acquired
        if self._is_exclusive is None:
            self._is_exclusive = self._refuses_second_lock()
        return self._is_exclusive

    def try_acquire(self) -> bool:
        """Try to acquire the lock without blocking; ``False`` if another process holds it.

        On a disk without locks, return ``True``: there is nothing to wait for.
        """
        if self._acquired or self._descriptor < 0:
            return True
        if sys.platform == "win32":
            raise NotImplementedError
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self._descriptor).st_nlink == 0:
                # Some clients remove the file when they release the lock; the lock is on the next file of this name.
                os.close(self._descriptor)
                self._descriptor = -1
                self._descriptor, self._created = _open_or_create(self._folder, self._name)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            _log.info("Continuing without a lock: %s does not support locks (%s)", self._folder.path, error)
            self.release()
            return True
        self._acquired = True
        return True

    def release(self) -> None:
        """Release the lock and close the file."""
        if self._descriptor >= 0:
            if self._acquired and sys.platform != "win32":
                with suppress(OSError):  # unlocking matters if a forked child has the file open, too
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            elif self._created:
                self._remove_unused()
            os.close(self._descriptor)
            self._descriptor = -1
        self._folder.close()
        self._acquired = False

    def _remove_unused(self) -> None:
        """Remove the file on a disk without locks, where clients treat an existing file as a held lock."""
        with suppress(OSError):
            status = self._folder.status(self._name)
            if status is not None and os.path.samestat(status, os.fstat(self._descriptor)):
                self._folder.remove(self._name)

    def _refuses_second_lock(self) -> bool:
        if sys.platform == "win32":
            return True
        try:
            descriptor = self._folder.open(self._name, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno in _BUSY
        finally:
            os.close(descriptor)
        return False


def _open_or_create(folder: Folder, name: str) -> tuple[int, bool]:
    """Open a lock file; return its descriptor and whether it was created."""
    try:
        return folder.create(name), True
    except FileExistsError:
        pass
    try:
        descriptor = folder.open(name, os.O_RDWR)
    except PermissionError:  # created by another user; most systems can lock a readable file
        descriptor = folder.open(name, os.O_RDONLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", name)
    return descriptor, False


def _windows_lock(root: str | os.PathLike[str], names: tuple[str, ...]) -> LockFile | None:
    from filelock import FileLock, Timeout

    class WindowsLock(LockFile):
        def __init__(self) -> None:
            super().__init__(Folder(os.fspath(root), None), names[-1], 0, created=False)
            # Under asyncio, different threads may acquire and release the lock.
            self._lock = FileLock(os.path.join(root, *names), thread_local=False)

        def try_acquire(self) -> bool:
            try:
                os.makedirs(os.path.join(root, *names[:-1]), exist_ok=True)
                self._lock.acquire(blocking=False)
            except Timeout:
                return False
            except (OSError, NotImplementedError) as error:
                _log.info("Continuing without a lock: %s", error)
                return True
            self._acquired = True
            return True

        def release(self) -> None:
            self._lock.release()
            self._acquired = False

    return WindowsLock()
