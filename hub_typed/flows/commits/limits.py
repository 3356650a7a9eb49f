"""Published limits of the Hub for uploads, checked before the first byte is sent."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from hub_typed.errors import UploadLimitError
from hub_typed.flows.commits.upload_limit import LimitKind, UploadLimit
from hub_typed.logs.logger import log as _log

__all__: list[str] = []

MAX_FOLDER_ENTRIES: Final = 10_000
"""Files and folders directly in one folder; the Hub refuses a commit that exceeds it."""
MAX_FILE_SIZE: Final = 50 * 10**9
"""Bytes of a file; the Hub refuses a larger one."""
ADVISED_FILE_SIZE: Final = 20 * 10**9
ADVISED_COMMIT_FILES: Final = 100
ADVISED_REPO_FILES: Final = 100_000
_LISTED: Final = 5


def exceeded_limits(sizes: Mapping[str, int], *, is_one_commit: bool = True) -> list[UploadLimit]:
    """Return the limits that added files exceed, hard ones first.

    Args:
        sizes: Size of each file in bytes, by its path in the repository.
        is_one_commit: Whether one commit adds them all.
    """
    found = [
        UploadLimit(kind="file_size", path=path, value=size, limit=MAX_FILE_SIZE, is_hard=True)
        if size > MAX_FILE_SIZE
        else UploadLimit(kind="file_size", path=path, value=size, limit=ADVISED_FILE_SIZE, is_hard=False)
        for path, size in sizes.items()
        if size > ADVISED_FILE_SIZE
    ]
    found += [
        UploadLimit(kind="folder_entries", path=folder, value=count, limit=MAX_FOLDER_ENTRIES, is_hard=True)
        for folder, count in _entries(sizes).items()
        if count > MAX_FOLDER_ENTRIES
    ]
    counts: list[tuple[LimitKind, int]] = [("repo_files", ADVISED_REPO_FILES)]
    if is_one_commit:
        counts.append(("commit_files", ADVISED_COMMIT_FILES))
    found += [
        UploadLimit(kind=kind, path="", value=len(sizes), limit=limit, is_hard=False)
        for kind, limit in counts
        if len(sizes) > limit
    ]
    return sorted(found, key=lambda limit: not limit.is_hard)


def check_limits(repo_id: str, limits: Iterable[UploadLimit]) -> None:
    """Refuse an upload that exceeds hard limits, and log the others.

    Raises:
        UploadLimitError: A hard limit is exceeded.
    """
    exceeded = list(limits)
    for limit in exceeded:
        if not limit.is_hard:
            _log.log(logging.INFO if limit.kind == "commit_files" else logging.WARNING, "%s: %s", repo_id, limit)
    hard = tuple(limit for limit in exceeded if limit.is_hard)
    if hard:
        more = f"\nand {len(hard) - _LISTED} more" if len(hard) > _LISTED else ""
        listed = "\n".join(map(str, hard[:_LISTED]))
        raise UploadLimitError(
            f"Nothing was uploaded to {repo_id}, since the Hub would refuse it:\n{listed}{more}\nPack files into "
            "archives or subfolders, or split large ones.",
            limits=hard,
        )


def _entries(paths: Iterable[str]) -> Counter[str]:
    """Return the number of files and folders directly in each folder."""
    inside: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        while name and name not in (names := inside.setdefault(folder, set())):
            names.add(name)
            folder, _, name = folder.rpartition("/")
    return Counter({folder: len(names) for folder, names in inside.items()})
