"""Locks that processes of this machine, and of others on a shared disk, hold against each other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from hub_typed.io import Io
from hub_typed.logs import log as _log

__all__: list[str] = []

POLL: Final = 0.1


@asynccontextmanager
async def held(io: Io, path: Path) -> AsyncGenerator[None, None]:
    """Hold a lock, waiting until nobody else does; its file stays behind, as other clients leave theirs.

    Args:
        path: The lock's file; folders above it are made.
    """
    # The thread that takes it and the one that gives it back may differ under asyncio.
    lock: BaseFileLock = FileLock(path, thread_local=False)
    waiting = False
    try:
        await io.work(lambda: path.parent.mkdir(parents=True, exist_ok=True))
        while True:
            try:
                if await io.work(partial(_taken, lock)):
                    break
            except NotImplementedError:  # a disk without locks, and a filelock that does not help itself
                lock = SoftFileLock(path, thread_local=False)
                continue
            if not waiting:
                _log.info("Waiting for another process that holds %s", path)
                waiting = True
            await io.pause(POLL)
        yield
    finally:
        lock.release()


def _taken(lock: BaseFileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True
