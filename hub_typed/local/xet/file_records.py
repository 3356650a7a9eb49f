"""Records of the files of Xet storage, by Xet hash and by SHA-256.

The record of a file is a shard with this file alone. Content that was cut into chunks in several ways has several Xet
hashes; the first one that was recorded stands for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import attrs

from hub_typed.local.xet.hashed_files import HashedFiles, TemporaryFiles
from hub_typed.local.xet.shards import ShardFile, Term, parse_shard, write_shard

__all__ = ["FileRecords", "StoredFile"]


@attrs.frozen
class StoredFile:
    """A file of Xet storage.

    Attributes:
        hash: Its Xet hash.
        sha256: SHA-256 of its content.
        size: Its size in bytes.
        terms: What it consists of.
    """

    hash: str
    sha256: str
    size: int
    terms: Collection[Term]


class FileRecords:
    """Records of files in one folder."""

    def __init__(self, root: Path, temporary: TemporaryFiles) -> None:
        self._records = HashedFiles(root / "files", temporary)
        self._contents = HashedFiles(root / "contents", temporary)
        """By SHA-256 the Xet hashes of this content, one on each line."""

    def __iter__(self) -> Iterator[StoredFile]:
        return (file for name in self._records if (file := self.get(name)) is not None)

    def get(self, name: str) -> StoredFile | None:
        """Return the file with this Xet hash; ``None`` if it is unknown."""
        record = self._records.read(name)
        if record is None:
            return None
        ((file,), _) = parse_shard(record)
        assert file.sha256 is not None
        return StoredFile(file.hash, file.sha256, file.size, file.terms)

    def of_content(self, sha256: str) -> list[StoredFile]:
        """Return the files with this content."""
        return [file for name in self._hashes(sha256) if (file := self.get(name)) is not None]

    def add(self, file: StoredFile) -> bool:
        """Record a file, or let the age of its record begin anew; return whether it is new."""
        hashes = self._hashes(file.sha256)
        new = file.hash not in hashes
        if new:
            self._records.write(file.hash, write_shard([ShardFile(file.hash, file.terms, sha256=file.sha256)]))
            hashes.append(file.hash)
        self._contents.write(file.sha256, "\n".join(hashes).encode())
        return new

    def remove(self, sha256: str) -> None:
        """Delete the files with this content."""
        for name in self._hashes(sha256):
            self._records.remove(name)
        self._contents.remove(sha256)

    def older_than(self, seconds: float) -> Iterator[str]:
        """Yield the SHA-256 of each content that was last added longer ago."""
        return (sha256 for sha256 in self._contents if self._contents.age(sha256) >= seconds)

    def _hashes(self, sha256: str) -> list[str]:
        return (self._contents.read(sha256) or b"").decode().split()
