"""Metadata of a file that is complete enough for a verified download."""

from __future__ import annotations

from pathlib import Path

import attrs

from hub_typed.disk.files import Digest, digest_for_etag, update_digest
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Call, Response

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

    @property
    def place(self) -> str:
        """Where the file is, for messages."""
        return f"{self.repo_id}: {self.path} at commit {self.commit}"

    def content_request(self, byte_range: str | None) -> Call[Response]:
        """Return the request for the content.

        Args:
            byte_range: Value of the header ``Range``; ``None`` for the whole file.
        """
        return operations.resolve_file(
            self.repo_id,
            self.path,
            repo_type=self.repo_type,
            revision=self.commit,  # a branch may move between two requests
            byte_range=byte_range,
        )

    @property
    def is_immutable(self) -> bool:
        """Whether the path always has this content, as it does at a commit."""
        return True

    def new_digest(self) -> Digest:
        """Return the running hash that yields the etag."""
        return digest_for_etag(self.etag, self.size)

    @property
    def is_hashed_as_a_whole(self) -> bool:
        """Whether `hash_of_file` yields the etag, instead of the running hash."""
        return False

    def hash_of_file(self, path: str) -> str:
        """Return the hash of a complete local file.

        Args:
            path: Path of the file.
        """
        digest = self.new_digest()
        update_digest(digest, Path(path), lambda: None)
        return digest.hexdigest()
