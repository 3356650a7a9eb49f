"""Records of exchanges with the Hub in a file, and clients that make and replay them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from hub_typed.async_client import AsyncHfApi
from hub_typed.client import HfApi
from hub_typed.clients.base import ClientBase
from hub_typed.http.io import drive
from hub_typed.logs.redaction import request_secrets
from hub_typed.testing.replaying import ReplayingTransport
from hub_typed.testing.scrubbing import (
    Stored,
    is_secret_of_response,
    request_key,
    scrubbed_body,
    scrubbed_headers,
    scrubbed_url,
    stored_body,
)
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.http.cancellation import Cancellation
    from hub_typed.http.io import Sink, Transport

__all__ = ["record", "replay"]

Client = TypeVar("Client", bound=ClientBase[Any])
MAX_BODY_SIZE: Final = 1 << 20
REPLAYED_TOKEN: Final = "hf_replayed"
"""Token of a client that replays, which is sent nowhere: some methods need one."""


@contextmanager
def record(
    file: str | os.PathLike[str], api: Client, *, max_body_size: int = MAX_BODY_SIZE
) -> Generator[Client, None, None]:
    """Return a client that records its exchanges with the Hub; the file is written when the block ends without error.

    The file contains no secrets: no headers of requests but ``Range``, no secret headers of responses, and ``...`` in
    place of tokens, signatures and the values of secret members and parameters. Exchanges without a complete response
    are left out. Xet storage is not used, since its transfers could not be recorded.

    Args:
        file: The file, JSON; it is replaced.
        api: Client whose options are used.
        max_body_size: Maximum number of bytes of a response that are kept; a longer one cannot be replayed.
    """
    transport = RecordingTransport(api._make_transport(), max_body_size)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as its methods do
    client = api._with_transport(transport, attrs.evolve(api.settings, xet=False))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # likewise
    try:
        yield client
    finally:
        _close(client)
    servers = {name: scrubbed_url(url, ()) for name, url in client.settings.servers.items()}
    content = {
        "format": 1,
        "endpoint": str(client.endpoint),
        "servers": servers,
        "exchanges": transport.exchanges,
    }
    os.makedirs(os.path.dirname(os.path.abspath(file)), exist_ok=True)
    partial = f"{os.fspath(file)}.{os.getpid()}.partial"
    with open(partial, "w", encoding="utf-8") as written:
        json.dump(content, written, indent=1, ensure_ascii=False)
        written.write("\n")
    os.replace(partial, file)


@contextmanager
def replay(file: str | os.PathLike[str], api: Client) -> Generator[Client, None, None]:
    """Return a client whose requests are answered from a file of `record`, without network and token.

    Each exchange is replayed once. Requests are equal if method, URL, range and body are, apart from secrets.

    Args:
        file: The file.
        api: Client whose options are used, except for the endpoint and other servers, which are the recorded ones.

    Raises:
        NotRecordedError: In the block: the file has no answer to a request.
        ValueError: The file is no record of exchanges.
    """
    transport, options = _read(os.fspath(file))
    settings = attrs.evolve(api.settings, **options, xet=False, offline=False, backoff=0)
    client = api._with_transport(transport, settings)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as its methods do
    if client.token is None:
        client.token = REPLAYED_TOKEN
    try:
        yield client
    finally:
        _close(client)


def _read(file: str) -> tuple[ReplayingTransport, dict[str, Any]]:
    """Return the exchanges of a file, and the settings that its client had."""
    with open(file, "rb") as opened:
        content = opened.read()
    with suppress(ValueError):
        read: Any = json.loads(content)
        match read:
            case {"format": 1, "endpoint": str(), "servers": dict(), "exchanges": list()}:
                transport = ReplayingTransport(file, read["exchanges"])
                return transport, {name: read[name] for name in ("endpoint", "servers")}
            case _:
                pass
    raise ValueError(f"{file} is no file of record() of this version, or damaged: record it again.")


def _close(client: ClientBase[Any]) -> None:
    if isinstance(client, HfApi):
        client.close()
    elif isinstance(client, AsyncHfApi):
        drive(client.aclose())  # which never suspends


class RecordingTransport:
    """Transport that keeps what another one sends and receives.

    Attributes:
        exchanges: The exchanges so far, as the file has them.
    """

    def __init__(self, transport: Transport, max_body_size: int) -> None:
        self.exchanges: list[dict[str, object]] = []
        self._transport = transport
        self._max_body_size = max_body_size
        self._lock = threading.Lock()

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send a request; see `hub_typed.http.io.Transport`."""
        kept = None if sink is None else _KeptBody(sink, self._max_body_size)
        response = self._transport.send(request, sink=kept, timeout=timeout, cancellation=cancellation)
        secrets = request_secrets(request)
        stored: Stored
        if kept is not None and kept.accepted:
            size, stored = kept.size, scrubbed_body(kept.body, secrets, None)
        else:
            size, stored = len(response.body), scrubbed_body(response.body, secrets, is_secret_of_response)
        if size > self._max_body_size:
            stored = {"omitted": size}
        headers = scrubbed_headers(response.headers, secrets)
        if request.method != "HEAD" and "content-length" in headers and "omitted" not in stored:
            headers["content-length"] = str(len(stored_body(stored)))
        exchange: dict[str, object] = {
            "request": request_key(request.method, request.path, request.headers, request.body, secrets),
            "response": {"status": response.status, "headers": headers, "body": stored},
        }
        with self._lock:
            self.exchanges.append(exchange)
        return response

    def close(self) -> None:
        """Close the connections of the other transport."""
        self._transport.close()


class _KeptBody:
    """Sink that passes a body on and keeps its beginning.

    Attributes:
        accepted: Whether the other sink accepts the body.
        body: What is kept.
        size: Bytes received.
    """

    def __init__(self, sink: Sink, most: int) -> None:
        self.accepted = False
        self.body = b""
        self.size = 0
        self._sink = sink
        self._most = most

    def begin(self, response: Response) -> bool:
        self.accepted = self._sink.begin(response)
        return self.accepted

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= self._most:
            self.body += piece
        self._sink.write(piece)
