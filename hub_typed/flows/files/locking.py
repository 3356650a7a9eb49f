"""Locks between processes of this machine, and of other machines on a shared disk.

Locks only avoid duplicate work; correctness does not depend on them, since each writer has its own partial file. Some
disks grant a lock to all processes or to none, and a suspended process never releases its lock. A waiting process
therefore watches the progress of the holder, and continues without the lock after `STALLED` seconds without progress.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from hub_typed.disk.lock_files import LockFile
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log

__all__: list[str] = []

POLL: Final = 0.1
"""Seconds between two attempts to take the lock."""
STALLED: Final = 60
"""Seconds without progress of the holder after which a process stops waiting for the lock."""
_POLLS_PER_CHECK: Final = 10
"""Number of polls between two checks of the holder's progress."""


@asynccontextmanager
async def acquire_lock(
    io: Io,
    root: str | os.PathLike[str],
    names: tuple[str, ...],
    *,
    is_done: Callable[[], bool] | None = None,
    other_writers: Callable[[bool], object] | None = None,
) -> AsyncGenerator[None, None]:
    """Hold a lock, after waiting for its holder as long as that makes progress. The lock file is never deleted.

    Args:
        root: A trusted folder.
        names: Path of the lock file below ``root``; missing folders are created.
        is_done: Returns whether the result already exists, so that there is no need to wait.
        other_writers: Returns the state of the files that other processes are writing, with or without the lock. It
            receives whether this process holds the lock exclusively. As long as this state changes, the wait continues.
            If not given, the wait for the lock is unlimited.
    """
    async with open_lock(io, root, names) as lock:
        seen: object = None
        polls = idle = 0
        while True:
            taken = lock is None or await io.run_blocking(lock.try_acquire)
            if polls and is_done is not None and await io.run_blocking(is_done):
                break
            is_check_due = other_writers is not None and (taken or polls % _POLLS_PER_CHECK == 0)
            writers = (
                await io.run_blocking(lambda: other_writers(lock is not None and lock.is_exclusive))
                if is_check_due and other_writers
                else None
            )
            if taken and not writers:
                break
            if is_check_due and (writers != seen or polls == 0):
                seen, idle = writers, 0
            if other_writers is not None and idle * POLL >= STALLED:
                _log.warning(
                    "No progress for %d s while waiting for another process that holds %s; continuing without the lock",
                    STALLED,
                    os.path.join(root, *names),
                )
                break
            if polls == 0:
                _log.info("Waiting for another process that holds %s", os.path.join(root, *names))
            await io.sleep(POLL)
            polls += 1
            idle += 1
        yield


@asynccontextmanager
async def open_lock(
    io: Io, root: str | os.PathLike[str], names: tuple[str, ...]
) -> AsyncGenerator[LockFile | None, None]:
    """Open a lock file, and release the lock at the end; ``None`` if that fails.

    Args:
        root: A trusted folder.
        names: Path of the lock file below ``root``; missing folders are created.
    """
    opened: list[LockFile] = []

    def open_file() -> LockFile | None:
        if lock := LockFile.of(root, names):
            opened.append(lock)
        return lock

    try:
        yield await io.run_blocking(open_file)
    finally:
        for lock in opened:  # also if the task is cancelled before `run_blocking` returns
            lock.release()
