"""Files that are locked as the official client locks them, so that both keep out of each other's way.

A lock whose file is a link that somebody planted is not followed, and done without; so is one on a disk without locks.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from typing import Final

from hub_typed.errors import UnsafePathError
from hub_typed.folders import Folder
from hub_typed.logs import log as _log

if sys.platform != "win32":
    import fcntl

__all__: list[str] = []

_BUSY: Final = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES)


class LockFile:
    """A file that one process has locked at a time, where the disk knows locks.

    Attributes:
        honest: Whether it is held, and this disk gives it to one at a time, as far as this machine can see.
    """

    def __init__(self, folder: Folder, name: str, descriptor: int, *, created: bool) -> None:
        self._folder = folder
        self._name = name
        self._descriptor = descriptor
        self._created = created
        self._taken = False
        self._honest: bool | None = None

    @classmethod
    def of(cls, root: str | os.PathLike[str], names: tuple[str, ...]) -> LockFile | None:
        """The lock; ``None`` where there cannot be one, which the log tells."""
        if sys.platform == "win32":
            return _windows_lock(root, names)
        try:
            with Folder.root(root, make=True) as top:
                folder = top.enter(*names[:-1], make=True)
        except (OSError, UnsafePathError) as error:
            _log.info("Going on without the lock %s: %s", os.path.join(root, *names), error)
            return None
        try:
            descriptor, created = _opened(folder, names[-1])
        except OSError as error:
            folder.close()
            _log.info("Going on without the lock %s: %s", os.path.join(root, *names), error)
            return None
        return cls(folder, names[-1], descriptor, created=created)

    @property
    def honest(self) -> bool:
        if not self._taken or sys.platform == "win32":
            return self._taken
        if self._honest is None:
            self._honest = self._is_refused_to_others()
        return self._honest

    def take(self) -> bool:
        """Take it, if nobody has it, or nobody can have it; say whether there is nothing to wait for."""
        if self._taken or self._descriptor < 0:
            return True
        if sys.platform == "win32":
            raise NotImplementedError
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self._descriptor).st_nlink == 0:
                # Some clients remove the file when they release the lock: others lock the next file of this name.
                os.close(self._descriptor)
                self._descriptor = -1
                self._descriptor, self._created = _opened(self._folder, self._name)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            _log.info("Going on without a lock: %s has none (%s)", self._folder.path, error)
            self.release()
            return True
        self._taken = True
        return True

    def release(self) -> None:
        """Give it back."""
        if self._descriptor >= 0:
            if self._taken and sys.platform != "win32":
                with suppress(OSError):  # a forked child may have the file open, too
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            elif self._created:
                self._remove_unused()
            os.close(self._descriptor)
            self._descriptor = -1
        self._folder.close()
        self._taken = False

    def _remove_unused(self) -> None:
        """Where there are no locks, clients take a file that is there for one that is held, for ever."""
        with suppress(OSError):
            status = self._folder.status(self._name)
            if status is not None and os.path.samestat(status, os.fstat(self._descriptor)):
                self._folder.remove(self._name)

    def _is_refused_to_others(self) -> bool:
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


def _opened(folder: Folder, name: str) -> tuple[int, bool]:
    """The descriptor of a lock's file, and whether it was made now."""
    try:
        return folder.create(name), True
    except FileExistsError:
        pass
    try:
        descriptor = folder.open(name, os.O_RDWR)
    except PermissionError:  # another account made it; most systems lock what can be read
        descriptor = folder.open(name, os.O_RDONLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", name)
    return descriptor, False


def _windows_lock(root: str | os.PathLike[str], names: tuple[str, ...]) -> LockFile | None:
    from filelock import FileLock, Timeout

    class WindowsLock(LockFile):
        def __init__(self) -> None:
            super().__init__(Folder(os.fspath(root), None), names[-1], 0, created=False)
            # The thread that takes it and the one that gives it back may differ under asyncio.
            self._lock = FileLock(os.path.join(root, *names), thread_local=False)

        def take(self) -> bool:
            try:
                os.makedirs(os.path.join(root, *names[:-1]), exist_ok=True)
                self._lock.acquire(blocking=False)
            except Timeout:
                return False
            except (OSError, NotImplementedError) as error:
                _log.info("Going on without a lock: %s", error)
                return True
            self._taken = True
            return True

        def release(self) -> None:
            self._lock.release()
            self._taken = False

    return WindowsLock()
