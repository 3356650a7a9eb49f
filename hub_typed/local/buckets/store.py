"""Storage of buckets: their metadata, and their files."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from hub_typed.local.buckets.file_index import FileIndex
from hub_typed.local.buckets.files import BucketFile, Files
from hub_typed.local.errors import HubResponseError, repo_missing
from hub_typed.local.json_files import read_json, write_json
from hub_typed.local.repos.named_folders import NamedFolder, NamedFolders

__all__ = ["Bucket", "BucketFacts", "Buckets"]

_KIND: Final = "bucket"
_FACTS: Final = "bucket.json"
_FILES: Final = "files"


@attrs.frozen(kw_only=True)
class BucketFacts:
    """Metadata of a bucket.

    Attributes:
        created_at: Time of creation, in ISO 8601.
        updated_at: When these settings were last changed, in ISO 8601.
        creator: Name of the user who created it.
        cdn: Provider and region of its CDN caches.
    """

    id: str
    created_at: str
    updated_at: str
    creator: str
    private: bool = False
    cdn: Sequence[Sequence[str]] = ()


class Bucket:
    """One stored bucket.

    Attributes:
        repo_id: Name, ``owner/name``.
        path: Its folder.
        lock: Held by whoever changes it.
    """

    def __init__(self, folder: NamedFolder, indexes: dict[Path, FileIndex], now: Callable[[], datetime]) -> None:
        self.repo_type: Literal["bucket"] = _KIND
        self.repo_id: str = folder.name
        self.path: Path = folder.path
        self.lock: threading.RLock = folder.lock
        self._indexes = indexes
        self._now = now

    @property
    def namespace(self) -> str:
        """Name of the owner."""
        return self.repo_id.partition("/")[0]

    @property
    def facts(self) -> BucketFacts:
        stored = read_json(self.path / _FACTS)
        if stored is None:  # deleted or moved since it was found
            raise repo_missing(logged_in=True)
        return BucketFacts(**stored)

    @property
    def files(self) -> Files:
        """Its files at this moment."""
        index = self._indexes.get(self.path)
        if index is None:
            with self.lock:
                index = self._index()
        return index.files

    @property
    def updated_at(self) -> str:
        """When its settings or files were last changed, in ISO 8601."""
        facts = self.facts
        return max(facts.updated_at, self.files.updated_at or facts.updated_at, key=datetime.fromisoformat)

    def change_files(self, changes: Mapping[str, BucketFile | None], at: str) -> None:
        """Add, replace and delete files, all at once.

        Args:
            changes: The new file at each path; ``None`` to delete it, if it exists.
            at: Time in ISO 8601.
        """
        with self.lock:
            self._index().apply(changes, at)

    def change(self, **changes: Any) -> BucketFacts:
        """Change and return the metadata."""
        with self.lock:
            facts = attrs.evolve(self.facts, **changes, updated_at=self._now().isoformat())
            write_json(self.path / _FACTS, attrs.asdict(facts))
            return facts

    def _index(self) -> FileIndex:
        """Return the index of the files; the lock is held, so that the folder stays where it is."""
        index = self._indexes.get(self.path)
        if index is None:
            if not self.path.is_dir():
                raise repo_missing(logged_in=True)
            index = self._indexes[self.path] = FileIndex(self.path / _FILES)
        return index


class Buckets:
    """All buckets, as folders below a root: ``buckets/owner/name.bucket``."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._folders = NamedFolders(root, suffix=".bucket", moves="bucket_moves.json")
        self._indexes: dict[Path, FileIndex] = {}
        """Indexes of the files that were read so far, by the folder of their bucket."""

    def find(self, bucket_id: str) -> Bucket | None:
        """Return the bucket with this name, in any letter case; ``None`` if it does not exist."""
        return self._bucket(self._folders.find(_KIND, bucket_id))

    def moved(self, bucket_id: str) -> Bucket | None:
        """Return the bucket that had this name before it was renamed; ``None`` if there is none."""
        return self._bucket(self._folders.moved(_KIND, bucket_id))

    def all(self) -> Iterator[Bucket]:
        """Iterate over the buckets, sorted by name."""
        return (Bucket(folder, self._indexes, self._now) for folder in self._folders.all(_KIND))

    def create(
        self, bucket_id: str, *, user: str, private: bool = False, cdn: Sequence[tuple[str, str]] = ()
    ) -> Bucket:
        """Create an empty bucket.

        Raises:
            HubResponseError: 409, it exists already.
        """
        now = self._now().isoformat()
        facts = BucketFacts(
            id=secrets.token_hex(12), created_at=now, updated_at=now, creator=user, private=private, cdn=cdn
        )
        scratch = self._folders.new()
        scratch.mkdir()
        write_json(scratch / _FACTS, attrs.asdict(facts))
        return Bucket(self._folders.add(_KIND, bucket_id, scratch), self._indexes, self._now)

    def delete(self, bucket: Bucket) -> None:
        """Delete a bucket. Contents are kept, since other buckets and repositories may use them."""
        with self._without_index(bucket):
            self._folders.delete(_KIND, bucket.repo_id)

    def move(self, bucket: Bucket, bucket_id: str) -> Bucket:
        """Rename a bucket; the old name redirects until another bucket uses it.

        Raises:
            HubResponseError: 409, a bucket with the new name exists already.
        """
        with self._without_index(bucket):
            folder = self._folders.move(_KIND, bucket.repo_id, bucket_id)
        return Bucket(folder, self._indexes, self._now)

    def contents(self) -> set[str]:
        """Return the SHA-256 of each content that a bucket has."""
        found: set[str] = set()
        for bucket in self.all():
            with suppress(HubResponseError):  # deleted just now
                found.update(bucket.files.contents.values())
        return found

    @contextmanager
    def _without_index(self, bucket: Bucket) -> Generator[None]:
        """Lock a bucket whose folder moves away, and forget the index of its files."""
        with bucket.lock:
            self._indexes.pop(bucket.path, None)
            yield

    def _bucket(self, folder: NamedFolder | None) -> Bucket | None:
        return None if folder is None else Bucket(folder, self._indexes, self._now)
