"""The embedded Hub on sockets of this machine: an ASGI application around `Hub.answer`, and uvicorn in a thread."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO, Final, TypeAlias, cast

import attrs
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub_typed.local.admission import IN_MEMORY, check_size
from hub_typed.local.app import Hub
from hub_typed.local.connections import CONNECTION, MAX_CONNECTIONS
from hub_typed.local.faults import HubFault
from hub_typed.local.hosts import Hosts
from hub_typed.local.incoming import Incoming
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["Server"]

HOST = "127.0.0.1"
THREADS = 32
PATIENCE = 60.0
"""Seconds in which something of a body must come."""
SLOWEST = 4096
"""Bytes of a body that must come in a second, in the long run."""
DISCARDING = 5.0
"""Seconds in which a body is read that nobody wants."""
MAX_DISCARDED = 64 << 20
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
        hosts: The hosts that it answers for; without it, those of this machine.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, hub: Hub, port: int = 0, hosts: Hosts | None = None) -> None:
        self._hub = hub
        self._hosts = hosts or Hosts()
        # The sockets listen from here on: who connects before the thread is up just waits for it.
        self._sockets = [socket.create_server((HOST, port)), socket.create_server((HOST, 0))]
        for one in self._sockets:  # asyncio looks at the protocol, which create_server leaves open
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.origin: str
        self.storage_origin: str
        self.origin, self.storage_origin = (f"http://{HOST}:{one.getsockname()[1]}" for one in self._sockets)
        # Whoever reads does not wait for those who write, which may take longer.
        self._readers = ThreadPoolExecutor(THREADS, "hub-typed-local-read")
        self._writers = ThreadPoolExecutor(THREADS, "hub-typed-local-write")
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            http=CONNECTION,
            lifespan="off",
            proxy_headers=False,
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS + 1,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = _Uvicorn(config)
        # A daemon: a process that forgets to stop its Hub ends nevertheless.
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-typed-local", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let requests that run come to their end, for a second at most, and close the ports."""
        self._server.should_exit = True
        self._thread.join()
        for workers in (self._readers, self._writers):
            workers.shutdown(wait=False, cancel_futures=True)
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
        incoming = self._incoming(scope)
        workers = self._readers if incoming.method in ("GET", "HEAD") else self._writers
        try:
            self._hosts.check(incoming.method, incoming.path, scope["headers"])
        except HubFault as fault:
            await self._refuse(self._hub.refused(incoming, fault), incoming, receive, send)
            return
        if not _has_body(incoming):
            answer = await loop.run_in_executor(workers, self._hub.answer, incoming)
            await self._send(answer, send, workers)
            return
        admitted = await loop.run_in_executor(workers, self._hub.admit, incoming)
        if isinstance(admitted, Answer):
            await self._refuse(admitted, incoming, receive, send)
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            body = cast(BinaryIO, spool)
            try:
                size = await _spooled(receive, body, admitted.limit)
            except HubFault as fault:
                await self._refuse(self._hub.refused(incoming, fault), incoming, receive, send)
                return
            if size is None:
                return
            body.seek(0)
            whole = attrs.evolve(incoming, body=body, size=size)
            answer = await loop.run_in_executor(workers, self._hub.answer, whole, admitted)
            await self._send(answer, send, workers)

    def _incoming(self, scope: Scope) -> Incoming:
        """A request without its body; its size is the one that is announced."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return Incoming(
            method=scope["method"],
            path=scope["raw_path"].decode("ascii", "replace"),
            query=scope["query_string"].decode("ascii", "replace"),
            headers=headers,
            body=BytesIO(),
            size=int(headers.get("content-length", 0)),  # h11 refuses what is no number
            # As the client calls it, which may be another name for the same machine, or a forwarded port.
            origin=f"http://{headers['host']}" if headers.get("host") else self.origin,
            storage_origin=self.storage_origin,
        )

    async def _refuse(self, answer: Answer, incoming: Incoming, receive: Receive, send: Send) -> None:
        """Answer without having read the body.

        A small one is read and thrown away, so that the connection can be used on. With a large one, the connection
        is closed; but not at once, because a client that is still sending would not see the answer then.
        """
        if "expect" not in incoming.headers and incoming.size <= IN_MEMORY and "content-length" in incoming.headers:
            await _discard(receive, IN_MEMORY)
            await self._send(answer, send, self._readers)
            return
        if not _has_body(incoming):
            await self._send(answer, send, self._readers)
            return
        assert isinstance(answer.body, bytes)
        headers = [*_raw(answer.headers), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        await _discard(receive, MAX_DISCARDED)
        await send({"type": "http.response.body", "body": b""})

    async def _send(self, answer: Answer, send: Send, workers: ThreadPoolExecutor) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": _raw(answer.headers)})
        if isinstance(answer.body, Source):
            loop = asyncio.get_running_loop()
            pieces = iter(answer.body.open())
            # Each piece is read by a worker: a slow disk must not hold up other requests.
            while piece := await loop.run_in_executor(workers, next, pieces, b""):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": answer.body})


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, which leaves no connection open when it stops."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # asyncio forgets a connection that it has begun to accept when the socket that listens is closed.
        for one in sockets or ():
            asyncio.get_running_loop().remove_reader(one)
        await asyncio.sleep(0)
        await super().shutdown(sockets)
        # What is left had no time to end: clients that take no answer.
        while connections := cast("set[H11Protocol]", self.server_state.connections):
            for connection in list(connections):
                connection.transport.abort()
            await asyncio.sleep(0)


def _has_body(incoming: Incoming) -> bool:
    return incoming.size > 0 or "transfer-encoding" in incoming.headers


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


async def _spooled(receive: Receive, spool: BinaryIO, most: int) -> int | None:
    """Take a whole body in, in memory as long as it is small; its size, or ``None`` where the client went away.

    Raises:
        HubFault: 413, it is too large; 408, it comes too slowly.
    """
    size = 0
    begun = time.monotonic()
    while True:
        left = begun + PATIENCE + size / SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(min(left, PATIENCE)):
                message = await receive()
        except TimeoutError:
            raise HubFault(408, "The body of this request comes too slowly") from None
        if message["type"] == "http.disconnect":
            return None
        piece: bytes = message.get("body", b"")
        size += len(piece)
        check_size(size, most)
        spool.write(piece)
        if not message.get("more_body", False):
            return size


async def _discard(receive: Receive, most: int) -> None:
    """Read what comes of a body for a short while, and throw it away."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARDING):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
