"""Temporary folders, locks and YAML as other libraries use them."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import BaseFileLock, FileLock, Timeout

from hub_typed.logs.logger import log as _log

__all__ = ["SoftTemporaryDirectory", "WeakFileLock"]

LOG_EVERY = 10.0
"""Seconds after which a wait for a lock is logged, and again."""


@contextmanager
def SoftTemporaryDirectory(  # noqa: N802  # the reference's name
    suffix: str | None = None, prefix: str | None = None, dir: str | os.PathLike[str] | None = None
) -> Generator[Path, None, None]:
    """Create a temporary folder for the block; what cannot be removed afterwards stays, without an error.

    Args:
        suffix: End of the name of the folder.
        prefix: Start of the name of the folder.
        dir: Folder in which it is created; that of the system by default.
    """
    with TemporaryDirectory(suffix, prefix, dir, ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@contextmanager
def WeakFileLock(  # noqa: N802  # the reference's name
    lock_file: str | os.PathLike[str], *, timeout: float | None = None
) -> Generator[BaseFileLock, None, None]:
    """Hold a lock on a file during the block; waits are logged.

    Args:
        lock_file: Path of the lock file.
        timeout: Maximum wait in seconds; unlimited by default.

    Raises:
        filelock.Timeout: The lock was not free in time.
    """
    lock = FileLock(lock_file)
    left = timeout
    while True:
        seconds = LOG_EVERY if left is None else min(LOG_EVERY, left)
        try:
            lock.acquire(timeout=seconds)
            break
        except Timeout:
            left = None if left is None else left - seconds
            if left is not None and left <= 0:
                raise
            _log.info("Waiting for the lock %s", lock_file)
    try:
        yield lock
    finally:
        lock.release()
