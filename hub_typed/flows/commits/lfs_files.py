"""LFS files of a commit: small groups are hashed and uploaded, to Xet storage or else to LFS storage.

To LFS storage, a group is hashed, then one batch request names its files, then they are uploaded. To Xet storage, the
groups of a chunk share one upload commit, and each file is hashed while it is sent; only a file that replaces another
one is hashed before, to tell whether it changed. The content of small groups is kept in memory from the hash to the
upload, so that it is read once.

Files that earlier runs or other workers have uploaded are not read if the storage still has them; one batch request
tells that of many.

This module and what it needs is imported when a commit has its first LFS file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final

import attrs

from hub_typed.disk.block_pool import BlockPool
from hub_typed.flows.commits.hashes import Hashes
from hub_typed.flows.commits.prepared_changes import Target, Upload
from hub_typed.flows.lfs.actions import OBJECTS_PER_BATCH, LfsFile, LfsTarget
from hub_typed.flows.lfs.part_records import PartRecords
from hub_typed.flows.lfs.upload import LfsUploader, OnUploaded
from hub_typed.flows.xet.uploads import XetCommit, XetUploader
from hub_typed.http.io import Io

__all__: list[str] = []

MAX_GROUPS: Final = 2
"""Maximum number of groups at the same time, unless it is adapted to the connection."""
GROUP_BYTES: Final = 16 << 20
"""Size of a group of several files in bytes; a larger file is a group of its own."""
MAX_KEPT_BYTES: Final = 64 << 20
"""Maximum size of the contents kept in memory at the same time, in bytes."""


@attrs.frozen
class Group:
    """LFS files that one batch request names.

    Attributes:
        is_serial: Whether its files must be read one after the other, because they share a file object.
    """

    uploads: list[Upload]
    is_serial: bool


class LfsFiles:
    """Hashes and uploads the LFS files of one commit, or of all commits of a large folder.

    Args:
        hashes: Computes the oids, and reports the progress to its observer.
        at_once: Maximum number of files that are read or uploaded at the same time; ``None`` for as many as the
            connection and the processor allow.
        records: Where the parts of unfinished uploads are recorded.
        on_uploaded: Called with the path of each file after its upload.
        dry_run: Hash the files without uploading them.
    """

    def __init__(
        self,
        io: Io,
        target: Target,
        hashes: Hashes,
        *,
        at_once: int | None,
        records: PartRecords | None,
        on_uploaded: OnUploaded | None,
        dry_run: bool,
    ) -> None:
        self._io = io
        self._dry_run = dry_run
        self._at_once = at_once
        self._hashes = hashes
        self._memory = BlockPool(MAX_KEPT_BYTES)
        self._on_uploaded = on_uploaded
        self._sent: set[str] = set()  # oids of the files sent to LFS storage
        revision = None if target.create_pr else target.revision
        self._xet = XetUploader(io, target.repo_id, target.repo_type, revision, observer=hashes.observer)
        self._lfs = LfsUploader(
            io,
            LfsTarget(repo_id=target.repo_id, repo_type=target.repo_type, revision=revision),
            observer=hashes.observer,
            records=records or PartRecords(io.settings.cache_dir, (".locks", "uploads")),
            on_uploaded=on_uploaded,
        )

    async def upload(self, uploads: Sequence[Upload]) -> None:
        """Upload files to Xet storage, or else to LFS storage.

        Raises:
            SourceChangedError: A file changed while it was read.
            LfsRefusedError: The Hub refused some of the files.
        """
        left = await self._without_stored(uploads)
        groups = list(groups_of(left))
        if not groups:
            return
        if self._dry_run or not await self._xet.upload(lambda commit: self._each_group(groups, commit)):
            await self._each_group(groups, None)
        elif self._on_uploaded is not None:
            for upload in left:
                await self._on_uploaded(upload.path)

    async def _each_group(self, groups: Sequence[Group], commit: XetCommit | None) -> None:
        """Upload groups of files."""
        limit = MAX_GROUPS if self._at_once is None else min(self._at_once, len(groups), MAX_GROUPS)
        share = self._at_once and self._at_once // limit
        upload_group = partial(self._upload_group, commit=commit, at_once=share)
        # hf_xet collects up to 64 MiB of each file that is being sent.
        is_adaptive = self._at_once is None and commit is None
        await self._io.each(upload_group, groups, limit=None if is_adaptive else limit, adaptive=is_adaptive)

    async def _upload_group(self, group: Group, *, commit: XetCommit | None, at_once: int | None) -> None:
        """Upload the files of a group whose content the branch does not have at their path.

        Args:
            commit: Upload commit of Xet storage; ``None`` for LFS storage, for which all files are hashed before.
            at_once: The share of the group in the files and parts that are read or uploaded at the same time.
        """
        limit = 1 if group.is_serial else at_once
        size = sum(upload.content.size for upload in group.uploads)
        with self._memory.reserve(size) as keep, ExitStack() as kept:
            for upload in group.uploads:
                kept.callback(upload.content.release)
            hashed = [upload for upload in group.uploads if commit is None or upload.existing_oid]
            compute = partial(self._hashes.compute, keep=keep)
            await self._io.each(compute, hashed, limit=limit, adaptive=limit is None)
            changed = [upload for upload in group.uploads if not upload.oid or upload.oid != upload.existing_oid]
            if commit is None:
                await self._send_to_lfs(changed, at_once=limit)
            else:
                send = partial(self._send_to_xet, commit=commit)
                await self._io.each(send, changed, limit=limit, adaptive=limit is None)

    async def _without_stored(self, uploads: Sequence[Upload]) -> list[Upload]:
        """Return the files that earlier runs and other workers have not uploaded, or that storage has deleted since."""
        uploaded = [upload for upload in uploads if await self._hashes.take_uploaded(upload)]
        for first in range(0, len(uploaded), OBJECTS_PER_BATCH):
            batch = uploaded[first : first + OBJECTS_PER_BATCH]
            stored = await self._lfs.find_stored(_lfs_files(batch))
            for upload in batch:
                upload.stored = upload.oid in stored
                upload.oid = upload.oid if upload.stored else ""
                if upload.stored:
                    upload.content.release()
        return [upload for upload in uploads if not upload.stored]

    async def _send_to_lfs(self, uploads: Sequence[Upload], *, at_once: int | None) -> None:
        stored = await self._lfs.upload(_lfs_files(uploads), at_once=at_once, dry_run=self._dry_run)
        for upload in uploads:
            upload.stored = upload.oid in stored
            if not upload.stored and upload.oid not in self._sent:
                self._sent.add(upload.oid)
                upload.sent = upload.content.size

    async def _send_to_xet(self, upload: Upload, *, commit: XetCommit) -> None:
        # A hash from an earlier run is not given: that of the bytes sent counts.
        sha256 = upload.oid if upload.content.is_verified else None
        sent = await commit.send(upload.path, upload.content, sha256)
        upload.oid, upload.sent = sent.sha256, sent.new_bytes
        await self._hashes.save(upload, sent.sha256)


def _lfs_files(uploads: Sequence[Upload]) -> list[LfsFile]:
    return [LfsFile(path=upload.path, oid=upload.oid, content=upload.content) for upload in uploads]


def groups_of(uploads: Sequence[Upload]) -> Iterator[Group]:
    """Divide LFS files into groups that can be hashed and uploaded at the same time."""
    group: list[Upload] = []
    size = 0
    shared: dict[int, list[Upload]] = {}
    for upload in uploads:
        if not upload.content.allows_concurrent_reads:
            shared.setdefault(id(upload.content.source), []).append(upload)
            continue
        if group and (size + upload.content.size > GROUP_BYTES or len(group) == OBJECTS_PER_BATCH):
            yield Group(group, is_serial=False)
            group, size = [], 0
        group.append(upload)
        size += upload.content.size
    if group:
        yield Group(group, is_serial=False)
    for same in shared.values():
        for first in range(0, len(same), OBJECTS_PER_BATCH):
            yield Group(same[first : first + OBJECTS_PER_BATCH], is_serial=True)
