"""Files and folders of a bucket as in responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub_typed.local.buckets.files import BucketFile, Files
from hub_typed.local.request.bucket_batch import file_time
from hub_typed.local.request.lazy_list import LazyList
from hub_typed_api import models

__all__ = ["file_entry", "list_entries"]


def file_entry(path: str, file: BucketFile) -> models.BucketFile:
    """Describe a file."""
    return models.BucketFile(
        path=path,
        size=file.size,
        xet_hash=file.xet_hash,
        mtime=None if file.mtime is None else file_time(file.mtime),
        mtime_nanos=file.mtime_nanos,
        uploaded_at=datetime.fromisoformat(file.uploaded_at),
        content_type=file.content_type,
    )


def list_entries(
    files: Files, prefix: str, *, recursive: bool, by_upload: bool = False, descending: bool = False
) -> Sequence[models.BucketEntry]:
    """List the files whose paths start with a prefix, which may end within a name.

    Args:
        recursive: Whether to list files at any depth, and no folders; else, what is deeper than the prefix by more than
            one level is listed as a folder.
        by_upload: Whether to sort by the time of the upload instead of the path.
    """
    paths = files.starting_with(prefix)
    found = [_Shown(path) for path in paths] if recursive else _children(files, paths, prefix)
    if by_upload:
        found.sort(key=lambda one: (one.folder_upload or files.all()[one.path].uploaded_at, one.path))
    if descending:
        found.reverse()
    return LazyList(found, lambda some: [_entry(files, one) for one in some])


class _Shown(NamedTuple):
    """A file of a list; a folder, if it has a time: that of the last upload below it."""

    path: str
    folder_upload: str = ""


def _children(files: Files, paths: Sequence[str], prefix: str) -> list[_Shown]:
    """Return what is one level below a prefix, sorted by path."""
    depth = prefix.rstrip("/").count("/") + 2 if prefix.strip("/") else 1
    found: list[_Shown] = []
    latest: dict[str, str] = {}
    for path in paths:
        parts = path.split("/", depth)
        if len(parts) <= depth:
            found.append(_Shown(path))
        else:
            folder = "/".join(parts[:depth])
            latest[folder] = max(latest.get(folder, ""), files.all()[path].uploaded_at)
    return sorted([*found, *map(_Shown._make, latest.items())])


def _entry(files: Files, shown: _Shown) -> models.BucketEntry:
    if shown.folder_upload:
        return models.BucketFolder(path=shown.path, uploaded_at=datetime.fromisoformat(shown.folder_upload))
    return file_entry(shown.path, files.all()[shown.path])
