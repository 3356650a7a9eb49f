"""Upload of many files in many commits: while one is sent, the files of the next ones are hashed and uploaded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from hub_typed.errors import NEVER_RETRIED, CancelledError, HfHubHTTPError, TransportError
from hub_typed.flows.commits.create import validate_readme
from hub_typed.flows.commits.journal import Journal, Record
from hub_typed.flows.commits.large_report import LargeReport
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.commits.prepared_changes import Target, Upload
from hub_typed.flows.commits.recorded_files import RecordedFiles
from hub_typed.flows.commits.send_commit import send_commit
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads
from hub_typed.http.io import Io
from hub_typed.http.retry import RETRIED_STATUSES, retry_delay
from hub_typed_api.models import CommitHeader

__all__: list[str] = []

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
_RETRYABLE_STATUSES: Final = (*RETRIED_STATUSES, 413)
"""Statuses after which fewer files are committed; 413: the payload is too large."""

F = TypeVar("F", CommitOperationAdd, Upload)


class LargeUpload:
    """Shared state of all commits of one upload.

    Args:
        records: State of each file, by path.
        workers: Maximum number of files that are read or uploaded concurrently; ``None`` for as many as the connection
            and the processor allow.
    """

    def __init__(
        self,
        io: Io,
        target: Target,
        journal: Journal,
        records: dict[str, Record],
        report: LargeReport,
        workers: int | None,
    ) -> None:
        self._io = io
        self._target = target
        self._records = records
        self._report = report
        self._workers = workers
        self._files = RecordedFiles(io, journal, records, on_saved=lambda: report.print_if_due(io.now()))
        self._uploads = Uploads(
            io,
            target,
            at_once=workers,
            records=journal.parts,
            saved_hashes=self._files,
            on_uploaded=self._files.mark_uploaded,
        )
        self._todo: deque[CommitOperationAdd] = deque()
        self._ready: deque[Upload] = deque()
        self._step = INITIAL_STEP
        self._failures = 0
        self._head: str | None = None

    async def run(self, additions: Sequence[CommitOperationAdd]) -> None:
        """Upload and commit all files.

        Raises:
            HfHubHTTPError: The Hub refused a commit, also after retries.
            TransportError: The same, without a response.
            SourceChangedError: A file changed during the upload.
        """
        self._report.print_if_due(self._io.now(), force=True)
        await validate_readme(self._io, self._target, additions)
        # The Hub has a .gitignore and .gitattributes of the folder only when the first commit is made.
        modes = await UploadModes.of(self._io, self._target, additions)
        self._todo.extend(additions)
        while self._todo or self._ready:
            steps: list[Callable[[], Coroutine[Any, Any, None]]] = []
            if self._todo:
                steps.append(partial(self._prepare, self._next_batch(), modes))
            if self._ready:
                steps.append(partial(self._commit, self._take(self._ready, BATCH_SIZES[self._step])))
            await self._retry_later(await self._io.each(_failure, steps))
        self._report.print_if_due(self._io.now(), force=True)

    async def _retry_later(self, failures: Sequence[Exception | None]) -> None:
        """Raise a failure that must not be retried; after another one, commit fewer files, and wait."""
        failed = [error for error in failures if error is not None]
        if not failed:
            self._failures = 0
            return
        self._failures += 1
        for error in failed:
            if not _is_retryable(error) or self._failures >= self._io.settings.attempts:
                raise error
        # Safe even if the commit was created: its files would be unchanged.
        self._step = max(self._step - 1, 0)
        delay = retry_delay(None, self._failures, self._io.settings, self._io.random(), self._io.now())
        await self._io.sleep(delay or 0.0)

    def _next_batch(self) -> list[CommitOperationAdd]:
        """Return the next files to prepare, as many as the commit after the next one may have."""
        left = max(len(self._ready) - BATCH_SIZES[self._step], 0)
        following = BATCH_SIZES[min(self._step + 1, len(BATCH_SIZES) - 1)]
        batch = self._take(self._todo, max(following - left, 1))
        for _ in batch:
            self._todo.popleft()
        return batch

    def _take(self, items: Iterable[F], most: int) -> list[F]:
        """Return the first files that are within the limits of one commit; at least one."""
        batch: list[F] = []
        regular_bytes = total_bytes = 0
        for item in islice(items, most):
            size = self._records[_path(item)].size
            regular_bytes += size if size <= MAX_REGULAR_FILE_BYTES else 0
            total_bytes += size
            if batch and (regular_bytes > MAX_REGULAR_BYTES or total_bytes > MAX_COMMIT_BYTES):
                break
            batch.append(item)
        return batch

    async def _prepare(self, batch: Sequence[CommitOperationAdd], modes: UploadModes) -> None:
        """Hash and upload files, so that they can be committed."""
        self._files.begin(addition.path_in_repo for addition in batch)
        try:
            uploads = await self._uploads.prepare(batch, modes)
        except BaseException:
            self._todo.extendleft(reversed(batch))
            raise
        self._report.sent += sum(upload.sent for upload in uploads)
        for upload in uploads:
            if upload.ignored:
                await self._files.mark_ignored(upload)
        self._ready.extend(upload for upload in uploads if not upload.ignored)

    async def _commit(self, batch: Sequence[Upload]) -> None:
        """Commit files, and adapt the number of files of the next commit to the speed of the Hub."""
        changed = [upload for upload in batch if upload.oid != upload.existing_oid]
        began = self._io.now()
        if changed:
            if self._head is not None:
                changed[0].branch_head = self._head  # the Hub was asked about the files before it had this commit
            header = CommitHeader(summary=COMMIT_MESSAGE, description="")
            self._head = (await send_commit(self._io, self._target, header, changed)).commit_oid
        seconds = self._io.now() - began

        mark = self._files.mark_committed
        await self._io.each(mark, batch, limit=self._workers, adaptive=self._workers is None)
        for _ in batch:
            self._ready.popleft()
        if self._io.job is not None:
            self._io.job.settle(upload.path for upload in batch)
        if seconds >= FAST_COMMIT_SECONDS:
            self._step = max(self._step - 1, 0)
        elif len(batch) == BATCH_SIZES[self._step]:
            self._step = min(self._step + 1, len(BATCH_SIZES) - 1)


async def _failure(step: Callable[[], Coroutine[Any, Any, None]]) -> Exception | None:
    """Run a step and return its error, so that another step, which runs at the same time, is completed."""
    try:
        await step()
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001  # raised by the caller
        return error
    return None


def _path(item: CommitOperationAdd | Upload) -> str:
    return item.path_in_repo if isinstance(item, CommitOperationAdd) else item.path


def _is_retryable(error: Exception) -> bool:
    """Return whether a failed step may succeed when retried."""
    if isinstance(error, TransportError):
        return not isinstance(error, NEVER_RETRIED)
    if not isinstance(error, HfHubHTTPError):
        return False
    return error.response.status_code in _RETRYABLE_STATUSES
