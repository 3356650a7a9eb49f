"""Added files of a commit, as a pipeline: while some are uploaded, others are hashed and the rest are looked up.

Files are looked up in chunks of one ``preupload`` request, several of which are in progress at the same time. The LFS
files of a chunk are uploaded in small groups.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final

from hub_typed.flows.commits.hashes import Hashes, SavedHashes
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.commits.prepared_changes import Target, Upload
from hub_typed.flows.commits.upload_modes import FILES_PER_REQUEST, UploadModes, inspect_source
from hub_typed.flows.lfs.content import allows_concurrent_reads
from hub_typed.http.io import Io
from hub_typed.progress import Observer
from hub_typed.progress_bars.observers import observer_for

if TYPE_CHECKING:
    from hub_typed.flows.commits.lfs_files import LfsFiles
    from hub_typed.flows.lfs.part_records import PartRecords
    from hub_typed.flows.lfs.upload import OnUploaded

__all__: list[str] = []

DEFAULT_THREADS: Final = 5
"""Default of ``num_threads``; stands for as many as the connection and the processor allow."""
CHUNKS_AT_ONCE: Final = 2
MAX_KEPT_FILES: Final = 2048
"""Number of files of a commit whose contents are kept in memory if they are small: 16 MiB at most."""


class Uploads:
    """The pipeline of one commit, or of all commits of a large folder.

    Attributes:
        observer: Receives the progress.

    Args:
        at_once: Maximum number of files that are read or uploaded at the same time; ``None`` for as many as the
            connection and the processor allow.
        records: Where the parts of unfinished uploads are recorded.
        saved_hashes: Hashes of earlier runs.
        on_uploaded: Called with the path of each LFS file after its upload.
        dry_run: Look up and hash the files without uploading them.
    """

    def __init__(
        self,
        io: Io,
        target: Target,
        *,
        at_once: int | None,
        records: PartRecords | None = None,
        saved_hashes: SavedHashes | None = None,
        on_uploaded: OnUploaded | None = None,
        dry_run: bool = False,
    ) -> None:
        self._io = io
        self._target = target
        self.observer: Observer | None = io.job or observer_for(io.settings, "upload")
        self._at_once = at_once
        self._hashes = Hashes(io, self.observer, saved_hashes)
        self._records = records
        self._on_uploaded = on_uploaded
        self._dry_run = dry_run
        self._lfs_files: dict[Target, LfsFiles] = {}  # setdefault() is atomic

    async def prepare(
        self, additions: Sequence[CommitOperationAdd], modes: UploadModes, *, hash_regular: bool = True
    ) -> list[Upload]:
        """Look up, hash and upload files, and return their uploads in order.

        Args:
            hash_regular: Whether to hash regular files that replace an existing one, to tell whether they changed.

        Raises:
            SourceChangedError: A file changed while it was read.
            LfsRefusedError: The Hub refused some of the files.
            ProtocolError: The response of the Hub omits a file.
        """

        async def prepare_chunk(first: int) -> list[Upload]:
            chunk = additions[first : first + FILES_PER_REQUEST]
            keep_small = first < MAX_KEPT_FILES
            uploads = await self._io.run_blocking(
                lambda: [inspect_source(addition, self._io.check, keep_small=keep_small) for addition in chunk]
            )
            await modes.request(uploads)
            wanted = [upload for upload in uploads if not upload.ignored]
            if hash_regular:
                await self._each_file(self._hashes.compute, [upload for upload in wanted if not upload.lfs])
            if missing := [upload for upload in wanted if upload.lfs and not upload.stored]:
                await self._shared_lfs_files().upload(missing)
            if self._io.job is not None:
                self._io.job.settle(upload.path for upload in uploads if upload.lfs or upload.ignored)
            return uploads

        chunks = range(0, len(additions), FILES_PER_REQUEST)
        are_concurrent = all(allows_concurrent_reads(addition.path_or_fileobj) for addition in additions)
        limit = CHUNKS_AT_ONCE if self._at_once is None and are_concurrent else 1
        return [upload for part in await self._io.each(prepare_chunk, chunks, limit=limit) for upload in part]

    def _shared_lfs_files(self) -> LfsFiles:
        """Return the object that all chunks share; it is created for the first LFS file."""
        from hub_typed.flows.commits.lfs_files import LfsFiles

        new = LfsFiles(
            self._io,
            self._target,
            self._hashes,
            at_once=self._at_once,
            records=self._records,
            on_uploaded=self._on_uploaded,
            dry_run=self._dry_run,
        )
        return self._lfs_files.setdefault(self._target, new)

    async def _each_file(self, do: Callable[[Upload], Coroutine[Any, Any, None]], uploads: Sequence[Upload]) -> None:
        """Read some files; those that share a file object are read one after the other."""
        free = [upload for upload in uploads if upload.content.allows_concurrent_reads]
        await self._io.each(do, free, limit=self._at_once, adaptive=self._at_once is None)
        await self._io.each(do, [upload for upload in uploads if not upload.content.allows_concurrent_reads], limit=1)


def concurrent_uploads(num_threads: int) -> int | None:
    """Return the maximum number of concurrent uploads; `DEFAULT_THREADS` stands for an adapted one."""
    return None if num_threads == DEFAULT_THREADS else num_threads
