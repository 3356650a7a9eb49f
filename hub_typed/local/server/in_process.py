"""Transport to an embedded Hub in the same process, without a socket."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO, Protocol, cast
from urllib.parse import urlsplit

import attrs

from hub_typed.errors import HubTimeoutError, TransportError
from hub_typed.local.faults.passage import Cut, Passage, Pause, Step
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.app import Hub
from hub_typed.local.streams.live_body import LiveBody
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Body, Request, Response, Source

__all__ = ["LocalTransport"]

STORAGE = "storage.localhost"
IN_MEMORY = 1 << 20
CANCELLATION_INTERVAL = 0.02
"""Seconds between two looks whether the caller of a request that waits has cancelled it."""


class Sink(Protocol):
    """Same protocol as `hub_typed.http.io.Sink`, without an import of the client."""

    def begin(self, response: Response) -> bool: ...

    def write(self, piece: bytes) -> None: ...


class Cancellation(Protocol):
    """The part of `hub_typed.http.cancellation.Cancellation` that is used here."""

    @property
    def seconds(self) -> float | None: ...

    def check(self) -> None: ...


class LocalTransport:
    """Transport that passes every request to a Hub, whatever the host of its URL."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send a request; see `hub_typed.http.io.Transport`. Of timeouts, only those of faults count."""
        url = urlsplit(request.path)
        incoming = IncomingRequest(
            method=request.method,
            path=url.path,
            query=url.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=BytesIO(),
            size=0,
            origin=f"{url.scheme}://{url.netloc}",
            storage_origin=f"{url.scheme}://{STORAGE}",
        )
        incoming = attrs.evolve(incoming, fault=self._hub.choose_fault(incoming))
        wire = _Wire(incoming, request.operation, timeout, None if cancellation is None else cancellation.seconds)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            body = cast(BinaryIO, spool)
            try:
                sent = Passage(incoming.fault, "request")
                wire.begin(sent)
                for piece in wire.passed(sent, _pieces(request.body or b"")):
                    body.write(piece)
            except TransportError:
                self._hub.record_broken(incoming, body.tell())
                raise
            size = body.tell()
            body.seek(0)
            answer = self._answer(attrs.evolve(incoming, body=body, size=size))
        head = Response(status=answer.status, headers=dict(answer.headers), url=request.path)
        if cancellation is not None:
            cancellation.check()
        known = answer.body.size if isinstance(answer.body, Source) else len(answer.body)
        response = Passage(incoming.fault, "response", known)
        wire.begin(response)
        if isinstance(answer.body, LiveBody):
            arriving: Iterable[bytes] = wire.arriving(answer.body, cancellation)
        else:
            arriving = _pieces(answer.body)
        pieces = wire.passed(response, arriving)
        if sink is None or not sink.begin(head):
            return attrs.evolve(head, body=b"".join(pieces))
        for piece in pieces:
            if cancellation is not None:
                cancellation.check()
            sink.write(piece)
        return head

    def _answer(self, incoming: IncomingRequest) -> Answer:
        admitted = None if incoming.fault is None else self._hub.admit(incoming)
        return admitted if isinstance(admitted, Answer) else self._hub.answer(incoming, admitted)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class _Wire:
    """Stands for the connection of one request: raises the errors that its fault causes, without waiting.

    Args:
        silence: Seconds without a byte after which the client gives up.
        limit: Seconds for the whole exchange; ``None`` if unlimited.
    """

    def __init__(self, incoming: IncomingRequest, operation: str, silence: float, limit: float | None) -> None:
        self._where = f"{operation}: {incoming.method} {incoming.origin}{incoming.path}"
        self._silence = silence
        self._left = limit

    def arriving(self, body: LiveBody, cancellation: Cancellation | None) -> Iterator[bytes]:
        """Return the pieces of a body as they come; unlike other pauses, these take their time.

        Raises:
            HubTimeoutError: None comes for longer than the client waits.
        """
        changed = threading.Event()
        end = time.monotonic() + self._silence
        with body.changes.told(changed.set):
            pieces = iter(body.open())
            while True:
                changed.clear()
                piece = next(pieces, None)
                if piece is None:
                    return
                if piece:
                    yield piece
                    end = time.monotonic() + self._silence
                    continue
                changed.wait(CANCELLATION_INTERVAL)
                if cancellation is not None:
                    cancellation.check()
                if time.monotonic() >= end:
                    raise self._silent()

    def begin(self, passage: Passage) -> None:
        """Do what precedes a body; raises as `passed` does."""
        for step in passage.begin():
            self._obey(step)

    def passed(self, passage: Passage, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Return the pieces of a body that pass.

        Raises:
            HubTimeoutError: A pause is longer than the client waits.
            TransportError: The connection breaks.
        """
        for piece in pieces:
            for step in passage.take(piece):
                if isinstance(step, bytes):
                    yield step
                else:
                    self._obey(step)
        for step in passage.end():
            self._obey(step)

    def _obey(self, step: Step) -> None:
        if isinstance(step, Pause):
            self._wait(step.seconds)
        elif isinstance(step, Cut):
            how = "was reset" if step.reset else "was closed before the end of the response"
            raise TransportError(f"{self._where}: the connection failed or broke: it {how}")

    def _wait(self, seconds: float | None) -> None:
        if seconds is None or seconds >= self._silence:
            raise self._silent()
        if self._left is not None:
            self._left -= seconds
            if self._left <= 0:
                raise HubTimeoutError(f"{self._where}: no complete response within the time of the call")

    def _silent(self) -> HubTimeoutError:
        return HubTimeoutError(f"{self._where}: no data received for {self._silence:g} s")


def _pieces(body: Body) -> Iterable[bytes]:
    if isinstance(body, Source):
        return map(bytes, body.open())  # of a view, a copy; bytes remain as they are
    return (body,) if body else ()
