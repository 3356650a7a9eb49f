"""Receive a large file in ranges over several connections, and hash it at the same time.

Each connection takes a range, writes it at its position of the partial file, and takes the next one. It then hashes the
bytes at the start of the file that have no gap, unless another connection does so, by reading them back from the file.
A server that does not serve ranges, or without ETags to compare, is used through one connection.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

import attrs

from hub_typed.disk.files import CHUNK_SIZE
from hub_typed.disk.range_plan import PrefixDigest, Range, RangePlan
from hub_typed.errors import (
    NEVER_RETRIED,
    HfHubHTTPError,
    HubError,
    IntegrityError,
    ProtocolError,
    TransportError,
)
from hub_typed.flows.files.byte_ranges import range_request, storage_location
from hub_typed.flows.files.file_download import FileDownload, Pace
from hub_typed.flows.files.partial_files import TOUCH_INTERVAL, PartialFiles
from hub_typed.flows.files.ranged_files import RangedFile, claim_ranges
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.xet.content import XetContent
from hub_typed.http.growth import Growth
from hub_typed.http.io import BufferedSink, Io
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import send_request
from hub_typed.logs.logger import log as _log
from hub_typed_api.wire import Request, Response

__all__: list[str] = []

FLUSH_INTERVAL: Final = 1.0
"""Seconds after which received bytes are written even if the buffer is not full, and the map is."""
MAX_REFUSALS: Final = 2
"""Refused responses to a range after which the whole file is requested."""


class RangedDownload(FileDownload):
    """A download in ranges."""

    is_read_back = True
    _ranged_file: RangedFile
    _hash: PrefixDigest

    def __init__(self, io: Io, remote: RemoteFile, partial_files: PartialFiles, xet: XetContent | None) -> None:
        super().__init__(io, remote, partial_files, xet)
        self.plan: RangePlan = RangePlan(remote.size, [(0, remote.size)])
        self.growth: Growth = Growth(io.settings.concurrency if xet is None else xet.connections)
        self._location: str | None = None
        self._is_continued = False
        self._is_mixed = False
        self._saved = 0.0

    @property
    def done(self) -> int:
        return self.plan.done

    @property
    def resumed(self) -> bool:
        return self._is_continued or self._is_mixed

    def open(self, force: bool) -> None:
        with self._disk_errors():
            self._file = self._ranged_file = claim_ranges(self.partial_files, self.io.check, force=force)
        self.plan = RangePlan(self.remote.size, self._ranged_file.gaps)
        self._hash = PrefixDigest(self._digest, self._ranged_file.read_at)
        self._is_continued = self.plan.done > 0

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._save_map()
        super().close()

    async def fill(self) -> None:
        while self.plan.missing():
            await self._work()
        await self.io.run_blocking(self._save_and_hash)

    async def _work(self) -> None:
        """Receive ranges until none is left for this connection; open more connections while that helps."""
        connection = _Connection(furthest=self.plan.done)
        more = 0
        self.growth.start()
        try:
            while not more:
                one = self.plan.take(connection.rate * self.growth.seconds_per_range)
                if one is None:
                    return
                start, began = one.at, self.io.now()
                try:
                    await self._receive(one, connection)
                except NEVER_RETRIED:
                    raise
                except (HfHubHTTPError, TransportError) as error:
                    if self.growth.stop():  # no other connection can go on with the range
                        raise
                    _log.info("One connection less for %s: %s", self.remote.path, error)
                    return
                finally:
                    self.plan.release(one)
                connection.rate = (one.at - start) / max(self.io.now() - began, 0.001)
                await self.io.run_blocking(self._save_and_hash)
                more = 0 if self.plan.one_stream else self.growth.wanted(self.io.now())
        finally:
            del connection  # with its memory
            self.growth.end()
        await self.io.each(lambda _: self._work(), range(more + 1), limit=more + 1)

    async def _receive(self, one: Range, connection: _Connection) -> None:
        """Request a range until it is complete, or until the rest of it is better received in another way."""
        io, remote = self.io, self.remote
        while one.at < one.end:
            start = one.at
            sink = _RangeSink(self, one, connection)
            failure = await self._request(one, sink)
            if failure is None:
                return
            self._location = None
            done = self.plan.done
            progressed = one.at > start and (done > connection.furthest or not self.plan.one_stream)
            connection.furthest = max(connection.furthest, done)
            connection.stalled_attempts = 0 if progressed else connection.stalled_attempts + 1
            if connection.stalled_attempts >= io.settings.attempts:
                raise failure
            _log.info("Download of %s interrupted at byte %d of %d: %s", remote.path, one.at, remote.size, failure)
            attempt = max(1, connection.stalled_attempts)
            await io.sleep(retry_delay(None, attempt, io.settings, io.random(), io.now()) or 0.0)
            if isinstance(failure, TransportError):
                continue
            connection.refusals += 1
            if connection.refusals >= MAX_REFUSALS:
                self.plan.one_stream = self.plan.whole = True
            return

    async def _request(self, one: Range, sink: _RangeSink) -> HubError | None:
        """Send one request for the rest of a range; return the error if another request may succeed."""
        remote = self.remote
        location = self._location
        try:
            if self._xet is not None and self._xet.is_usable and not one.whole:
                await self._xet.receive(one.at, one.end, sink)
            else:
                await send_request(
                    self.io, self._range_request(one, location), sink=sink, timeout=self.io.settings.download_timeout
                )
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            return error
        except ProtocolError as error:
            if error is not sink.refused:
                raise
            return error
        except HfHubHTTPError as error:
            self._location = None
            status = error.response.status_code
            if status == 416:
                return error
            if location is None or not 400 <= status < 500:
                raise
            return await self._request(one, sink)  # the signed URL has expired
        finally:
            sink.flush_after_failure()
        if one.at < one.end:
            return TransportError(f"{remote.repo_id}: {remote.path} ended after {one.at} of {remote.size} bytes.")
        return None

    def _range_request(self, one: Range, location: str | None) -> Request:
        """Return the request for the rest of a range."""
        is_whole = one.whole or (one.at == 0 and one.end == self.remote.size)
        return range_request(self.remote, None if is_whole else f"bytes={one.at}-{one.end - 1}", location)

    def accept(self, one: Range, response: Response) -> ProtocolError | None:
        """Return the error if a response does not bring the rest of a range; the whole file may come instead."""
        with self.plan.turn:
            return self._accept(one, response)

    def _accept(self, one: Range, response: Response) -> ProtocolError | None:
        if response.status == 200:
            if not self.plan.restart(one):
                self.plan.one_stream = True
                return self.refusal("requested, but the server sends the whole file")
            self.check_length(response)
            self.plan.one_stream = True
            self._discard()
            self.versions.forget()
        elif one.whole:
            return self.refusal("that was not requested")
        elif reason := self.versions.reason_to_refuse(response, one.at):
            return self.refusal(reason)
        if "etag" not in response.headers:
            self.plan.one_stream = True
        self._is_mixed = self._is_mixed or one.at > 0 or one.end < self.remote.size
        self.versions.remember(response)
        self._location = storage_location(response.url, self.io.settings) or self._location
        return None

    def write(self, one: Range, data: memoryview) -> None:
        """Write the next bytes of a range."""
        with self._disk_errors():
            self._ranged_file.write_at(data, one.at)
            self.plan.advance(one, len(data))
            if self.io.now() - self._saved >= FLUSH_INTERVAL:
                self._save_map()
        self.growth.receive(len(data))
        self.transfer.advance(len(data))

    def too_long(self, one: Range) -> HubError:
        """Return the error for a response with more bytes than requested."""
        if one.end == self.remote.size:
            return self._integrity_error(f"has {self.remote.size} bytes by its metadata, but the response has more")
        return self.refusal("longer than requested")

    def restart(self) -> None:
        self.plan.restart()
        self.plan.one_stream = not self._is_continued  # a server that sends other bytes than it announces
        self._discard()

    def _discard(self) -> None:
        """Discard all bytes in the file."""
        self._digest = self._new_digest()
        self._hash.restart(self._digest)
        with self._disk_errors():
            self._ranged_file.truncate()
        self._is_continued = self._is_mixed = False
        self.transfer.set_done(0)

    def _save_map(self) -> None:
        with self.plan.turn:
            self._saved = self.io.now()
            self._ranged_file.save(self.plan.missing())

    def _save_and_hash(self) -> None:
        with self._disk_errors():
            self._save_map()
            self._hash.follow(self.plan, self._check)

    def _check(self, hashed: int) -> None:
        self.io.check()
        if hashed % TOUCH_INTERVAL < CHUNK_SIZE:  # shows waiting processes that this one makes progress
            os.utime(self._ranged_file.descriptor)


@attrs.define(eq=False)
class _Connection:
    """State of one connection.

    Attributes:
        furthest: Largest number of bytes that the file had after a failure.
        memory: Where bytes are received.
        rate: Bytes per second of the last range.
        is_new: Whether it has never received anything.
        stalled_attempts: Number of failures in a row without progress.
        refusals: Number of refused responses in a row.
    """

    furthest: int
    memory: memoryview = attrs.field(factory=lambda: memoryview(bytearray(CHUNK_SIZE)))
    rate: float = 0.0
    is_new: bool = True
    stalled_attempts: int = 0
    refusals: int = 0


class _RangeSink(BufferedSink):
    """Sink of a response to a range.

    Attributes:
        refused: Error raised for a refused response.
    """

    def __init__(self, download: RangedDownload, one: Range, connection: _Connection) -> None:
        self.refused: HubError | None = None
        self._download = download
        self._range = one
        self._connection = connection
        self._memory = connection.memory
        self._filled = 0
        self._flushed = 0.0
        self._pace = Pace(download.io, download.remote.path)

    def begin(self, response: Response) -> bool:
        if response.status not in (200, 206):
            return False
        self.refused = self._download.accept(self._range, response)
        if self.refused is not None:
            raise self.refused
        self._pace = Pace(self._download.io, self._download.remote.path)
        self._flushed = now = self._download.io.now()
        self._connection.refusals = 0
        if self._connection.is_new:
            self._connection.is_new = False
            self._download.growth.opened(now)
        return True

    def buffer(self) -> memoryview:
        return self._memory[self._filled :]

    def write(self, piece: bytes) -> None:
        """Write a large piece as it is, and copy smaller ones into the memory."""
        if self._filled or len(piece) < len(self._memory) or self._range.at + len(piece) > self._range.end:
            super().write(piece)
            return
        self._download.write(self._range, memoryview(piece))
        self._flushed = self._pace.receive(len(piece))

    def received(self, count: int) -> None:
        self._filled += count
        after = self._range.at + self._filled
        if after > self._range.end:
            self._filled = self._range.end - self._range.at
            self.refused = self._download.too_long(self._range)
            raise self.refused
        if self._filled == len(self._memory) or after == self._range.end:
            self._flush()
        if self._pace.receive(count) - self._flushed >= FLUSH_INTERVAL:
            self._flush()

    def flush_after_failure(self) -> None:
        """Write the bytes received before a failure."""
        if self._filled and not isinstance(self.refused, IntegrityError):
            self._flush()

    def _flush(self) -> None:
        filled, self._filled = self._filled, 0
        self._flushed = self._download.io.now()
        if filled:
            self._download.write(self._range, self._memory[:filled])
