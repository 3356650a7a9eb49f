"""Locks between processes of this machine, and of other machines on a shared disk.

They save work and nothing depends on them: each writer has a file of its own. On some disks they are given to
everybody, or to nobody, and one whose owner is stopped is never given back. Who waits therefore watches what the other
one is doing, and goes on without the lock when nothing has moved for `STALLED` seconds.
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
STALLED: Final = 60
"""Seconds without any progress of the holder after which a lock is not waited for any more."""
_POLLS_PER_CHECK: Final = 10
"""Polls from one look at the holder's progress to the next."""


@asynccontextmanager
async def acquire_lock(
    io: Io,
    root: str | os.PathLike[str],
    names: tuple[str, ...],
    *,
    is_done: Callable[[], bool] | None = None,
    other_writers: Callable[[bool], object] | None = None,
) -> AsyncGenerator[None, None]:
    """Hold a lock, waiting as long as its holder makes progress. The lock file is kept, as other clients do.

    Args:
        root: A folder that may be trusted.
        names: The lock's file below it; folders on the way are made.
        is_done: Says that what the lock is wanted for is there, so that it need not be waited for.
        other_writers: Gives what others are writing right now, lock or not, told whether the lock is held: it is waited for,
            too, as long as it changes. Without this, the lock is waited for however long it takes.
    """
    lock = await io.run_blocking(lambda: LockFile.of(root, names))
    try:
        seen: object = None
        polls = idle = 0
        while True:
            taken = lock is None or await io.run_blocking(lock.take)
            if polls and is_done is not None and await io.run_blocking(is_done):
                break
            is_check_due = other_writers is not None and (taken or polls % _POLLS_PER_CHECK == 0)
            writers = (
                await io.run_blocking(lambda: other_writers(lock is not None and lock.honest))
                if is_check_due and other_writers
                else None
            )
            if taken and not writers:
                break
            if is_check_due and (writers != seen or polls == 0):
                seen, idle = writers, 0
            if other_writers is not None and idle * POLL >= STALLED:
                _log.warning(
                    "Nothing has moved for %d s while waiting for another process that holds %s; going on without it",
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
    finally:
        if lock is not None:
            lock.release()
