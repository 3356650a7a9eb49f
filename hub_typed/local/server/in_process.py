"""Transport to an embedded Hub in the same process, without a socket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import BinaryIO, Protocol, cast
from urllib.parse import urlsplit

from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.app import Hub
from hub_typed_api.wire import Body, Request, Response, Source

__all__ = ["LocalTransport"]

STORAGE = "storage.localhost"
IN_MEMORY = 1 << 20


class Sink(Protocol):
    """Same protocol as `hub_typed.http.io.Sink`, without an import of the client."""

    def begin(self, response: Response) -> bool: ...

    def write(self, piece: bytes) -> None: ...


class Cancellation(Protocol):
    """The part of `hub_typed.http.cancellation.Cancellation` that is used here."""

    def check(self) -> None: ...


class LocalTransport:
    """Transport that passes every request to a Hub, whatever the host of its URL."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send a request; see `hub_typed.http.io.Transport`. The timeout is ignored."""
        del timeout
        url = urlsplit(request.path)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            body = cast(BinaryIO, spool)
            size = _write(request.body, body)
            answer = self._hub.answer(
                IncomingRequest(
                    method=request.method,
                    path=url.path,
                    query=url.query,
                    headers={name.lower(): value for name, value in request.headers.items()},
                    body=body,
                    size=size,
                    origin=f"{url.scheme}://{url.netloc}",
                    storage_origin=f"{url.scheme}://{STORAGE}",
                )
            )
        head = Response(status=answer.status, headers=dict(answer.headers), url=request.path)
        if cancellation is not None:
            cancellation.check()
        if sink is None or not sink.begin(head):
            content = b"".join(_pieces(answer.body))
            return Response(status=answer.status, headers=dict(answer.headers), body=content, url=request.path)
        for piece in _pieces(answer.body):
            if cancellation is not None:
                cancellation.check()
            sink.write(piece)
        return head

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _write(body: Body | None, file: BinaryIO) -> int:
    size = sum(file.write(piece) for piece in _pieces(body or b""))
    file.seek(0)
    return size


def _pieces(body: Body) -> Iterable[bytes]:
    return body.open() if isinstance(body, Source) else (body,) if body else ()
