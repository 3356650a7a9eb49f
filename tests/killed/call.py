"""Make one call in a process of its own and print the result."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from hub_typed import AsyncHfApi, HfApi

kind, function, arguments = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell takes it from what it runs in the background


async def tick() -> None:
    """Wake the event loop: CPython sees a signal that arrives just before the loop waits only at the next event."""
    while True:
        await asyncio.sleep(0.1)


async def awaited() -> object:
    ticking = asyncio.ensure_future(tick())
    try:
        async with AsyncHfApi() as api:
            return await getattr(api, function)(**json.loads(arguments))
    finally:
        ticking.cancel()


def called() -> object:
    with HfApi() as api:
        return getattr(api, function)(**json.loads(arguments))


print(asyncio.run(awaited()) if kind == "async" else called())
