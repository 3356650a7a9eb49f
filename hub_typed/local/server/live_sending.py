"""Bodies that grow, sent while no thread waits for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hub_typed.local.server.faulty_connection import Receive, Send
from hub_typed.local.streams.live_body import POLL_INTERVAL, LiveBody

__all__ = ["send_live"]


async def send_live(body: LiveBody, send: Send, receive: Receive) -> None:
    """Send a body until it ends or the client leaves."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the event loop is closed
            loop.call_soon_threadsafe(changed.set)

    leaving = asyncio.ensure_future(_disconnected(receive))
    leaving.add_done_callback(lambda _: changed.set())
    try:
        with body.changes.told(wake):
            pieces = iter(body.open())
            while not leaving.done():
                changed.clear()
                piece = next(pieces, None)
                if piece is None:
                    break
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_INTERVAL):
                        await changed.wait()
        await send({"type": "http.response.body", "body": b""})
    finally:
        leaving.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
