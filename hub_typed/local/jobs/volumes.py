"""Volumes of jobs: copies of repositories and buckets in folders, as they are when the job starts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.owned import Owned
from hub_typed.local.buckets.store import Buckets
from hub_typed.local.errors import not_found
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.repos.store import Store, known_type
from hub_typed_api import models

__all__ = ["Volumes", "with_folders"]


@attrs.frozen
class Volumes:
    """The repositories and buckets of a Hub, as sources of volumes."""

    store: Store
    buckets: Buckets
    lfs: LfsStore
    accounts: Accounts

    def copy(self, volume: models.Volume, user: str, folder: Path) -> None:
        """Write the files of a volume to a new folder; those of a repository can only be read.

        Args:
            user: Name of the user whom the volume is for.

        Raises:
            HubResponseError: 404, the repository or bucket, its revision or its folder does not exist, or the user may
                no longer read it.
        """
        folder.mkdir(parents=True)
        is_bucket = volume.type == "bucket"
        files = self._files_of_bucket(volume, user) if is_bucket else self._files_of_repo(volume, user)
        mode = 0o400 if volume.read_only or not is_bucket else 0o600
        for path, content in files:
            target = folder / path
            if not target.resolve().is_relative_to(folder.resolve()):
                raise not_found(f"{volume.source} has a file {path!r}, which is outside of any folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                file.writelines(content)
            target.chmod(mode)

    def _files_of_repo(self, volume: models.Volume, user: str) -> Iterator[tuple[str, Iterable[bytes]]]:
        repo = self.store.find(known_type(volume.type), volume.source)
        if repo is None or not self._may_read(repo, user):
            raise not_found(f"There is no {volume.type} {volume.source}, or {user} may not read it")
        git, start = repo.git(), _folder(volume)
        for entry in git.tree(git.commit_at(volume.revision or "main"), start.rstrip("/"), recursive=True):
            if entry.kind == "file":
                pointer = entry.pointer
                content = [git.read(entry)] if pointer is None else self.lfs.read(pointer.sha256, 0, pointer.size)
                yield entry.path.removeprefix(start), content

    def _files_of_bucket(self, volume: models.Volume, user: str) -> Iterator[tuple[str, Iterable[bytes]]]:
        bucket = self.buckets.find(volume.source)
        if bucket is None or not self._may_read(bucket, user):
            raise not_found(f"There is no bucket {volume.source}, or {user} may not read it")
        start = _folder(volume)
        for path, file in bucket.files.all().items():
            if path.startswith(start):
                yield path.removeprefix(start), self.lfs.read(file.sha256, 0, file.size) if file.size else ()

    def _may_read(self, source: Owned, user: str) -> bool:
        facts, groups = source.facts, self.accounts.groups
        role = self.accounts.role_of(user, source.namespace, groups.of_resource(facts.id))
        return role is not None or not facts.private


def with_folders(text: str, folders: Mapping[str, str]) -> str:
    """Return a text in which paths below mount paths are those of the folders in their place.

    Jobs are no containers, so nothing is mounted at ``/data``: a command or variable that names it gets the folder.
    """
    if not folders:
        return text
    paths = "|".join(re.escape(path) for path in sorted(folders, key=len, reverse=True))
    return re.sub(rf"(?<![\w./-])(?:{paths})(?![\w.-])", lambda found: folders[found[0]], text)


def _folder(volume: models.Volume) -> str:
    path = (volume.path or "").strip("/")
    return f"{path}/" if path else ""
