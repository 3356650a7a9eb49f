"""A backup of a folder in a bucket: planned, checked, executed, and restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub_typed import BucketFile, BucketNotFoundError, BucketUrl, HfApi, HfUri, SyncOperation, SyncPlan
from hub_typed.errors import BucketBatchError


class TooManyDeletionsError(Exception):
    """A backup would delete more files than allowed."""


@dataclass(frozen=True)
class Backup:
    api: HfApi
    bucket_id: str
    most_deletions: int = 10

    @property
    def uri(self) -> HfUri:
        return HfUri("bucket", self.bucket_id, None, "files")

    def prepare(self) -> BucketUrl:
        return self.api.create_bucket(self.bucket_id, private=True, exist_ok=True)

    def run(self, folder: Path, plan: Path) -> SyncPlan:
        planned = self.api.sync_bucket(folder, self.uri, delete=True, exclude=["*.tmp"], plan=plan, quiet=True)
        deleted = [one.path for one in deletions(planned)]
        if len(deleted) > self.most_deletions:
            raise TooManyDeletionsError(", ".join(deleted))
        return self.api.sync_bucket(apply=plan, quiet=True)

    def restore(self, folder: Path) -> int:
        done: SyncPlan = self.api.sync_bucket(self.uri, folder, quiet=True)
        return sum(one.size or 0 for one in done.operations if one.action == "download")

    def mark(self, text: str) -> list[str]:
        """Write a marker, and return what could not be written."""
        try:
            self.api.batch_bucket_files(self.bucket_id, add=[(text.encode(), "marker")])
        except BucketBatchError as error:
            return [failure["path"] for failure in error.failures]
        return []

    def sizes(self) -> dict[str, int]:
        entries = self.api.list_bucket_tree(self.bucket_id, recursive=True)
        return {entry.path: entry.size for entry in entries if isinstance(entry, BucketFile)}

    def size(self) -> int | None:
        try:
            return self.api.bucket_info(self.bucket_id).size
        except BucketNotFoundError as error:
            return None if error.bucket_id == self.bucket_id else 0


def deletions(plan: SyncPlan) -> Iterator[SyncOperation]:
    return (one for one in plan.operations if one.action == "delete")
