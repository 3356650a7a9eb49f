"""Event streams (server-sent events) as typed events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import TYPE_CHECKING, TypeVar

from hub_typed.errors import NEVER_RETRIED, ProtocolError, TransportError
from hub_typed.http.error_responses import display_url, excerpt, redact_text, secret_free_cause
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import MAX_REASON_LENGTH, PARSE_ERRORS, send_request
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import redact_secrets, request_secrets

if TYPE_CHECKING:
    from hub_typed.http.io import Io
    from hub_typed_api.wire import Stream

__all__ = ["events"]

T = TypeVar("T")
EVENT_LIMIT = 1 << 20
"""Bytes that one event may have."""


async def events(io: Io, stream: Stream[T], *, timeout: float | None = None) -> AsyncGenerator[T, None]:
    """Iterate over the events of a stream until the server ends it; broken connections are reopened.

    Args:
        timeout: Seconds of silence until the connection counts as dead.

    Raises:
        HfHubHTTPError: The Hub answered with an error.
        ProtocolError: An event is not what the spec says.
        TransportError: The connection broke too often without an event in between.
    """
    seen = fruitless = 0
    while True:
        skip = seen if stream.replays else 0
        try:
            pieces = io.stream(lambda sink: send_request(io, stream.request, sink=sink, timeout=timeout))
            async for data in _data(stream.request.operation, pieces):
                if skip:
                    skip -= 1
                    continue
                seen += 1
                fruitless = 0
                yield _read(stream, data)
            return
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            fruitless += 1
            if fruitless >= io.settings.attempts:
                raise
            wait = retry_delay(None, fruitless, io.settings, io.random(), io.now()) or 0.0
            _log.info("%s broke off (%s); again in %.1f s", stream.request.operation, error, wait)
            await io.sleep(wait)


async def _data(operation: str, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[str]:
    """Data of each event; events without data are keep-alives."""
    reader = _Reader(operation)
    try:
        async for piece in pieces:
            for data in reader.read(piece):
                yield data
    finally:
        await pieces.aclose()


class _Reader:
    """Parser of event streams, see https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    def __init__(self, operation: str = "stream") -> None:
        self._operation = operation
        self._rest: list[bytes] = []  # pieces of a line that has not ended yet
        self._lines: list[str] = []
        self._size = 0  # bytes of the event that has not ended yet

    def read(self, piece: bytes) -> Iterator[str]:
        """Return the data of the events that end in this piece.

        Raises:
            ProtocolError: An event is larger than any event may be.
        """
        cut = bool(self._rest) and self._rest[-1].endswith(b"\r")
        if not cut and b"\n" not in piece and b"\r" not in piece:
            self._rest.append(piece)  # joined once, when the line ends
            self._grow(len(piece))
            return
        held = b"".join([*self._rest, piece])
        self._size -= sum(map(len, self._rest))
        cut = held.endswith(b"\r")  # its line feed may still come
        lines = (held[:-1] if cut else held).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest = lines.pop() + (b"\r" if cut else b"")
        self._rest = [rest]
        for line in lines:
            if not line:
                data = "\n".join(self._lines)
                self._lines = []
                self._size = 0
                if data:  # without, it is a sign of life
                    yield data
            name, _, value = line.partition(b":")
            if name == b"data":
                self._grow(len(line))
                self._lines.append(value.removeprefix(b" ").decode(errors="replace"))
        self._grow(len(rest))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > EVENT_LIMIT:
            raise ProtocolError(f"{self._operation}: an event is larger than {EVENT_LIMIT} bytes; refused.")


def _read(stream: Stream[T], data: str) -> T:
    try:
        return stream.parse(json.loads(data))
    except PARSE_ERRORS as error:
        secrets = request_secrets(stream.request)
        what = redact_text(redact_secrets(str(error), secrets))[:MAX_REASON_LENGTH]
        raise ProtocolError(
            f"{stream.request.operation}: an event of {display_url(stream.request.path)} is not what the spec says: "
            f"{what}. It begins with {excerpt(data[:4096], secrets)}."
        ) from secret_free_cause(error, secrets)
