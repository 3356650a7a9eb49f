"""Errors of the Hub as errors of file operations."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager

from hub_typed.errors import (
    BucketNotFoundError,
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

__all__: list[str] = []


@contextmanager
def file_errors(path: str) -> Generator[None, None, None]:
    """Raise `FileNotFoundError` if the repository, its revision, the bucket or the file does not exist.

    Args:
        path: The file, for the message.
    """
    try:
        yield
    except GatedRepoError:
        raise
    except (
        RepositoryNotFoundError,
        RevisionNotFoundError,
        BucketNotFoundError,
        EntryNotFoundError,
        HFValidationError,
    ) as error:
        raise FileNotFoundError(errno.ENOENT, f"{os.strerror(errno.ENOENT)} on the Hub: {error}", path) from error


def not_found(path: str) -> FileNotFoundError:
    """Return the error for a file that does not exist."""
    return FileNotFoundError(errno.ENOENT, f"{os.strerror(errno.ENOENT)} on the Hub", path)
