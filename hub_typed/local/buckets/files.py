"""The files of a bucket at one moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

import attrs

__all__ = ["BucketFile", "Files"]


@attrs.frozen(kw_only=True)
class BucketFile:
    """A file of a bucket.

    Attributes:
        sha256: SHA-256 of its content, by which the content is stored.
        size: Size in bytes.
        uploaded_at: When it was added or replaced, in ISO 8601.
        mtime: Modification time of the source file in milliseconds since 1970, if known.
        mtime_nanos: Part of `mtime` below one millisecond, in nanoseconds.
        content_type: Media type, if known.
    """

    xet_hash: str
    sha256: str
    size: int
    uploaded_at: str
    mtime: int | None = None
    mtime_nanos: int | None = None
    content_type: str | None = None


class Files:
    """Files by path; they do not change.

    Attributes:
        updated_at: When a file was last added or deleted, in ISO 8601; ``None`` if that never happened.
    """

    def __init__(self, by_path: Mapping[str, BucketFile] | None = None, updated_at: str | None = None) -> None:
        self._by_path = by_path or {}
        self.updated_at = updated_at

    def __len__(self) -> int:
        return len(self._by_path)

    def get(self, path: str) -> BucketFile | None:
        """Return the file at a path; ``None`` if there is none."""
        return self._by_path.get(path)

    def all(self) -> Mapping[str, BucketFile]:
        """Return all files by path."""
        return self._by_path

    @cached_property
    def size(self) -> int:
        """Total size in bytes."""
        return sum(file.size for file in self._by_path.values())

    @cached_property
    def contents(self) -> Mapping[str, str]:
        """The SHA-256 of each content by its Xet hash."""
        return {file.xet_hash: file.sha256 for file in self._by_path.values()}

    @cached_property
    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted(self._by_path)

    def starting_with(self, prefix: str) -> Sequence[str]:
        """Return the paths that start with a text, sorted."""
        start = bisect_left(self.paths, prefix)
        return self.paths[start : bisect_right(self.paths, prefix, start, key=lambda path: path[: len(prefix)])]

    def changed(self, changes: Mapping[str, BucketFile | None], at: str) -> Files:
        """Return the files after changes.

        Args:
            changes: The new file at each path; ``None`` if it is deleted.
            at: Time in ISO 8601.
        """
        by_path = dict(self._by_path)
        for path, file in changes.items():
            if file is None:
                by_path.pop(path, None)
            else:
                by_path[path] = file
        return Files(by_path, at)
