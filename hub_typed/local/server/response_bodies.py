"""Bodies of responses that are read in pieces: those that nobody gets, and those whose bytes are counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import attrs

from hub_typed.local.server.stats import Exchange
from hub_typed.local.streams.live_body import LiveBody
from hub_typed_api.wire import Body, Source

__all__ = ["count_bytes", "read_body"]


def read_body(body: Body) -> None:
    """Read a response that nobody gets, so that whatever produces it comes to its end."""
    if isinstance(body, Source) and not isinstance(body, LiveBody):
        deque(body.open(), maxlen=0)


def count_bytes(body: Body, exchange: Exchange, cut: int | None) -> Body:
    """Count the bytes of a body of unknown size while it is sent, until the connection is cut."""
    assert isinstance(body, Source)

    def pieces() -> Iterator[bytes]:
        for piece in body.open():
            sent = exchange.sent + len(piece)
            exchange.sent = sent if cut is None else min(sent, cut)
            yield piece

    return attrs.evolve(body, open=pieces)
