"""Upload a folder of any size with many commits, resuming after interruptions."""

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
from hub_typed.flows.commits.create import send_commit, validate_readme
from hub_typed.flows.commits.journal import Journal, Mode, Record
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.commits.prepared import Target, Upload
from hub_typed.flows.commits.preupload import store
from hub_typed.flows.commits.upload_modes import decided, identified
from hub_typed.flows.files.locking import acquire_lock
from hub_typed.flows.lfs.upload import LfsFile
from hub_typed.flows.local_files import files_to_upload
from hub_typed.flows.repos import create_repo, repo_exists
from hub_typed.flows.tree import list_repo_tree
from hub_typed.http.io import Io
from hub_typed.http.retry import RETRIED, retry_delay
from hub_typed_api.models import CommitHeader, RepoFile

__all__ = ["upload_large_folder"]

MESSAGE: Final = "Add files of a large folder with hub-typed"
FILES_A_COMMIT: Final = (20, 50, 75, 100, 125, 200, 250, 400, 600, 1000)
"""How many files one commit may have: a step up when the Hub is quick, a step down when it fails."""
FIRST_STEP: Final = 1
QUICK: Final = 40.0
"""Seconds."""
MOST_REGULAR: Final = 10 << 20
"""Bytes of a file that may travel in the commit itself."""
MOST_IN_COMMIT: Final = 100 << 20
"""Bytes of such files that one commit may have."""
MOST_BYTES: Final = 20 << 30
"""Bytes of all files of one commit, so that it comes about before long."""
FIRST: Final = (".gitignore", ".gitattributes")
"""What says how the others are to be treated."""
MANY_FILES: Final = 100_000
MANY_IN_FOLDER: Final = 10_000
_AGAIN: Final = (*RETRIED, 409, 412, 413)
"""Statuses after which a commit is worth another try: somebody else was faster, or it was too large."""


async def upload_large_folder(
    io: Io,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    *,
    repo_type: str,
    revision: str | None = None,
    private: bool | None = None,
    allow_patterns: list[str] | str | None = None,
    ignore_patterns: list[str] | str | None = None,
    num_workers: int | None = None,
    print_report: bool = True,
    print_report_every: int = 60,
) -> None:
    """Upload a folder of any size with as many commits as needed; called again, it resumes.

    What is known of each file is kept in ``.cache/huggingface/upload`` of the folder, as the official client keeps it,
    and compared with the repository. Files that have changed since are uploaded again, files that are gone stay in the
    repository.

    Args:
        repo_id: Name, as ``owner/name``; the repository is made if it is not there.
        folder_path: Folder on this machine; the files keep their paths below it.
        repo_type: ``model``, ``dataset`` or ``space``; must be given.
        revision: Branch to commit to, which must exist; ``main`` if not given.
        private: Whether a repository that is made is private; the owner's default if not given.
        allow_patterns: Shell patterns; only files that match one are uploaded.
        ignore_patterns: Shell patterns; files that match one are not uploaded.
        num_workers: How many files are read, and travel, at the same time; two less than there are processors, and at
            least 2, if not given.
        print_report: Print from time to time how far it is.
        print_report_every: Seconds from one report to the next.

    Raises:
        ValueError: An argument, a path or the metadata of the README is not valid; nothing was uploaded.
        RevisionNotFoundError: The repository has no such branch.
        HfHubHTTPError: The Hub refused a commit, also after several tries.
        SourceChangedError: A file changed while it was uploaded; call it again.
    """
    if not repo_type:
        raise ValueError("repo_type must be given: a large folder in the wrong place costs much time.")
    if num_workers is not None and num_workers < 1:
        raise ValueError(f"num_workers must be at least 1, not {num_workers}.")
    target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=False)
    root = os.fspath(folder_path)
    paths = await io.run_blocking(lambda: files_to_upload(root, allow_patterns, ignore_patterns, io.check))
    paths.sort(key=lambda path: path not in FIRST)
    additions = await io.run_blocking(lambda: [CommitOperationAdd(path, os.path.join(root, path)) for path in paths])
    # A Space cannot be made without more being said; one that is there need not be made.
    if target.repo_type != "space" or not await repo_exists(io, repo_id, repo_type="space"):
        made = await create_repo(io, repo_id, repo_type=target.repo_type, private=private, exist_ok=True)
        target = attrs.evolve(target, repo_id=made.repo_id)
    journal = Journal(Path(root))
    await io.run_blocking(journal.make)
    async with acquire_lock(io, root, journal.lock):
        records = await _compared(
            io, target, await io.run_blocking(lambda: {path: journal.read(path) for path in paths})
        )
        report = _Report(records, print_report_every if print_report else None)
        report.warn()
        workers = num_workers or max((os.cpu_count() or 1) - 2, 2)
        upload = _LargeUpload(io, target, journal, records, report, workers)
        await upload.all([addition for addition in additions if not records[addition.path_in_repo].done])


