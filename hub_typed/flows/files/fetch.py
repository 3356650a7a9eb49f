"""Fetch the content of one file: resume it after failures, verify size and hash."""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Final

from hub_typed.disk.files import DISK_FULL_ERRORS, digest_for_etag, disk_errors
from hub_typed.disk.folders import Folder
from hub_typed.errors import (
    NEVER_RETRIED,
    DiskError,
    HfHubHTTPError,
    HubError,
    IntegrityError,
    ProtocolError,
    TransportError,
)
from hub_typed.flows.files.partial_files import PartialFile, PartialFiles
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.http.header_values import range_start, whole_number
from hub_typed.http.io import Io
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer, Transfer
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Response

__all__: list[str] = []

PACE_INTERVAL: Final = 60
"""Seconds in which a connection must deliver `MIN_BYTES`; a slower one is closed."""
MIN_BYTES: Final = PACE_INTERVAL * 1024


async def fetch(
    io: Io,
    remote: RemoteFile,
    partial_files: PartialFiles,
    target: Folder,
    name: str,
    observer: Observer | None,
    *,
    force: bool = False,
) -> None:
    """Download a file into a partial file of this writer, and move it into place once size and hash are verified.

    Args:
        partial_files: Partial files of the content; a later run resumes them.
        target: Folder of the complete file.
        name: Name of the complete file; an existing file is replaced at the end.
        observer: Receives the progress.
        force: Ignore the partial files of earlier runs.

    Raises:
        IntegrityError: The size or hash of the received bytes differs from the metadata of the Hub.
        TransportError: The connection broke too often without progress.
        DiskError: The disk is full or not writable, or another process deleted the file during the download.
    """
    download = _Download(io, remote, partial_files)
    try:
        await io.run_blocking(lambda: download.open(force))
        download.transfer = Transfer(observer, "download", remote.path, remote.size, download.done)
        try:
            for last in (False, True):
                await _fill_with_restart(io, download)
                if await io.run_blocking(partial(download.move, target, name, last=last)):
                    break
        except BaseException:
            download.transfer.fail()
            raise
        download.transfer.finish()
    except IntegrityError:
        download.drop()
        raise
    except DiskError as error:
        if error.errno in DISK_FULL_ERRORS:
            download.drop()
        raise
    finally:
        download.close()
    with suppress(OSError):
        await io.run_blocking(lambda: partial_files.sweep(io.now(), download.source))


async def _fill_with_restart(io: Io, download: _Download) -> None:
    """Fill the partial file; start over once if resumed bytes may be wrong."""
    try:
        await _fill(io, download)
    except IntegrityError as error:
        if not download.resumed:
            raise
        _log.warning("Downloading again from the start, since the resumed file is damaged: %s", error)
        download.restart()
        await _fill(io, download)


async def _fill(io: Io, download: _Download) -> None:
    """Request missing bytes until the file is complete and verified; fail after several attempts without progress."""
    remote = download.remote
    furthest = download.done
    stalled_attempts = 0
    while download.done < remote.size:
        failure = await _request_missing_bytes(io, download)
        if failure is None:
            break
        stalled_attempts = 0 if download.done > furthest else stalled_attempts + 1
        furthest = max(furthest, download.done)
        if stalled_attempts >= io.settings.attempts:
            raise failure
        _log.info("Download of %s interrupted at byte %d of %d: %s", remote.path, download.done, remote.size, failure)
        await io.sleep(retry_delay(None, max(1, stalled_attempts), io.settings, io.random(), io.now()) or 0.0)
    download.verify()


async def _request_missing_bytes(io: Io, download: _Download) -> HubError | None:
    """Send one request for the missing bytes; return the error if another request may succeed."""
    remote = download.remote
    call = operations.resolve_file(
        remote.repo_id,
        remote.path,
        repo_type=remote.repo_type,
        revision=remote.commit,  # a branch may move between two requests
        byte_range=download.byte_range,
    )
    try:
        await execute(io, call, sink=download, timeout=io.settings.download_timeout)
    except NEVER_RETRIED:
        raise
    except TransportError as error:
        return error
    except ProtocolError as error:
        if error is not download.refusal:
            raise
        return error
    except HfHubHTTPError as error:
        if error.response is None or error.response.status_code != 416:
            raise
        download.from_start = True
        return error
    if download.done < remote.size:
        return TransportError(f"{remote.repo_id}: {remote.path} ended after {download.done} of {remote.size} bytes.")
    return None


