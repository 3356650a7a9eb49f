"""Upload a folder of any size in many commits, and resume after interruptions."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import attrs

from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, TransportError
from hub_typed.flows.argument_checks import check_range
from hub_typed.flows.commits.create import validate_readme
from hub_typed.flows.commits.journal import Journal, Mode, Record
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.commits.prepared import Target, Upload
from hub_typed.flows.commits.send_commit import send_commit
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads, compute_oid
from hub_typed.flows.files.locking import acquire_lock
from hub_typed.flows.lfs.actions import LfsFile
from hub_typed.flows.local_files import expand_user, files_to_upload
from hub_typed.flows.repos import create_repo, repo_exists
from hub_typed.flows.tree import list_repo_tree
from hub_typed.http.io import Io
from hub_typed.http.retry import RETRIED_STATUSES, retry_delay
from hub_typed_api.models import CommitHeader, RepoFile

__all__ = ["upload_large_folder"]

COMMIT_MESSAGE: Final = "Add files of a large folder with hub-typed"
BATCH_SIZES: Final = (20, 50, 75, 100, 125, 200, 250, 400, 600, 1000)
"""Maximum number of files of a commit: one step up after a fast commit, one step down after a slow or failed one."""
INITIAL_STEP: Final = 1
FAST_COMMIT_SECONDS: Final = 40.0
"""A commit request that takes less time is fast."""
MAX_REGULAR_FILE_BYTES: Final = 10 << 20
"""Size of the largest file that the Hub accepts in the commit payload itself."""
MAX_REGULAR_BYTES: Final = 100 << 20
"""Maximum total size of such files in one commit."""
MAX_COMMIT_BYTES: Final = 20 << 30
"""Maximum total size of the files of one commit, so that commits are not too far apart."""
COMMITTED_FIRST: Final = (".gitignore", ".gitattributes")
"""Files that determine the upload mode of the others."""
MANY_FILES: Final = 100_000
MANY_IN_FOLDER: Final = 10_000
_RETRYABLE_STATUSES: Final = (*RETRIED_STATUSES, 413)
"""Statuses after which fewer files are committed; 413: the payload is too large."""


async def upload_large_folder(
    io: Io,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    *,
    repo_type: str,
    revision: str | None = None,
    private: bool | None = None,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    num_workers: int | None = None,
    print_report: bool = True,
    print_report_every: int = 60,
) -> None:
    """Upload a folder of any size in as many commits as needed; another call resumes an interrupted upload.

    The state of each file is stored in ``.cache/huggingface/upload`` of the folder, in the format of the official
    client, and compared with the repository. Files that have changed since are uploaded again; files that were deleted
    locally are kept in the repository.

    Args:
        repo_id: Name, ``owner/name``; a missing repository is created.
        folder_path: Local folder; the files keep their paths below it.
        repo_type: ``model``, ``dataset`` or ``space``; required.
        revision: Branch to commit to, which must exist; ``main`` if not given.
        private: Whether a created repository is private; the default of the owner if not given.
        allow_patterns: Shell patterns; only matching files are uploaded.
        ignore_patterns: Shell patterns; matching files are skipped.
        num_workers: Maximum number of files that are read or uploaded concurrently; if not given, as many as the
            connection and the processor allow, at most the ``concurrency`` of the settings.
        print_report: Print the progress periodically.
        print_report_every: Seconds between two reports.

    Raises:
        ValueError: An argument, a path or the metadata of the README is invalid; nothing was uploaded.
        RevisionNotFoundError: The repository has no such branch.
        HfHubHTTPError: The Hub refused a commit, also after retries.
        SourceChangedError: A file changed during the upload; call again to resume.
    """
    if not repo_type:
        raise ValueError("repo_type is required: pass 'model', 'dataset' or 'space'.")
    check_range("num_workers", num_workers, 1)
    target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=False)
    root = expand_user(folder_path)
    paths = await io.run_blocking(lambda: files_to_upload(root, allow_patterns, ignore_patterns, io.check))
    paths.sort(key=lambda path: path not in COMMITTED_FIRST)
    additions = await io.run_blocking(lambda: [CommitOperationAdd(path, os.path.join(root, path)) for path in paths])
    # Creating a Space needs more arguments, so a Space must exist.
    if target.repo_type != "space" or not await repo_exists(io, repo_id, repo_type="space"):
        made = await create_repo(io, repo_id, repo_type=target.repo_type, private=private, exist_ok=True)
        target = attrs.evolve(target, repo_id=made.repo_id)
    journal = Journal(Path(root))
    await io.run_blocking(journal.make)
    async with acquire_lock(io, root, journal.lock):
        records = await _compare_with_branch(
            io, target, await io.run_blocking(lambda: {path: journal.read(path) for path in paths})
        )
        report = _Report(records, print_report_every if print_report else None)
        report.warn()
        upload = _LargeUpload(io, target, journal, records, report, num_workers)
        await upload.run([addition for addition in additions if not records[addition.path_in_repo].is_done])


async def _compare_with_branch(io: Io, target: Target, records: dict[str, Record]) -> dict[str, Record]:
    """Reset the committed flag of files that the branch does not contain, or contains with another content.

    The repository may have been recreated, or the folder may have been uploaded to another repository before.
    """
    if not any(record.committed for record in records.values()):
        return records
    remote: dict[str, tuple[int, str | None]] = {}
    async for entry in list_repo_tree(
        io, target.repo_id, recursive=True, revision=target.revision, repo_type=target.repo_type
    ):
        if isinstance(entry, RepoFile):
            remote[entry.path] = entry.size, entry.lfs.sha256 if entry.lfs else None

    def is_in_branch(path: str, record: Record) -> bool:
        size, sha256 = remote.get(path, (-1, None))
        if path == ".gitattributes":  # the Hub adds lines to it
            return size >= 0
        return size == record.size and sha256 in (None, record.sha256)

    return {
        path: attrs.evolve(record, committed=record.committed and is_in_branch(path, record))
        for path, record in records.items()
    }


@attrs.define
class _Report:
    """Progress of the upload, printed periodically.

    Attributes:
        interval: Seconds between two reports; ``None`` disables them.
        last: Time of the last report.
    """

    records: Mapping[str, Record]
    interval: float | None
    last: float = 0.0

    def print_if_due(self, now: float, *, force: bool = False) -> None:
        """Print the progress if a report is due or forced."""
        if self.interval is not None and (force or now - self.last >= self.interval):
            self.last = now
            sys.stdout.write(f"{self}\n")

    def warn(self) -> None:
        """Warn if the Hub may be slow with, or refuse, so many files."""
        if self.interval is None:
            return
        if len(self.records) > MANY_FILES:
            sys.stdout.write(f"A repository with {len(self.records):,} files is slow: pack them into fewer files.\n")
        inside = Counter(path.rpartition("/")[0] for path in self.records)
        for folder, count in inside.items():
            if count > MANY_IN_FOLDER:
                sys.stdout.write(f"{folder or 'The root'} has {count:,} files; the Hub allows 10,000 per folder.\n")

    def __str__(self) -> str:
        records = list(self.records.values())
        committed = [record for record in records if record.committed]
        return (
            f"{len(committed):,} of {len(records):,} files committed "
            f"({_gigabytes(committed)} of {_gigabytes(records)} GB), "
            f"{sum(record.sha256 is not None for record in records):,} hashed, "
            f"{sum(record.uploaded for record in records):,} uploaded, "
            f"{sum(bool(record.ignored) for record in records):,} ignored"
        )


def _gigabytes(records: Iterable[Record]) -> str:
    return f"{sum(record.size for record in records) / 1e9:.2f}"


@attrs.frozen
class _LargeUpload:
    """Shared state of all commits of one upload.

    Attributes:
        records: State of each file, by path.
        workers: Maximum number of files that are read or uploaded concurrently; ``None`` for as many as the connection
            and the processor allow.
    """

    io: Io
    target: Target
    journal: Journal
    records: dict[str, Record]
    report: _Report
    workers: int | None

    async def run(self, additions: Sequence[CommitOperationAdd]) -> None:
        """Commit all files in batches whose size adapts to the speed of the Hub."""
        self.report.print_if_due(self.io.now(), force=True)
        await validate_readme(self.io, self.target, additions)
        todo = deque(additions)
        step, failures = INITIAL_STEP, 0
        while todo:
            batch = self._next_batch(todo, BATCH_SIZES[step])
            try:
                seconds = await self._commit(batch)
            except (TransportError, HfHubHTTPError) as error:
                failures += 1
                if not _is_retryable(error) or failures >= self.io.settings.attempts:
                    raise
                # Safe even if the commit was created: its files would be unchanged.
                step = max(step - 1, 0)
                await self.io.sleep(
                    retry_delay(None, failures, self.io.settings, self.io.random(), self.io.now()) or 0.0
                )
                continue
            failures = 0
            if len(batch) == BATCH_SIZES[step] and seconds < FAST_COMMIT_SECONDS:
                step = min(step + 1, len(BATCH_SIZES) - 1)
            elif seconds >= FAST_COMMIT_SECONDS:
                step = max(step - 1, 0)
            for _ in batch:
                todo.popleft()
        self.report.print_if_due(self.io.now(), force=True)

    def _next_batch(self, todo: Iterable[CommitOperationAdd], max_files: int) -> list[CommitOperationAdd]:
        """Return the next files within the limits of one commit; at least one."""
        batch: list[CommitOperationAdd] = []
        regular_bytes = total_bytes = 0
        for addition in islice(todo, max_files):
            size = self.records[addition.path_in_repo].size
            regular_bytes += size if size <= MAX_REGULAR_FILE_BYTES else 0
            total_bytes += size
            if batch and (regular_bytes > MAX_REGULAR_BYTES or total_bytes > MAX_COMMIT_BYTES):
                break
            batch.append(addition)
        return batch

    async def _commit(self, batch: Sequence[CommitOperationAdd]) -> float:
        """Commit a batch of files and return the duration of the commit request in seconds."""
        checked_at = self.io.now()

        async def compute_hash(upload: Upload, *, keep: bool = False) -> None:
            known = await self.io.run_blocking(lambda: self.journal.read(upload.path))
            content = upload.content
            if known.sha256 is None:
                # The hash of a regular file is for the official client, which would otherwise start from the beginning.
                sha256 = await self.io.run_blocking(lambda: content.sha256(self.io.check, keep=keep))
                known = attrs.evolve(known, sha256=sha256)
            upload.oid = (known.sha256 or "") if upload.lfs else ""
            if not upload.lfs:
                await compute_oid(self.io, upload)
            await save(upload, known)

        async def save(upload: Upload, known: Record) -> None:
            mode: Mode = "lfs" if upload.lfs else "regular"
            record = attrs.evolve(known, ignored=upload.ignored, mode=mode, committed=False)
            await self._save(upload.path, record, checked_at)

        async def mark_uploaded(file: LfsFile) -> None:
            await self._save(file.path, attrs.evolve(self.records[file.path], uploaded=True), checked_at)

        pipeline = Uploads(
            self.io,
            self.target,
            at_once=self.workers,
            records=self.journal.parts,
            compute_hash=compute_hash,
            on_uploaded=mark_uploaded,
        )
        uploads = await pipeline.prepare(batch, await UploadModes.of(self.io, self.target, batch))
        for upload in uploads:
            if upload.ignored:
                await save(upload, await self.io.run_blocking(partial(self.journal.read, upload.path)))
        wanted = [upload for upload in uploads if not upload.ignored]
        changed = [upload for upload in wanted if upload.oid != upload.existing_oid]
        started = self.io.now()
        if changed:
            await send_commit(self.io, self.target, CommitHeader(summary=COMMIT_MESSAGE, description=""), changed)
        seconds = self.io.now() - started

        async def mark_committed(upload: Upload) -> None:
            record = attrs.evolve(self.records[upload.path], uploaded=upload.lfs, committed=True)
            await self._save(upload.path, record, checked_at)

        await self.io.each(mark_committed, wanted, limit=self.workers)
        return seconds

    async def _save(self, path: str, record: Record, checked_at: float) -> None:
        """Write the state of a file and print the progress if a report is due."""
        self.records[path] = record
        await self.io.run_blocking(partial(self.journal.write, path, record, checked_at))
        self.report.print_if_due(self.io.now())


def _is_retryable(error: TransportError | HfHubHTTPError) -> bool:
    """Return whether a failed commit may succeed when retried."""
    if isinstance(error, TransportError):
        return not isinstance(error, NEVER_RETRIED)
    return error.response is not None and error.response.status_code in _RETRYABLE_STATUSES
