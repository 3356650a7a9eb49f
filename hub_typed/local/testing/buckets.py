"""Buckets of an embedded Hub, made from files."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import attrs

from hub_typed.local import LocalHub
from hub_typed.local.buckets.files import BucketFile
from hub_typed.local.testing.repositories import Content
from hub_typed_api.path import checked_file

__all__ = ["HubBucket", "HubBucketFactory"]


@attrs.frozen(kw_only=True)
class HubBucket:
    """A bucket of an embedded Hub.

    Attributes:
        bucket_id: Name, ``owner/name``.
        url: URL of its page.
    """

    bucket_id: str
    url: str


class HubBucketFactory:
    """Function that makes buckets of a Hub, which must serve Xet.

    Example:
        bucket = make({"logs/today.txt": "started", "weights.bin": b"...", "table.csv": Path("table.csv")})
    """

    def __init__(self, hub: LocalHub) -> None:
        self._hub = hub
        self._numbers = count(1)

    def __call__(
        self,
        files: Mapping[str, Content] | None = None,
        *,
        name: str | None = None,
        owner: str | None = None,
        private: bool = False,
    ) -> HubBucket:
        """Create a bucket with files.

        Args:
            files: Content of each file by its path in the bucket.
            name: Name without the owner; by default, ``bucket-1`` and so on.
            owner: User or organization; by default, the user of the Hub. A user who is missing is created.
            private: Whether only its owner can see it.

        Raises:
            HubResponseError: It exists already.
            ValueError: A name or path is invalid, or the Hub does not serve Xet.
        """
        hub = self._hub.hub
        owner = owner or self._hub.user
        if hub.accounts.organization(owner) is None:
            self._hub.add_user(owner)
        bucket_id = f"{owner}/{name or f'bucket-{next(self._numbers)}'}"
        made = {checked_file(path): self._file(path, content) for path, content in (files or {}).items()}
        bucket = hub.buckets.create(bucket_id, user=owner, private=private)
        if made:
            bucket.change_files(made, datetime.now(UTC).isoformat())
        return HubBucket(bucket_id=bucket_id, url=f"{self._hub.endpoint}/buckets/{bucket_id}")

    def _file(self, path: str, content: Content) -> BucketFile:
        """Store a content; return the file that has it."""
        data = content.read_bytes() if isinstance(content, Path) else _data(content)
        now = datetime.now(UTC)
        changed = content.stat().st_mtime if isinstance(content, Path) else now.timestamp()
        sha256 = hashlib.sha256(data).hexdigest()
        return BucketFile(
            xet_hash=self._stored(path, sha256, data),
            sha256=sha256,
            size=len(data),
            uploaded_at=now.isoformat(),
            mtime=int(changed * 1000),
            content_type=mimetypes.guess_type(path)[0],
        )

    def _stored(self, path: str, sha256: str, data: bytes) -> str:
        hub = self._hub.hub
        if hub.xet is None:
            raise ValueError("Files of buckets need a Hub that serves Xet: use LocalHub(xet=True), or xet_hub in tests")
        hub.lfs.receive(sha256, len(data), [data])
        xet_hash = hub.xet.hash_of(sha256)
        if xet_hash is None:
            raise ValueError(f"{path} is too large: it has {len(data)} bytes")
        return xet_hash


def _data(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
