"""Files and folders of a bucket as in responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
    shown = files.starting_with(prefix)
    folders: dict[str, str] = {}
    if not recursive:
        folders, shown = _one_level(files, shown, prefix)
    if by_upload:
        shown = sorted(shown, key=lambda path: (folders.get(path) or files.all()[path].uploaded_at, path))
    if descending:
        shown = shown[::-1]

    def entry(path: str) -> models.BucketEntry:
        if path in folders:
            return models.BucketFolder(path=path[:-1], uploaded_at=datetime.fromisoformat(folders[path]))
        return file_entry(path, files.all()[path])

    return LazyList(shown, lambda some: list(map(entry, some)))


def _one_level(files: Files, paths: Sequence[str], prefix: str) -> tuple[dict[str, str], Sequence[str]]:
    """Return the folders one level below a prefix with the time of the last upload to each, and all that is there.

    The paths of folders end in a slash here, which those of files never do.
    """
    depth = prefix.rstrip("/").count("/") + 2 if prefix.strip("/") else 1
    folders: dict[str, str] = {}
    found: list[str] = []
    for path in paths:
        parts = path.split("/", depth)
        if len(parts) <= depth:
            found.append(path)
        else:
            folder = f"{'/'.join(parts[:depth])}/"
            folders[folder] = max(folders.get(folder, ""), files.all()[path].uploaded_at)
    return folders, sorted([*found, *folders])
