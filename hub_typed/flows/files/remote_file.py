"""Metadata of a file that is complete enough for a verified download."""

from __future__ import annotations

import attrs

__all__: list[str] = []


@attrs.frozen(kw_only=True)
class RemoteFile:
    """One file of a repository at one commit.

    Attributes:
        commit: 40 hexadecimal digits.
        path: Path in the repository.
        etag: Hash of the content, verified after the download; also the name of the blob in the cache.
        size: Size of the content in bytes.
        xet_hash: Hash of the content in Xet storage; ``None`` if it is not there.
        location: URL of the content, which may be signed and expire; ``None`` if it is not known.
    """

    repo_id: str
    repo_type: str
    commit: str
    path: str
    etag: str
    size: int
    xet_hash: str | None = None
    location: str | None = attrs.field(default=None, eq=False, repr=False)