class _Download:
    """A download in progress: the partial file and its running hash. It is the sink of the responses.

    Attributes:
        transfer: Receives the progress; set once the partial file is open.
        done: Bytes in the partial file.
        resumed: Whether the bytes come from more than one response.
        from_start: Whether the next request asks for the whole file, because the response to a range was invalid.
        refusal: Error raised for a refused response.
    """

    transfer: Transfer

    def __init__(self, io: Io, remote: RemoteFile, partial_files: PartialFiles) -> None:
        self.remote = remote
        self.done = 0
        self.resumed = False
        self.from_start = False
        self.refusal: ProtocolError | None = None
        self._io = io
        self._partial_files = partial_files
        self._file: PartialFile | None = None
        self._digest = digest_for_etag(remote.etag, remote.size)
        self._version: tuple[str, str] | None = None
        self._interval_start = 0.0
        self._received = 0

    @property
    def byte_range(self) -> str | None:
        """Byte range to request; ``None`` for the whole file."""
        return f"bytes={self.done}-" if self.done and not self.from_start else None

    @property
    def source(self) -> tuple[str, os.stat_result] | None:
        """Partial file of another client from which the first bytes were copied."""
        return self._file.source if self._file is not None else None

    def open(self, force: bool) -> None:
        """Create the partial file and, unless ``force`` is set, resume one of an earlier run."""
        with self._disk_errors():
            self._file = self._partial_files.claim(self._digest, self._io.check, force=force)
        self.done = self._file.done
        self.resumed = self.done > 0

    def begin(self, response: Response) -> bool:
        """Accept a response that continues where the partial file ends, or that starts from the beginning."""
        if response.status not in (200, 206):
            return False
        headers = response.headers
        encoding = headers.get("content-encoding", "identity")
        etag = headers.get("etag")
        version = (
            ("/".join(response.url.split("/", 3)[:3]), etag) if etag else None
        )  # ETags are comparable only within a host
        if response.status == 206:
            start = range_start(headers.get("content-range", ""))
            if start != self.done:
                self._refuse_range(f"{headers.get('content-range')!r}, which does not begin at byte {self.done}")
            if encoding != "identity":
                self._refuse_range(f"of {encoding}-encoded data")
            if version and self._version and version[0] == self._version[0] and version[1] != self._version[1]:
                self._refuse_range(f"of another version: {version[1]}, not {self._version[1]}")
            self.resumed = self.done > 0
        else:
            length = whole_number(headers.get("content-length"))
            if encoding == "identity" and length is not None and length != self.remote.size:
                raise self._integrity_error(
                    f"has {self.remote.size} bytes by its metadata, but the response has {length}"
                )
            if self.done:
                self.restart()
        self.from_start = False
        self._version = version
        self._interval_start, self._received = self._io.now(), 0
        return True

    def write(self, piece: bytes) -> None:
        """Write the next bytes and update the hash."""
        assert self._file is not None
        if self.done + len(piece) > self.remote.size:
            raise self._integrity_error(f"has {self.remote.size} bytes by its metadata, but the response has more")
        with self._disk_errors():
            self._file.write(piece)
        self._digest.update(piece)
        self.done += len(piece)
        self.transfer.set_done(self.done)
        self._keep_pace(len(piece))

    def restart(self) -> None:
        """Discard all bytes."""
        assert self._file is not None
        with self._disk_errors():
            self._file.truncate()
        self._digest = digest_for_etag(self.remote.etag, self.remote.size)
        self.done = 0
        self.resumed = False
        self.transfer.set_done(0)

    def verify(self) -> None:
        """Check the hash.

        Raises:
            IntegrityError: The hash differs from the metadata of the Hub.
        """
        found = self._digest.hexdigest()
        if found != self.remote.etag:
            raise self._integrity_error(
                f"has the hash {self.remote.etag} by its metadata, but the received bytes have the hash {found}"
            )

    def move(self, target: Folder, name: str, *, last: bool) -> bool:
        """Move the file into place if it reads back unchanged; otherwise discard all bytes and return false.

        Args:
            last: Raise an error instead of discarding the bytes.

        Raises:
            DiskError: The disk returns other bytes than were written, or the file was deleted.
        """
        assert self._file is not None
        with self._disk_errors():
            reread = digest_for_etag(self.remote.etag, self.remote.size)
            if self._file.matches(reread, self.remote.etag, resumed=self.resumed):
                self._file.move(target, name, digest_for_etag(self.remote.etag, self.remote.size), self.remote.etag)
                return True
            if last:
                raise OSError(errno.EIO, "the disk returns other bytes than were written")
        _log.warning("Downloading %s again, since the disk returns other bytes than were written", self.remote.path)
        self.restart()
        return False

    def drop(self) -> None:
        """Delete the partial file."""
        if self._file is not None:
            self._file.drop()

    def close(self) -> None:
        """Stop writing; a later run can resume."""
        if self._file is not None:
            self._file.keep()

    def _disk_errors(self) -> AbstractContextManager[None]:
        return disk_errors(f"the {self.remote.size} bytes of {self.remote.path}", self._partial_files.folder.path)

    def _keep_pace(self, count: int) -> None:
        """Fail if the body arrives too slowly: read timeouts detect silence, this detects a trickle of bytes."""
        self._received += count
        if self._io.now() - self._interval_start < PACE_INTERVAL:
            return
        if self._received < MIN_BYTES and self._io.settings.max_download_rate is None:
            raise TransportError(f"{self.remote.path}: only {self._received} bytes received in {PACE_INTERVAL} s.")
        self._interval_start, self._received = self._io.now(), 0

    def _refuse_range(self, what: str) -> None:
        self.from_start = True
        self.refusal = ProtocolError(
            f"{self.remote.repo_id}: refused the response for {self.remote.path}: it has a range {what}."
        )
        raise self.refusal

    def _integrity_error(self, how: str) -> IntegrityError:
        remote = self.remote
        return IntegrityError(
            f"{remote.repo_id}: {remote.path} at commit {remote.commit} {how}. The received bytes were discarded. Try "
            "again; if the error persists, a proxy or mirror alters the file, or the Hub's copy is damaged."
        )
