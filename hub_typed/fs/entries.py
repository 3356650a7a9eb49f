"""What is known of a file or folder."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from hub_typed_api.models import BlobLfsInfo, BlobSecurityInfo, LastCommitInfo

__all__ = ["EntryInfo"]


class EntryInfo(TypedDict):
    """A file or folder, as `HubFileSystem.info` returns it.

    Attributes:
        name: Path with the repository or bucket, and the revision if that is not ``main``.
        size: Size in bytes; 0 for a folder.
        blob_id: Git blob id of a file of a repository.
        lfs: Size and SHA-256 of an LFS file; ``None`` for other files of repositories.
        xet_hash: Hash of a file in Xet storage; ``None`` for other files.
        tree_id: Git tree id of a folder of a repository.
        last_commit: Last commit that changed it; ``None`` unless it was asked for with ``expand_info``.
        security: Result of the security scan of a file; ``None`` unless it was asked for.
        mtime: Modification time of the source of a file of a bucket.
        uploaded_at: When a file of a bucket was uploaded.
    """

    name: str
    size: int
    type: Literal["file", "directory"]
    blob_id: NotRequired[str]
    lfs: NotRequired[BlobLfsInfo | None]
    xet_hash: NotRequired[str | None]
    tree_id: NotRequired[str | None]
    last_commit: NotRequired[LastCommitInfo | None]
    security: NotRequired[BlobSecurityInfo | None]
    mtime: NotRequired[datetime | None]
    uploaded_at: NotRequired[datetime | None]


def folder_info(name: str) -> EntryInfo:
    """Return what is known of a folder of which nothing else is known."""
    return EntryInfo(name=name, size=0, type="directory")