async def _compared(io: Io, target: Target, records: dict[str, Record]) -> dict[str, Record]:
    """Compare the states with the branch: files that it lacks, or has with another content, are not committed.

    Somebody may have made the repository anew, or uploaded the folder to another one before.
    """
    if not any(record.committed for record in records.values()):
        return records
    there: dict[str, tuple[int, str | None]] = {}
    async for entry in list_repo_tree(
        io, target.repo_id, recursive=True, revision=target.revision, repo_type=target.repo_type
    ):
        if isinstance(entry, RepoFile):
            there[entry.path] = entry.size, entry.lfs.sha256 if entry.lfs else None

    def holds(path: str, record: Record) -> bool:
        size, sha256 = there.get(path, (-1, None))
        if path == ".gitattributes":  # the Hub itself adds lines to it
            return size >= 0
        return size == record.size and sha256 in (None, record.sha256)

    return {
        path: attrs.evolve(record, committed=record.committed and holds(path, record))
        for path, record in records.items()
    }


@attrs.define
class _Report:
    """Progress of the upload, printed periodically.

    Attributes:
        every: Seconds from one to the next; ``None``: none is printed.
    """

    records: Mapping[str, Record]
    every: float | None
    last: float = 0.0

    def tell(self, now: float, *, at_once: bool = False) -> None:
        """Print the progress, if it is due."""
        if self.every is not None and (at_once or now - self.last >= self.every):
            self.last = now
            sys.stdout.write(f"{self}\n")

    def warn(self) -> None:
        """Warn where the Hub may refuse the size of the folder."""
        if self.every is None:
            return
        if len(self.records) > MANY_FILES:
            sys.stdout.write(f"A repository with {len(self.records):,} files is slow: pack them into fewer.\n")
        inside = Counter(path.rpartition("/")[0] for path in self.records)
        for folder, count in inside.items():
            if count > MANY_IN_FOLDER:
                sys.stdout.write(f"{folder or 'The root'} has {count:,} files; the Hub takes 10,000 in a folder.\n")

    def __str__(self) -> str:
        every = list(self.records.values())
        committed = [record for record in every if record.committed]
        return (
            f"{len(committed):,} of {len(every):,} files committed "
            f"({_gigabytes(committed)} of {_gigabytes(every)} GB), "
            f"{sum(record.sha256 is not None for record in every):,} hashed, "
            f"{sum(record.uploaded for record in every):,} uploaded, "
            f"{sum(bool(record.ignored) for record in every):,} ignored"
        )


def _gigabytes(records: Iterable[Record]) -> str:
    return f"{sum(record.size for record in records) / 1e9:.2f}"


