"""Upload commit: files that are sent to Xet storage together, deduplicated, and registered at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import attrs

from hub_typed.http.cancellation import current_cancellation
from hub_typed.xet.errors import XetTransferError, is_failure, transfer_error
from hub_typed.xet.interrupts import interruptible

if TYPE_CHECKING:
    from hf_xet import XetStreamUpload, XetUploadCommit

    from hub_typed.http.transfer_rate import TransferRate
    from hub_typed.progress import Transfer

__all__: list[str] = []

T = TypeVar("T")
NO_SHA256: Final = "-"
"""Stands for a SHA-256 that is not needed, as for the files of buckets."""
POLL_SECONDS: Final = 0.1
"""Seconds between two looks at the progress."""
_State: TypeAlias = tuple[int, ...]


@attrs.frozen
class SentFile:
    """Result of sending one file.

    Attributes:
        xet_hash: Hash of Xet storage, 64 hexadecimal digits.
        sha256: SHA-256 of the bytes that were sent, in hexadecimal; `NO_SHA256` if it was not needed.
        new_bytes: Bytes of it that the storage did not have.
    """

    xet_hash: str
    sha256: str
    new_bytes: int


@attrs.define(eq=False)
class _Sending:
    """One file: its stream, and the transfer that reports its progress."""

    stream: XetStreamUpload
    transfer: Transfer
    new_bytes: int | None = None
    reported: int = 0

    def report(self) -> None:
        """Report the bytes that the storage has."""
        progress = self.stream.progress()
        if progress is not None and progress.bytes_completed != self.reported:
            self.reported = progress.bytes_completed
            self.transfer.set_done(self.reported)


class UploadCommit:
    """One upload commit of `hf_xet`; several threads may send files.

    Args:
        commit: The commit of `hf_xet`.
        what: What is uploaded, for messages, such as ``the upload to owner/name``.
        stall_timeout: Seconds without progress until the upload fails. `hf_xet` limits the time of a whole request
            instead, which would fail on slow connections.
        rate: Limit of the bytes per second.
    """

    def __init__(self, commit: XetUploadCommit, what: str, *, stall_timeout: float, rate: TransferRate | None) -> None:
        self._commit = commit
        self._what = what
        self._stall_timeout = stall_timeout
        self._rate = rate
        self._sendings: list[_Sending] = []
        self._fed = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._failure: Exception | None = None
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="hub-typed-xet-progress", daemon=True)
        with suppress(RuntimeError):  # at interpreter shutdown, no thread can be started
            self._watcher.start()

    def send(self, pieces: Callable[[], Iterable[bytes]], transfer: Transfer, sha256: str | None) -> SentFile:
        """Send one file; it is stored at the end of the commit.

        Args:
            pieces: Opens the content, as bytes: `hf_xet` refuses a memoryview.
            transfer: Receives the progress; finished at the end of the commit.
            sha256: SHA-256 of exactly these bytes; computed if not given; `NO_SHA256` if it is not needed.

        Raises:
            XetTransferError: The storage failed.
            CancelledError: The upload was cancelled.
            OSError: The content cannot be read.
            SourceChangedError: The content has changed.
        """
        return interruptible(lambda: self._send(pieces, transfer, sha256), self.abort)

    def _send(self, pieces: Callable[[], Iterable[bytes]], transfer: Transfer, sha256: str | None) -> SentFile:
        from hf_xet import COMPUTE_SHA256, SKIP_SHA256

        with self._calling():
            stream = self._commit.start_upload_stream(
                sha256=SKIP_SHA256 if sha256 == NO_SHA256 else sha256 or COMPUTE_SHA256
            )
        sending = _Sending(stream, transfer)
        with self._lock:
            self._sendings.append(sending)
        for piece in pieces():
            with self._calling():
                stream.write(piece)
            with self._lock:
                self._fed += len(piece)
            if self._rate is not None:
                self._rate.wait(len(piece), current_cancellation.get())
        with self._calling():
            stored = stream.finish()
        found = stored.xet_info.sha256
        if found is None and sha256 != NO_SHA256:
            raise XetTransferError(f"Xet storage: {self._what} failed: hf_xet returned no SHA-256.")
        sending.new_bytes = stored.dedup_metrics.new_bytes
        return SentFile(stored.xet_info.hash, found or NO_SHA256, sending.new_bytes)

    def finish(self) -> None:
        """Wait until all bytes are sent, and register the files.

        Raises:
            XetTransferError: The storage failed; no file is registered.
            CancelledError: The upload was cancelled.
        """
        interruptible(self._finish, self.abort)

    def _finish(self) -> None:
        with self._calling():
            self._commit.wait_to_finish()
        self._end_watching()
        for sending in self._sendings:
            sending.report()
            sending.transfer.finish(sent=sending.new_bytes)

    def abort(self) -> None:
        """End the upload; nothing is registered."""
        self._ended.set()
        self._commit.abort()

    def fail(self) -> None:
        """End the upload after an error, and report the failure of all files."""
        self.abort()
        self._end_watching()
        for sending in self._sendings:
            sending.transfer.fail()

    def _end_watching(self) -> None:
        self._ended.set()
        if self._watcher.is_alive():
            self._watcher.join()

    @contextmanager
    def _calling(self) -> Generator[None, None, None]:
        """Call `hf_xet`: abort the commit if the flow is cancelled meanwhile, and raise errors of this library."""
        cancellation = current_cancellation.get()
        if cancellation is not None:
            cancellation.check()
            cancellation.add(self.abort)
        with self._lock:
            self._waiting += 1
        try:
            yield
        except BaseException as error:
            if not is_failure(error):
                raise
            if cancellation is not None:
                cancellation.check()
            if self._failure is not None:
                raise self._failure from None
            raise transfer_error(error, self._what) from None
        finally:
            with self._lock:
                self._waiting -= 1
            if cancellation is not None:
                cancellation.remove(self.abort)

    def _watch(self) -> None:
        """Report the progress, and abort the commit when there has been none for too long."""
        before, since = self._state(), time.monotonic()
        while not self._ended.wait(POLL_SECONDS):
            try:
                for sending in tuple(self._sendings):
                    sending.report()
            except Exception as error:  # noqa: BLE001  # of the caller's observer; raised by the thread that sends
                self._failure = error
                self.abort()
                return
            state, now = self._state(), time.monotonic()
            if state != before or not self._waiting:
                before, since = state, now
            elif now - since >= self._stall_timeout:
                self._failure = XetTransferError(
                    f"Xet storage: {self._what} failed: no progress for {self._stall_timeout:g} seconds."
                )
                self.abort()
                return

    def _state(self) -> _State:
        """Return numbers that change as long as the upload goes on."""
        progress = self._commit.progress()
        shards = progress.shard
        state = (self._fed, progress.total_bytes_completed, progress.total_transfer_bytes_completed)
        if shards is None:
            return state
        return (*state, shards.total_shard_bytes_upload_completed, shards.total_shard_validation_entries_completed)
