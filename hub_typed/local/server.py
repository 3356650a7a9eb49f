"""The embedded Hub on sockets of this machine: an ASGI application around `Hub.answer`, and uvicorn in a thread."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, Final, TypeAlias, cast
from urllib.parse import quote_from_bytes

import uvicorn

from hub_typed.local.app import Hub
from hub_typed.local.incoming import Incoming
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["Server"]

HOST = "127.0.0.1"
IN_MEMORY = 1 << 20
THREADS = 32
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
"""What stays in a request line as it is; all other bytes are read as if they had been percent-encoded."""

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Server:
    """Serves a Hub until it is stopped.

    It has two ports, so that the store of large files is another origin, as it is with the real Hub: a client that
    carries the token of one to the other is found out. Both ports answer everything.

    Args:
        port: The port of the Hub; 0 for any that is free. That of the storage is any that is free.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, hub: Hub, port: int = 0) -> None:
        self._hub = hub
        # The sockets listen from here on: who connects before the thread is up just waits for it.
        self._sockets = [socket.create_server((HOST, port)), socket.create_server((HOST, 0))]
        for one in self._sockets:  # asyncio looks at the protocol, which create_server leaves open
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.origin: str
        self.storage_origin: str
        self.origin, self.storage_origin = (f"http://{HOST}:{one.getsockname()[1]}" for one in self._sockets)
        self._workers = ThreadPoolExecutor(THREADS, "hub-typed-local")
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            lifespan="off",
            proxy_headers=False,
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        # A daemon: a process that forgets to stop its Hub ends nevertheless.
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-typed-local", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let requests that run come to their end, for a second at most, and close the ports."""
        self._server.should_exit = True
        self._thread.join()
        self._workers.shutdown(wait=False, cancel_futures=True)
        for one in self._sockets:
            one.close()

    def wait(self) -> None:
        """Wait until it is stopped."""
        self._ended.wait()  # not join(), after whose interruption CPython 3.11 takes the thread for ended

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(self._sockets))
        finally:
            self._ended.set()

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            size = await _spooled(receive, cast(BinaryIO, spool))
            if size is None:
                return
            spool.seek(0)
            incoming = self._incoming(scope, cast(BinaryIO, spool), size)
            answer = await loop.run_in_executor(self._workers, self._hub.answer, incoming)
            await self._send(answer, send, loop)

    def _incoming(self, scope: Scope, body: BinaryIO, size: int) -> Incoming:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return Incoming(
            method=scope["method"],
            path=quote_from_bytes(scope["raw_path"], safe=_ASCII),
            query=quote_from_bytes(scope["query_string"], safe=_ASCII),
            headers=headers,
            body=body,
            size=size,
            # As the client calls it, which may be another name for the same machine, or a forwarded port.
            origin=f"http://{headers['host']}" if headers.get("host") else self.origin,
            storage_origin=self.storage_origin,
        )

    async def _send(self, answer: Answer, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if isinstance(answer.body, Source):
            pieces = iter(answer.body.open())
            # Each piece is read by a worker: a slow disk must not hold up other requests.
            while piece := await loop.run_in_executor(self._workers, next, pieces, b""):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": answer.body})


async def _spooled(receive: Receive, spool: BinaryIO) -> int | None:
    """Take a whole body in, in memory as long as it is small; its size, or ``None`` where the client went away."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece: bytes = message.get("body", b"")
        size += len(piece)
        spool.write(piece)
        if not message.get("more_body", False):
            return size