@attrs.frozen
class _LargeUpload:
    """Shared state of all commits of one upload.

    Attributes:
        records: What is known of each file.
        workers: How many files are read, and travel, at the same time.
    """

    io: Io
    target: Target
    journal: Journal
    records: dict[str, Record]
    report: _Report
    workers: int

    async def all(self, additions: Sequence[CommitOperationAdd]) -> None:
        """Commit all files, with a batch size that adapts to the speed of the Hub."""
        self.report.tell(self.io.now(), at_once=True)
        await validate_readme(self.io, self.target, additions)
        todo = deque(additions)
        step, failures = FIRST_STEP, 0
        while todo:
            chunk = self._next(todo, FILES_A_COMMIT[step])
            try:
                seconds = await self._commit(chunk)
            except (TransportError, HfHubHTTPError) as error:
                failures += 1
                if not _worth_a_try(error) or failures >= self.io.settings.attempts:
                    raise
                # The files are the same each time: whether the commit came about after all does not matter.
                step = max(step - 1, 0)
                await self.io.sleep(
                    retry_delay(None, failures, self.io.settings, self.io.random(), self.io.now()) or 0.0
                )
                continue
            failures = 0
            if len(chunk) == FILES_A_COMMIT[step] and seconds < QUICK:
                step = min(step + 1, len(FILES_A_COMMIT) - 1)
            elif seconds >= QUICK:
                step = max(step - 1, 0)
            for _ in chunk:
                todo.popleft()
        self.report.tell(self.io.now(), at_once=True)

    def _next(self, todo: Iterable[CommitOperationAdd], most: int) -> list[CommitOperationAdd]:
        """Return the next files, as many as one commit may have, at least one."""
        chunk: list[CommitOperationAdd] = []
        inside = total = 0
        for addition in islice(todo, most):
            size = self.records[addition.path_in_repo].size
            inside += size if size <= MOST_REGULAR else 0
            total += size
            if chunk and (inside > MOST_IN_COMMIT or total > MOST_BYTES):
                break
            chunk.append(addition)
        return chunk

    async def _commit(self, chunk: Sequence[CommitOperationAdd]) -> float:
        """Commit some files and return the seconds that the commit request took."""
        looked_at = self.io.now()
        uploads = await decided(self.io, self.target, chunk, at_once=self.workers)

        async def prepare(upload: Upload) -> None:
            known = await self.io.run_blocking(lambda: self.journal.read(upload.path))
            mode: Mode = "lfs" if upload.lfs else "regular"
            if not upload.ignored:
                # Nobody here needs that of a regular file, but the official client would begin with it anew.
                digest = partial(upload.content.sha256, self.io.check)
                known = attrs.evolve(known, sha256=known.sha256 or await self.io.run_blocking(digest))
                upload.oid = (known.sha256 or "") if upload.lfs else ""
                await identified(self.io, [upload], at_once=1)
            found = attrs.evolve(known, ignored=upload.ignored, mode=mode, committed=False)
            await self._keep(upload.path, found, looked_at)

        async def stored(file: LfsFile) -> None:
            await self._keep(file.path, attrs.evolve(self.records[file.path], uploaded=True), looked_at)

        await self.io.each(prepare, uploads, limit=self.workers)
        wanted = [upload for upload in uploads if not upload.ignored]
        changed = [upload for upload in wanted if upload.oid != upload.there]
        large = [upload for upload in changed if upload.lfs]
        await store(self.io, self.target, large, at_once=self.workers, stored=stored)
        began = self.io.now()
        if changed:
            await send_commit(self.io, self.target, CommitHeader(summary=MESSAGE, description=""), changed)
        took = self.io.now() - began

        async def committed(upload: Upload) -> None:
            done = attrs.evolve(self.records[upload.path], uploaded=upload.lfs, committed=True)
            await self._keep(upload.path, done, looked_at)

        await self.io.each(committed, wanted, limit=self.workers)
        return took

    async def _keep(self, path: str, record: Record, looked_at: float) -> None:
        """Write the state of a file and report the progress, if it is due."""
        self.records[path] = record
        await self.io.run_blocking(partial(self.journal.write, path, record, looked_at))
        self.report.tell(self.io.now())


def _worth_a_try(error: TransportError | HfHubHTTPError) -> bool:
    """Whether a commit that failed may succeed when retried."""
    if isinstance(error, TransportError):
        return not isinstance(error, NEVER_RETRIED)
    return error.response is not None and error.response.status_code in _AGAIN
