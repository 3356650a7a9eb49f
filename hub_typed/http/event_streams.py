"""Event streams (server-sent events), parsed to typed events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from hub_typed.errors import NEVER_RETRIED, ProtocolError, TransportError
from hub_typed.http.error_responses import display_url, excerpt, redact_text, secret_free_cause
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import MAX_REASON_LENGTH, PARSE_ERRORS, send_request
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import redact_secrets, request_secrets

if TYPE_CHECKING:
    from hub_typed.http.io import Io, Sink
    from hub_typed_api.wire import Response, Stream

__all__ = ["connected_events", "events", "reconnected_events"]

T = TypeVar("T")
EVENT_LIMIT = 1 << 20
"""Maximum size of one event in bytes."""


async def events(io: Io, stream: Stream[T], *, timeout: float | None = None) -> AsyncGenerator[T, None]:
    """Iterate over the events of a stream until the server ends it; broken connections are reopened.

    Args:
        timeout: Seconds without received bytes until the connection times out.

    Raises:
        HfHubHTTPError: The Hub returned an error.
        ProtocolError: An event does not match the spec.
        TransportError: The connection broke too often without an event in between.
    """
    seen = 0

    def connect() -> AsyncGenerator[T | None, None]:
        return connected_events(io, stream, timeout=timeout, skip=seen if stream.replays else 0)

    connections = reconnected_events(io, stream.request.operation, connect)
    async with aclosing(connections) as received:
        async for event in received:
            seen += 1
            yield event


async def reconnected_events(
    io: Io, operation: str, connect: Callable[[], AsyncGenerator[T | None, None]]
) -> AsyncGenerator[T, None]:
    """Iterate over the events of connections that continue each other, until one does not break.

    Args:
        operation: Name of the operation, for the log.
        connect: Returns the new events of another connection, and ``None`` for a keep-alive.

    Raises:
        TransportError: The connection broke too often without an event in between.
    """
    failures = 0
    while True:
        try:
            async with aclosing(connect()) as received:
                async for event in received:
                    if event is not None:
                        failures = 0
                        yield event
            return
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            failures += 1
            if failures >= io.settings.attempts:
                raise
            wait = retry_delay(None, failures, io.settings, io.random(), io.now()) or 0.0
            _log.info("%s: the stream broke (%s); retry in %.1f s", operation, error, wait)
            await io.sleep(wait)


async def connected_events(
    io: Io,
    stream: Stream[T],
    *,
    timeout: float | None = None,
    skip: int = 0,
    answered: Callable[[Response], object] | None = None,
) -> AsyncGenerator[T | None, None]:
    """Iterate over the events of one connection until the server ends it; ``None`` stands for a keep-alive.

    Args:
        timeout: Seconds without received bytes until the connection times out.
        skip: Number of events at the beginning to leave out.
        answered: Called with the response before the first event.

    Raises:
        HfHubHTTPError: The Hub returned an error.
        ProtocolError: An event does not match the spec.
        TransportError: The connection failed, broke or timed out.
    """

    def send(sink: Sink) -> Coroutine[Any, Any, Response]:
        return send_request(io, stream.request, sink=_ObservedSink(sink, answered), timeout=timeout)

    parser = _EventParser(stream.request.operation)
    async with aclosing(io.stream(send)) as chunks:
        async for chunk in chunks:
            for data in parser.feed(chunk):
                if not data:
                    yield None
                elif skip:
                    skip -= 1
                else:
                    yield _parse_event(stream, data)


class _ObservedSink:
    """Sink that also passes on the response."""

    def __init__(self, sink: Sink, answered: Callable[[Response], object] | None) -> None:
        self._sink = sink
        self._answered = answered
        self.write = sink.write

    def begin(self, response: Response) -> bool:
        accepted = self._sink.begin(response)
        if accepted and self._answered is not None:
            self._answered(response)
        return accepted


class _EventParser:
    """Parser of event streams, see https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    def __init__(self, operation: str = "stream") -> None:
        self._operation = operation
        self._pending: list[bytes] = []  # chunks of the incomplete line
        self._lines: list[str] = []
        self._size = 0  # bytes of the incomplete event

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of the events that end in this chunk; that of a keep-alive is empty.

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
