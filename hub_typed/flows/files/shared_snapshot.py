"""Download of a snapshot by several workers into a cache that they share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from hub_typed.errors import LocalEntryNotFoundError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.commit_tree import TreeFile, list_commit_files
from hub_typed.flows.files.metadata import metadata_timeout
from hub_typed.flows.files.revision import request_commit
from hub_typed.flows.files.snapshot_files import SnapshotDownload
from hub_typed.flows.patterns import filter_paths
from hub_typed.http.io import Io
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__: list[str] = []


@attrs.frozen(kw_only=True)
class SharedSnapshot:
    """Files of one commit, and the cache that they are written to.

    Attributes:
        revision: Branch, tag or commit that was requested.
        files: Files to download.
    """

    cache_dir: str
    repo_id: str
    repo_type: RepoType
    revision: str
    commit: str
    files: list[TreeFile]

    @property
    def cached(self) -> CachedRepo:
        """The repository in the cache."""
        return CachedRepo.of(self.cache_dir, self.repo_id, self.repo_type)

    def download(self, io: Io) -> SnapshotDownload:
        """Return the download of these files."""
        timeout = metadata_timeout(io, io.settings.etag_timeout)
        return SnapshotDownload(io, self.cached, self.repo_id, self.repo_type, self.commit, timeout)


async def list_snapshot(
    io: Io,
    repo_id: str,
    *,
    repo_type: str | None,
    revision: str | None,
    cache_dir: str | os.PathLike[str],
    allow_patterns: Sequence[str] | str | None,
    ignore_patterns: Sequence[str] | str | None,
) -> SharedSnapshot:
    """Pin the commit of a revision and list its files; see `snapshot_download` for arguments and errors."""
    kind = rules.repo_type(repo_type)
    revision = rules.checked_revision(revision or "main")
    cached = CachedRepo.of(cache_dir, repo_id, kind)
    timeout = metadata_timeout(io, io.settings.etag_timeout)
    began = io.now()
    commit = await request_commit(io, repo_id, kind, revision, timeout=timeout)
    tree = await list_commit_files(
        io,
        repo_id,
        kind,
        commit,
        cached,
        timeout=timeout,
        single_attempt=False,
        began=began,
        on_listed=lambda _: None,
    )
    paths = set(filter_paths((file.path for file in tree), allow_patterns, ignore_patterns))
    return SharedSnapshot(
        cache_dir=str(cached.root),
        repo_id=repo_id,
        repo_type=kind,
        revision=revision,
        commit=commit,
        files=[file for file in tree if file.path in paths],
    )


async def find_missing(io: Io, snapshot: SharedSnapshot) -> list[TreeFile]:
    """Return the files that are not in the cache, after checking that they fit on the disk."""
    return await snapshot.download(io).find_missing(snapshot.files)


async def download_files(io: Io, snapshot: SharedSnapshot) -> None:
    """Download the files that are not in the cache."""
    await snapshot.download(io).run(snapshot.files, None, force=False, limit=None)


async def finish_snapshot(io: Io, snapshot: SharedSnapshot) -> Path:
    """Check that all files are in the cache, write the commit of the revision, and return the folder.

    Raises:
        LocalEntryNotFoundError: A file is missing.
    """
    cached = snapshot.cached
    if outdated := (await io.run_blocking(lambda: cached.compare(snapshot.commit, snapshot.files, io.check))).outdated:
        raise LocalEntryNotFoundError(
            f"{len(outdated)} files of {snapshot.repo_id} are missing in {cached.folder} after their download, "
            f"{outdated[0].path} among them: the cache must be a folder that all workers share."
        )
    await io.run_blocking(lambda: cached.write_ref(snapshot.revision, snapshot.commit))
    return cached.snapshot(snapshot.commit)
