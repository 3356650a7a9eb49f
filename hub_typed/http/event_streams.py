"""Event streams (server-sent events), parsed to typed events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import TYPE_CHECKING, TypeVar

from hub_typed.errors import NEVER_RETRIED, HubTimeoutError, ProtocolError, TransportError
from hub_typed.http.error_responses import display_url, excerpt, redact_text, secret_free_cause
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import MAX_REASON_LENGTH, PARSE_ERRORS, send_request
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import redact_secrets, request_secrets

if TYPE_CHECKING:
    from hub_typed.http.io import Io, Sink
    from hub_typed_api.wire import Request, Response, Stream

__all__ = ["events"]

T = TypeVar("T")
EVENT_LIMIT = 1 << 20
"""Maximum size of one event in bytes."""


async def events(
    io: Io, stream: Stream[T], *, timeout: float | None = None, silence: float | None = None
) -> AsyncGenerator[T, None]:
    """Iterate over the events of a stream until the server ends it; broken connections are reopened.

    Args:
        timeout: Seconds without received bytes until the connection times out.
        silence: Seconds without received bytes after which the stream is complete, instead of ``timeout``: a server
            that goes on with new events does not tell where the stored ones end.

    Raises:
        HfHubHTTPError: The Hub returned an error.
        ProtocolError: An event does not match the spec.
        TransportError: The connection broke too often without an event in between.
    """
    seen = failures = 0
    while True:
        skip = seen if stream.replays else 0
        reception = _Reception(io, stream.request, timeout if silence is None else silence)
        try:
            chunks = io.stream(reception.receive)
            async for data in _data(stream.request.operation, chunks):
                if skip:
                    skip -= 1
                    continue
                seen += 1
                failures = 0
                yield _parse_event(stream, data)
            return
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            if silence is not None and reception.has_begun and isinstance(error, HubTimeoutError):
                return
            failures += 1
            if failures >= io.settings.attempts:
                raise
            wait = retry_delay(None, failures, io.settings, io.random(), io.now()) or 0.0
            _log.info("%s: the stream broke (%s); retry in %.1f s", stream.request.operation, error, wait)
            await io.sleep(wait)


class _Reception:
    """One request for a stream; a sink that notes when the response begins."""

    def __init__(self, io: Io, request: Request, timeout: float | None) -> None:
        self._io = io
        self._request = request
        self._timeout = timeout
        self.has_begun = False

    async def receive(self, sink: Sink) -> None:
        self._sink = sink
        await send_request(self._io, self._request, sink=self, timeout=self._timeout)

    def begin(self, response: Response) -> bool:
        self.has_begun = self._sink.begin(response)
        return self.has_begun

    def write(self, piece: bytes) -> None:
        self._sink.write(piece)


async def _data(operation: str, chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[str]:
    """Yield the data of each event; events without data are keep-alives."""
    parser = _EventParser(operation)
    try:
        async for chunk in chunks:
            for data in parser.feed(chunk):
                yield data
    finally:
        await chunks.aclose()


class _EventParser:
    """Parser of event streams, see https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    def __init__(self, operation: str = "stream") -> None:
        self._operation = operation
        self._pending: list[bytes] = []  # chunks of the incomplete line
        self._lines: list[str] = []
        self._size = 0  # bytes of the incomplete event

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of the events that end in this chunk.

        Raises:
            ProtocolError: An event is larger than `EVENT_LIMIT`.
        """
        ends_with_cr = bool(self._pending) and self._pending[-1].endswith(b"\r")
        if not ends_with_cr and b"\n" not in chunk and b"\r" not in chunk:
            self._pending.append(chunk)  # joined once, when the line is complete
            self._grow(len(chunk))
            return
        received = b"".join([*self._pending, chunk])
        self._size -= sum(map(len, self._pending))
        ends_with_cr = received.endswith(b"\r")  # the line feed may follow in the next chunk
        lines = (received[:-1] if ends_with_cr else received).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        pending = lines.pop() + (b"\r" if ends_with_cr else b"")
        self._pending = [pending]
        for line in lines:
            if not line:
                data = "\n".join(self._lines)
                self._lines = []
                self._size = 0
                if data:  # an event without data is a keep-alive
                    yield data
            name, _, value = line.partition(b":")
            if name == b"data":
                self._grow(len(line))
                self._lines.append(value.removeprefix(b" ").decode(errors="replace"))
        self._grow(len(pending))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > EVENT_LIMIT:
            raise ProtocolError(f"{self._operation}: an event is larger than {EVENT_LIMIT} bytes.")


def _parse_event(stream: Stream[T], data: str) -> T:
    try:
        return stream.parse(json.loads(data))
    except PARSE_ERRORS as error:
        secrets = request_secrets(stream.request)
        reason = redact_text(redact_secrets(str(error), secrets))[:MAX_REASON_LENGTH]
        raise ProtocolError(
            f"{stream.request.operation}: an event of {display_url(stream.request.path)} does not match the spec: "
            f"{reason}. It begins with {excerpt(data[:4096], secrets)}."
        ) from secret_free_cause(error, secrets)
