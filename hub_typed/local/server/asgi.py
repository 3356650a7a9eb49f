"""Embedded Hub on loopback sockets: an ASGI application, served by uvicorn in a thread."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, Final, TypeAlias, cast

import attrs
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub_typed.local.errors import HubResponseError
from hub_typed.local.incoming_request import IncomingRequest, IncompleteBodyError
from hub_typed.local.server.app import Admission, Hub
from hub_typed.local.server.body_limits import IN_MEMORY, check_size
from hub_typed.local.server.body_pace import BodyPace, too_slow
from hub_typed.local.server.connections import CONNECTION, CONNECTION_CLASS, MAX_CONNECTIONS, Connection
from hub_typed.local.server.faulty_connection import FaultyConnection, Receive, Send
from hub_typed.local.server.hosts import Hosts
from hub_typed.local.server.live_sending import send_live
from hub_typed.local.server.socket_body import SocketBody
from hub_typed.local.streams.live_body import LiveBody
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["Server"]

HOST = "127.0.0.1"
THREADS = 32
DISCARD_TIMEOUT = 5.0
"""Maximum number of seconds to read and discard a body after its request was refused."""
MAX_DISCARDED = 64 << 20
STOP_TIMEOUT = 1.0
"""Seconds that running requests get to finish when the server stops."""
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
"""Characters that stay unchanged in a request line; all other bytes are treated as percent-encoded."""

Scope: TypeAlias = MutableMapping[str, Any]


class Server:
    """Server of a Hub, which runs until it is stopped.

    It opens two ports, so that the LFS storage has another origin, as on the real Hub: tests detect a client that
    sends its token to the storage. Both ports serve all routes.

    Args:
        port: Port of the Hub; 0 for any free port. The storage always uses any free port.
        hosts: Allowed hosts; by default, those of this machine.

    Attributes:
        origin: Origin of the Hub.
        storage_origin: Origin of the LFS storage.

    Raises:
        OSError: The port is in use.
    """

    def __init__(self, hub: Hub, port: int = 0, hosts: Hosts | None = None) -> None:
        self._hub = hub
        self._hosts = hosts or Hosts()
        # The sockets listen from here on: clients that connect before the thread runs wait for it.
        self._sockets = [socket.create_server((HOST, port)), socket.create_server((HOST, 0))]
        for one in self._sockets:  # asyncio sets this only for an explicit protocol, which create_server leaves open
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ports = [str(one.getsockname()[1]) for one in self._sockets]
        self.origin: str
        self.storage_origin: str
        self.origin, self.storage_origin = (f"http://{HOST}:{port}" for port in self._ports)
        # Reads do not wait for writes, which may take longer.
        self._readers = ThreadPoolExecutor(THREADS, "hub-typed-local-read")
        self._writers = ThreadPoolExecutor(THREADS, "hub-typed-local-write")
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            http=CONNECTION_CLASS,
            lifespan="off",
            proxy_headers=False,
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,  # uvicorn's is up to a second old, see `_raw_headers`
            limit_concurrency=MAX_CONNECTIONS + 1,
            timeout_keep_alive=60,
        )
        self._server = _UvicornServer(config)
        # A daemon thread does not keep a process alive that forgets to stop its Hub.
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-typed-local", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the ports; running requests get at most `STOP_TIMEOUT` seconds to finish."""
        self._server.stop()
        self._thread.join()
        for workers in (self._readers, self._writers):
            workers.shutdown(wait=False, cancel_futures=True)
        for one in self._sockets:
            one.close()

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._ended.wait()  # not join(): if that is interrupted, CPython 3.11 treats the thread as ended

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
        except HubResponseError as error:
            await self._refuse(self._hub.refuse(incoming, error), incoming, receive, send)
            return
        fault = self._hub.choose_fault(incoming)
        faulty: FaultyConnection | None = None
        if fault is not None:
            incoming = attrs.evolve(incoming, fault=fault)
            faulty = FaultyConnection(
                fault,
                receive,
                send,
                transport=_connection(scope).transport,
                has_response_body=incoming.method != "HEAD",
                is_stopping=lambda: self._server.should_exit,
            )
            receive, send = faulty.receive, faulty.send
        elif not _has_body(incoming):
            answer = await loop.run_in_executor(workers, self._hub.answer, incoming)
            await self._send(answer, send, workers, receive)
            return
        admitted = await loop.run_in_executor(workers, self._hub.admit, incoming)
        if isinstance(admitted, Answer):
            await self._refuse(admitted, incoming, receive, send)
            return
        if (
            admitted.is_streamed
            and incoming.size > IN_MEMORY
            and not incoming.headers.keys() & {"expect", "transfer-encoding"}
            and (streamed := _connection(scope).socket_body(incoming.size))
        ):
            with streamed:
                await self._answer_streamed(incoming, admitted, streamed, send)
            if not streamed.is_complete:
                await _connection(scope).abort()
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            body = cast(BinaryIO, spool)
            try:
                complete = await _receive_body(receive, body, admitted.limit, patient=faulty is not None)
            except HubResponseError as error:
                received = attrs.evolve(incoming, size=body.tell())
                await self._refuse(self._hub.refuse(received, error), incoming, receive, send)
                return
            size = body.tell()
            if not complete:
                self._hub.record_broken(incoming, size)
                if faulty is not None:
                    await faulty.end_request()
                return
            body.seek(0)
            incoming = attrs.evolve(incoming, body=body, size=size)
            answer = await loop.run_in_executor(workers, self._hub.answer, incoming, admitted)
            await self._send(answer, send, workers, receive)

    async def _answer_streamed(
        self, incoming: IncomingRequest, admitted: Admission, body: SocketBody, send: Send
    ) -> None:
        """Respond to a request whose body a worker reads while it arrives; nothing if it breaks."""
        loop = asyncio.get_running_loop()
        incoming = attrs.evolve(incoming, body=cast(BinaryIO, body))
        try:
            answer = await loop.run_in_executor(self._writers, self._hub.answer, incoming, admitted)
        except IncompleteBodyError:
            self._hub.record_broken(incoming, body.received)
            return
        if body.is_complete:
            await self._send(answer, send, self._writers)
            return

        async def discard() -> None:
            await loop.run_in_executor(self._writers, body.discard, MAX_DISCARDED, DISCARD_TIMEOUT)

        await _send_and_close(answer, send, discard)

    def _incoming(self, scope: Scope) -> IncomingRequest:
        """Build a request without its body; its size is the announced one."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host") or self.origin.removeprefix("http://")
        return IncomingRequest(
            method=scope["method"],
            path=scope["raw_path"].decode("ascii", "replace"),
            query=scope["query_string"].decode("ascii", "replace"),
            headers=headers,
            body=BytesIO(),
            size=int(headers.get("content-length", 0)),  # h11 refuses values that are not numbers
            # The Host header may contain another name of this machine, or a forwarded port.
            origin=f"http://{host}",
            storage_origin=self._storage_origin(host),
        )

    def _storage_origin(self, host: str) -> str:
        """Return the origin of the LFS storage for a client that uses this host for the Hub.

        Through a forwarded port, as that of a container, the client does not reach the port of the storage. The
        forwarded port then serves both, and another name of this machine makes it another origin.
        """
        name, _, port = host.rpartition(":")
        if port in self._ports:
            return self.storage_origin
        other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(name, name)
        return f"http://{other}:{port}" if name else f"http://{host}"

    async def _refuse(self, answer: Answer, incoming: IncomingRequest, receive: Receive, send: Send) -> None:
        """Respond without reading the body.

        A small body is read and discarded, so that the connection can be reused. After a large body, the connection is
        closed, but not at once: a client that is still sending would not see the response.
        """
        if "expect" not in incoming.headers and incoming.size <= IN_MEMORY and "content-length" in incoming.headers:
            await _discard(receive, IN_MEMORY)
            await self._send(answer, send, self._readers)
            return
        if not _has_body(incoming):
            await self._send(answer, send, self._readers)
            return
        await _send_and_close(answer, send, partial(_discard, receive, MAX_DISCARDED))

    async def _send(
        self, answer: Answer, send: Send, workers: ThreadPoolExecutor, receive: Receive | None = None
    ) -> None:
        """Send a response.

        Args:
            receive: Receives what follows the body of the request, which has been read; ``None`` if that is unknown.
        """
        await send({"type": "http.response.start", "status": answer.status, "headers": _raw_headers(answer.headers)})
        if isinstance(answer.body, LiveBody):
            assert receive is not None  # no operation responds so before it has read the request
            await send_live(answer.body, send, receive)
        elif isinstance(answer.body, Source):
            loop = asyncio.get_running_loop()
            pieces = iter(answer.body.open())
            # A worker reads each piece, so that a slow disk does not block other requests.
            while piece := await loop.run_in_executor(workers, next, pieces, b""):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": answer.body})


class _UvicornServer(uvicorn.Server):
    """uvicorn's server, which stops at once, not at a tick of 0.1 seconds, and closes all connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Stop soon; this may be called in any thread."""
        self.should_exit = True
        if self._loop is not None:  # else the main loop has not begun, and its first tick sees `should_exit`
            with suppress(RuntimeError):  # the event loop is closed
                self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        # asyncio leaks connections that are being accepted when the listening socket is closed.
        for listening in sockets or ():
            loop.remove_reader(listening)
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        connections = cast("set[H11Protocol]", self.server_state.connections)
        for connection in list(connections):
            connection.shutdown()
        await asyncio.sleep(0)
        end = loop.time() + STOP_TIMEOUT
        while (connections or self.server_state.tasks) and loop.time() < end:  # noqa: ASYNC110  # uvicorn has no event
            await asyncio.sleep(0.005)
        while connections:
            for connection in list(connections):
                connection.transport.abort()
            await asyncio.sleep(0)


