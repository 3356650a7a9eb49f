"""A file of a bucket as the source of a download."""

from __future__ import annotations

from typing import Self

import attrs

from hub_typed.disk.files import Digest
from hub_typed.errors import ProtocolError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.files.paths import is_xet_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.xet.file_hashes import file_hash
from hub_typed_api.models import BucketFile
from hub_typed_api.operations import buckets as operations
from hub_typed_api.wire import Call, Response

__all__: list[str] = []


@attrs.frozen(kw_only=True)
class RemoteBucketFile(RemoteFile):
    """A file of a bucket. Its etag is the hash of Xet storage, which only `hf_xet` computes."""

    @classmethod
    def of(cls, bucket_id: str, file: BucketFile) -> Self:
        """Return the source of the download of a listed file.

        Raises:
            ProtocolError: The hash of the file is not one.
        """
        if not is_xet_hash(file.xet_hash):
            raise ProtocolError(
                f"{bucket_id}: the hash of {file.path!r} is {file.xet_hash!r}, not 64 hexadecimal digits."
            )
        return cls(
            repo_id=bucket_id,
            repo_type="bucket",
            commit="",
            path=file.path,
            etag=file.xet_hash,
            size=file.size,
            xet_hash=file.xet_hash,
        )

    @property
    def place(self) -> str:
        return f"{self.repo_id}: {self.path}"

    def content_request(self, byte_range: str | None) -> Call[Response]:
        return operations.resolve_bucket_file(*parse_bucket_id(self.repo_id), self.path, byte_range=byte_range)

    @property
    def is_immutable(self) -> bool:
        return False

    def new_digest(self) -> Digest:
        return _Unhashed(self.etag)

    @property
    def is_hashed_as_a_whole(self) -> bool:
        return self.size > 0

    def hash_of_file(self, path: str) -> str:
        """Return the hash of a complete local file; the expected one without `hf_xet`, so that only the size counts."""
        return file_hash(path) or self.etag


class _Unhashed:
    """Stands for the running hash of pieces that are hashed only when the file is complete."""

    def __init__(self, etag: str) -> None:
        self._etag = etag

    def update(self, data: bytes | memoryview, /) -> None:
        """Ignore a piece."""

    def hexdigest(self) -> str:
        """Return the expected hash."""
        return self._etag
