"""Content of one file in Xet storage, as a source of its bytes for a download."""

from __future__ import annotations

from functools import partial
from typing import Final

from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, ProtocolError, TransportError
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.xet.tokens import xet_token
from hub_typed.http.io import Io, Sink
from hub_typed.logs.logger import log as _log
from hub_typed.xet.downloads import XetRange
from hub_typed.xet.errors import XetTransferError
from hub_typed_api.models import XetToken
from hub_typed_api.wire import Response

__all__: list[str] = []

MIN_SIZE: Final = 256 << 10
"""Size in bytes of the smallest file that is downloaded with Xet: a smaller one needs a single request without."""
MAX_RANGE: Final = 8 << 20
"""Largest number of bytes of one transfer, which are in memory before they are written."""
COPIES: Final = 4
"""How often the bytes of a transfer are in memory: received, decompressed, and in buffers of `hf_xet` and Python."""


class XetContent:
    """A file in Xet storage.

    After a failure, the caller repeats the transfer from the byte reached, with a new token. If it fails at the same
    byte again, `is_usable` becomes false, and a warning says why.
    """

    def __init__(self, io: Io, remote: RemoteFile, content_hash: str) -> None:
        self.is_usable: bool = True
        self._io = io
        self._remote = remote
        self._hash = content_hash
        self._failed_at: set[int] = set()

    @property
    def connections(self) -> int:
        """Maximum number of ranges to receive at the same time, so that they fit into the memory of the settings."""
        settings = self._io.settings
        return min(settings.concurrency, max(1, settings.xet_memory // (COPIES * MAX_RANGE)))

    @property
    def min_ranged_size(self) -> int:
        """Size in bytes from which a file is received in ranges over several connections."""
        return 2 * MAX_RANGE

    async def receive(self, start: int, end: int, sink: Sink) -> None:
        """Receive bytes, and pass them to a sink like the response to a request for this range.

        Args:
            start: Position of the first byte.
            end: Position after the last byte.

        Raises:
            XetTransferError: A part of the bytes did not arrive.
        """
        body = _RangeBody(self._remote.size, self._hash, start, end, sink)
        token: XetToken | None = None
        try:
            token = await self._token()
            for at in range(start, end, MAX_RANGE):
                part = XetRange(self._hash, self._remote.size, at, min(at + MAX_RANGE, end), self._remote.path)
                await self._io.run_blocking(partial(self._io.xet.downloads.receive, token, part, body.write))
        except XetTransferError as error:
            self._record_failure(error, start + body.received, token)
            raise
        self._io.xet.downloads.suspension.record_success()

    async def _token(self) -> XetToken:
        remote = self._remote
        try:
            return await xet_token(self._io, "read", remote.repo_id, remote.repo_type, remote.commit)
        except NEVER_RETRIED:
            raise
        except (HfHubHTTPError, ProtocolError, TransportError) as error:
            raise XetTransferError(f"The Hub did not provide a token of the Xet storage: {error}") from error

    def _record_failure(self, error: XetTransferError, at: int, token: XetToken | None) -> None:
        """Record a failure at a byte; without a token, the Hub was asked for one often enough."""
        if token is not None:
            self._io.xet.tokens.forget(token)
            if at not in self._failed_at:
                self._failed_at.add(at)
                return
        if not self.is_usable:  # another transfer of the file has failed, too
            return
        self.is_usable = False
        remote = self._remote
        _log.warning("Downloading %s of %s without Xet: %s", remote.path, remote.repo_id, error)
        self._io.xet.downloads.suspension.record_failure(self._io.now())


def xet_content(io: Io, remote: RemoteFile) -> XetContent | None:
    """Return the content of a file in Xet storage; ``None`` if the file is to be downloaded without."""
    if remote.xet_hash is None or remote.size < MIN_SIZE or not io.xet.is_usable:
        return None
    if io.xet.downloads.suspension.is_active(io.now()):
        return None
    return XetContent(io, remote, remote.xet_hash)


class _RangeBody:
    """Presents bytes to a sink as the body of a response with status 206, which begins with the first bytes.

    Attributes:
        received: Number of bytes so far.
    """

    def __init__(self, size: int, content_hash: str, start: int, end: int, sink: Sink) -> None:
        self._head = Response(
            status=206,
            headers={"content-range": f"bytes {start}-{end - 1}/{size}", "etag": f'"{content_hash}"'},
        )
        self._sink = sink
        self.received: int = 0

    def write(self, piece: bytes) -> None:
        """Pass on the next bytes."""
        if not self.received:
            self._sink.begin(self._head)
        self.received += len(piece)
        self._sink.write(piece)