def _has_body(incoming: IncomingRequest) -> bool:
    return incoming.size > 0 or "transfer-encoding" in incoming.headers


def _connection(scope: Scope) -> Connection:
    found: Connection = scope["state"][CONNECTION]
    return found


async def _send_and_close(answer: Answer, send: Send, discard: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Send a response whose request has an unread body, discard that for a short time, and close the connection."""
    assert isinstance(answer.body, bytes)
    headers = [*_raw_headers(answer.headers), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    await discard()
    await send({"type": "http.response.body", "body": b""})


def _raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers for ASGI, with the exact date: clients compare it with the times of log events."""
    date = (b"date", formatdate(usegmt=True).encode())
    return [date, *((name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items())]


async def _receive_body(receive: Receive, spool: BinaryIO, most: int, *, patient: bool) -> bool:
    """Receive a body into a spool; return whether it is complete, or the client disconnected before.

    Args:
        patient: Whether the body may arrive slowly, since the Hub itself delays it.

    Raises:
        HubResponseError: 413, the body is too large; 408, it arrives too slowly.
    """
    size = 0
    pace = BodyPace()
    while True:
        try:
            async with asyncio.timeout(None if patient else pace.seconds_left(size)):
                message = await receive()
        except TimeoutError:
            raise too_slow() from None
        if message["type"] == "http.disconnect":
            return False
        piece: bytes = message.get("body", b"")
        size += len(piece)
        check_size(size, most)
        spool.write(piece)
        if not message.get("more_body", False):
            return True


async def _discard(receive: Receive, most: int) -> None:
    """Read and discard the body for a short time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_TIMEOUT):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
