"""Receive a byte range of a file into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub_typed.errors import ProtocolError
from hub_typed.flows.files.byte_ranges import ContentVersions
from hub_typed.http.io import BufferedSink
from hub_typed_api.wire import Response

__all__: list[str] = []

DISCARDED_BYTES: Final = 1 << 16
"""Size in bytes of the memory for bytes that were not requested."""


class RangeCompleteError(Exception):
    """All requested bytes were received; a server that ignores ranges would send the rest of the file."""


class RangeSink(BufferedSink):
    """Sink for a byte range of a file; a response with the whole file is cut to the range.

    Args:
        where: Repository and path, for error messages.
        start: Position of the first byte.
        memory: Receives the bytes; its length is that of the range.
        versions: Checks that all ranges are of the same version.
        check: Called for each piece; an exception that it raises ends the request.

    Attributes:
        filled: Number of bytes received.
        refused: Error raised for a refused response.
    """

    def __init__(
        self, where: str, start: int, memory: memoryview, versions: ContentVersions, check: Callable[[], None]
    ) -> None:
        self.filled: int = 0
        self.refused: ProtocolError | None = None
        self._where = where
        self._start = start
        self._memory = memory
        self._versions = versions
        self._check = check
        self._is_whole_file = False
        self._skip = 0
        self._discarded = memoryview(b"")

    @property
    def is_complete(self) -> bool:
        """Whether all bytes of the range were received."""
        return self.filled == len(self._memory)

    def begin(self, response: Response) -> bool:
        if response.status not in (200, 206):
            return False
        self.filled = 0
        self._is_whole_file = response.status == 200
        self._skip = self._start if self._is_whole_file else 0
        reason = None if self._is_whole_file else self._versions.reason_to_refuse(response, self._start)
        if reason is not None:
            self.refused = ProtocolError(f"{self._where}: refused the response to a range: it is {reason}.")
            raise self.refused
        self._versions.remember(response)
        return True

    def buffer(self) -> memoryview:
        if not self._skip and not self.is_complete:
            return self._memory[self.filled :]
        if not self._discarded:
            self._discarded = memoryview(bytearray(DISCARDED_BYTES))
        return self._discarded[: self._skip] if self._skip else self._discarded

    def received(self, count: int) -> None:
        self._check()
        if self._skip:
            self._skip -= count
            return
        self.filled = min(self.filled + count, len(self._memory))
        if self.is_complete and self._is_whole_file:
            raise RangeCompleteError
