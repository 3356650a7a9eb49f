"""Comparison of two trees of files, by size and modification time. No file is read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import attrs

from hub_typed.flows.buckets.sync_plan import SyncAction, SyncOperation
from hub_typed_api.models import BucketFile

__all__: list[str] = []

CLOCK_TOLERANCE: Final = 1000
"""Milliseconds by which times may differ, since disks and the Hub round them."""


@attrs.frozen
class FileState:
    """What is known of a file.

    Attributes:
        size: Size in bytes.
        mtime: Modification time in milliseconds since 1970.
        bucket_file: The file, if it is in a bucket.
    """

    size: int
    mtime: float
    bucket_file: BucketFile | None = attrs.field(default=None, eq=False)

    @classmethod
    def of_bucket_file(cls, file: BucketFile) -> FileState:
        """Return the state of a file of a bucket; one without a modification time counts as old."""
        return cls(file.size, file.mtime.timestamp() * 1000 if file.mtime else 0, file)


@attrs.frozen(kw_only=True)
class SyncRules:
    """Which files are transferred and deleted.

    Attributes:
        delete: Delete files of the destination that the source lacks.
        ignore_times: Compare only sizes.
        ignore_sizes: Compare only times.
        existing: Only update files that the destination has.
        ignore_existing: Only create files that the destination lacks.
    """

    delete: bool = False
    ignore_times: bool = False
    ignore_sizes: bool = False
    existing: bool = False
    ignore_existing: bool = False


def compare_trees(
    action: Literal["upload", "download"],
    source: Mapping[str, FileState],
    dest: Mapping[str, FileState],
    rules: SyncRules,
) -> Iterator[SyncOperation]:
    """Return the operations that make a destination like a source, by path.

    Args:
        source: Files of the source, by path.
        dest: Files of the destination, by path.
    """
    for path in sorted(source.keys() | dest.keys()):
        wanted, present = source.get(path), dest.get(path)
        local, remote = (wanted, present) if action == "upload" else (present, wanted)
        todo: SyncAction = action
        if wanted is None:
            todo, reason = "delete", "not in source (--delete)"
        elif present is not None:
            is_transferred, reason = _compare(action, wanted, present, rules)
            todo = action if is_transferred else "skip"
        elif rules.existing:
            todo, reason = "skip", "new file (--existing)"
        else:
            reason = "new file"
        if todo != "delete" or rules.delete:
            yield SyncOperation(
                action=todo,
                path=path,
                size=(wanted or dest[path]).size,
                reason=reason,
                local_mtime=_iso_time(local),
                remote_mtime=_iso_time(remote),
                bucket_file=remote.bucket_file if remote is not None and todo == "download" else None,
            )


def _compare(
    action: Literal["upload", "download"], source: FileState, dest: FileState, rules: SyncRules
) -> tuple[bool, str]:
    """Return whether a file that both have is transferred, and why."""
    newer, older = ("local newer", "remote newer") if action == "upload" else ("remote newer", "local newer")
    if rules.ignore_existing:
        return False, "exists on receiver (--ignore-existing)"
    size_differs = source.size != dest.size
    is_newer = source.mtime - dest.mtime > CLOCK_TOLERANCE
    if rules.ignore_sizes:
        is_older = dest.mtime - source.mtime > CLOCK_TOLERANCE
        return is_newer, newer if is_newer else older if is_older else "same mtime"
    if rules.ignore_times:
        return size_differs, "size differs" if size_differs else "same size"
    if size_differs:
        return True, "size differs"
    return is_newer, newer if is_newer else "identical"


def _iso_time(state: FileState | None) -> str | None:
    return None if state is None else datetime.fromtimestamp(state.mtime / 1000, tz=UTC).isoformat()
