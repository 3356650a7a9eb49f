"""Locks that processes of this machine, and of others on a shared disk, hold against each other."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from hub_typed.io import Io

__all__: list[str] = []

POLL: Final = 0.1
_log = logging.getLogger("hub_typed")


@asynccontextmanager
async def held(io: Io, path: Path) -> AsyncGenerator[None, None]:
    """Hold a lock, waiting until nobody else does; its file stays behind, as other clients leave theirs.

    Args:
        path: The lock's file; folders above it are made.
    """
    # The thread that takes it and the one that gives it back may differ under asyncio.
    lock = FileLock(path, thread_local=False)
    waiting = False
    try:
        await io.work(lambda: path.parent.mkdir(parents=True, exist_ok=True))
        while not await io.work(lambda: _taken(lock)):
            if not waiting:
                _log.info("Waiting for another process that holds %s", path)
                waiting = True
            await io.pause(POLL)
        yield
    finally:
        lock.release()


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True
