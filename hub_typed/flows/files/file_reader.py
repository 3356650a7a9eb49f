"""Read ranges of a file at one commit into memory, without writing it to disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from io import BytesIO
from typing import Final

from hub_typed.disk.files import CHUNK_SIZE
from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, HubError, IntegrityError, ProtocolError, TransportError
from hub_typed.flows.files.byte_ranges import ContentVersions, range_request, storage_location
from hub_typed.flows.files.metadata import get_remote_file
from hub_typed.flows.files.range_sink import RangeCompleteError, RangeSink
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.http.io import Io
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import send_request
from hub_typed.logs.logger import log as _log

__all__: list[str] = []

PART_SIZE: Final = 8 << 20
"""Size in bytes above which a range is requested in parts, over several connections."""


class RangeMemory(BytesIO):
    """Memory for a range. If a task is cancelled, views of it may exist until they are collected together with it."""

    def close(self) -> None:
        """Do nothing, as it fails while there are views."""


class FileReader:
    """Reads a file of a repository, at the commit at which it was opened.

    Ranges are requested from the storage of the file. When its signed URL has expired, the Hub is asked for a new one.
    Several tasks may read at once.

    Args:
        look_up: Looks up the file again; by default, in the repository.

    Attributes:
        remote: The file.
    """

    def __init__(self, io: Io, remote: RemoteFile, look_up: Callable[[], Awaitable[RemoteFile]] | None = None) -> None:
        self.remote: RemoteFile = remote
        self._io = io
        self._look_up = look_up or self._look_up_again
        self._location = None if remote.location is None else storage_location(remote.location, io.settings)
        self._is_located = remote.location is not None
        self._versions = ContentVersions()

    async def locate(self) -> None:
        """Ask the Hub for the URL of the storage, which the first range would ask for otherwise.

        Raises:
            HfHubHTTPError: The Hub refuses the request.
            TransportError: It does not respond.
            IntegrityError: The file has other content than when it was opened.
        """
        found = await self._look_up()
        if found.etag != self.remote.etag:
            raise IntegrityError(f"{self.remote.place} changed while it was read. Open it again.")
        self._is_located = True
        self._location = None if found.location is None else storage_location(found.location, self._io.settings)

    async def read(self, start: int, end: int) -> bytes:
        """Return the bytes of a range, which ends at the end of the file at the latest.

        Raises:
            TransportError: The connection broke too often without progress.
            HfHubHTTPError: The Hub or the storage refuses the request.
            ProtocolError: The responses are not those to the requested ranges.
        """
        start, end = max(0, start), min(end, self.remote.size)
        if start >= end:
            return b""
        memory = RangeMemory()
        memory.seek(end - start - 1)
        memory.write(b"\0")
        with memory.getbuffer() as view:
            await self._read_parts(start, view)
        return memory.getvalue()  # without a copy, as the memory has exactly this size

    async def read_all(self) -> bytes:
        """Return the whole content, once its hash is verified.

        Raises:
            IntegrityError: The hash differs from the metadata of the Hub.
        """
        content = await self.read(0, self.remote.size)
        if not await self._io.run_blocking(partial(self._is_intact, content)):
            _log.warning("Reading %s of %s again, since its hash does not match", self.remote.path, self.remote.repo_id)
            self._forget_location()
            content = await self.read(0, self.remote.size)
            if not await self._io.run_blocking(partial(self._is_intact, content)):
                remote = self.remote
                raise IntegrityError(
                    f"{remote.repo_id}: the bytes received of {remote.path} at commit {remote.commit} do not have the "
                    f"hash {remote.etag} of its metadata. Try again; if the error persists, a proxy or mirror alters "
                    "the file, or the Hub's copy is damaged."
                )
        return content

    async def _read_parts(self, start: int, memory: memoryview) -> None:
        count = -(-len(memory) // PART_SIZE)
        if count == 1:
            await self._fill(start, memory)
            return
        if self._location is None and not self._is_located:
            await self.locate()  # or else each part would be redirected
        size = -(-len(memory) // count)
        await self._io.each(
            lambda at: self._fill(start + at, memory[at : at + size]), range(0, len(memory), size), limit=count
        )

    async def _fill(self, start: int, memory: memoryview) -> None:
        """Request a range until it is complete; continue after the bytes received before a failure."""
        io, remote = self._io, self.remote
        stalled_attempts = 0
        while memory:
            sink = RangeSink(f"{remote.repo_id}: {remote.path}", start, memory, self._versions, io.check)
            failure = await self._request(start, start + len(memory), sink)
            if failure is None:
                return
            start, memory = start + sink.filled, memory[sink.filled :]
            stalled_attempts = 0 if sink.filled else stalled_attempts + 1
            if stalled_attempts >= io.settings.attempts:
                raise failure
            _log.info("Reading %s was interrupted at byte %d of %d: %s", remote.path, start, remote.size, failure)
            await io.sleep(retry_delay(None, max(1, stalled_attempts), io.settings, io.random(), io.now()) or 0.0)

    async def _request(self, start: int, end: int, sink: RangeSink) -> HubError | None:
        """Send one request for a range; return the error if another request may succeed."""
        io, remote = self._io, self.remote
        if not remote.is_immutable and self._location is None and not self._is_located:
            await self.locate()  # the Hub would send what the file contains now
        location = self._location
        request = range_request(remote, f"bytes={start}-{end - 1}", location)
        try:
            response = await send_request(io, request, sink=sink, timeout=io.settings.download_timeout)
        except RangeCompleteError:
            return None
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            return error
        except ProtocolError as error:
            if error is not sink.refused:
                raise
            self._forget_location()
            return error
        except HfHubHTTPError as error:
            status = error.response.status_code
            if location is None or not 400 <= status < 500:
                raise
            if self._location == location:
                self._forget_location()  # the signed URL has expired
            return await self._request(start, end, sink)
        self._location = storage_location(response.url, io.settings) or self._location
        if not sink.is_complete:
            return TransportError(
                f"{remote.repo_id}: {remote.path} ended after {start + sink.filled} of {remote.size} bytes."
            )
        return None

    async def _look_up_again(self) -> RemoteFile:
        remote, timeout = self.remote, self._io.settings.etag_timeout
        return await get_remote_file(
            self._io, remote.repo_id, remote.repo_type, remote.path, remote.commit, timeout=timeout
        )

    def _forget_location(self) -> None:
        self._location = None
        self._is_located = False
        self._versions.forget()

    def _is_intact(self, content: bytes) -> bool:
        digest = self.remote.new_digest()
        view = memoryview(content)
        for at in range(0, len(view), CHUNK_SIZE):
            self._io.check()
            digest.update(view[at : at + CHUNK_SIZE])
        return digest.hexdigest() == self.remote.etag
