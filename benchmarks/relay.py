"""A relay that makes loopback behave like a distant server: ``relay.py TARGET_PORT DELAY [RATE]``; prints its port.

Bytes arrive DELAY seconds later in either direction, so a request takes twice as long, and no connection carries more
than RATE bytes per second in either direction.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import deque
from typing import Final

__all__: list[str] = []

PIECE: Final = 1 << 17


async def _carry(source: socket.socket, target: socket.socket, delay: float, rate: float) -> None:
    """Pass on one direction of a connection until it ends."""
    loop = asyncio.get_running_loop()
    pieces: deque[tuple[float, bytes]] = deque()
    arrived = asyncio.Event()
    room = asyncio.Semaphore(max(4, int((rate * delay * 2 if rate else 8 << 20) / PIECE) + 2))

    async def receive() -> None:
        free_at = 0.0
        piece = b"more"
        while piece:
            await room.acquire()
            try:
                piece = await loop.sock_recv(source, PIECE)
            except OSError:
                piece = b""
            free_at = max(free_at, loop.time()) + (len(piece) / rate if rate else 0.0)
            pieces.append((free_at + delay, piece))
            arrived.set()

    receiving = asyncio.ensure_future(receive())
    try:
        while True:
            while not pieces:
                arrived.clear()
                await arrived.wait()
            due, piece = pieces.popleft()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            if not piece:
                break
            await loop.sock_sendall(target, piece)
            room.release()
        target.shutdown(socket.SHUT_WR)
    except OSError:  # either side closed the connection
        pass
    finally:
        receiving.cancel()


async def _serve(port: int, delay: float, rate: float) -> None:
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    listening.setblocking(False)
    print(listening.getsockname()[1], flush=True)
    tasks: set[asyncio.Task[None]] = set()

    async def connection(client: socket.socket) -> None:
        server = socket.socket()
        with client, server:
            for one in (client, server):
                one.setblocking(False)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(server, ("127.0.0.1", port))
            await asyncio.gather(_carry(client, server, delay, rate), _carry(server, client, delay, rate))

    while True:
        client, _ = await loop.sock_accept(listening)
        task = asyncio.ensure_future(connection(client))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    target, seconds, *limit = sys.argv[1:]
    asyncio.run(_serve(int(target), float(seconds), float(limit[0]) if limit else 0.0))
