"""Request bodies that report their progress."""

from __future__ import annotations

from collections.abc import Iterator

from hub_typed.progress import Transfer
from hub_typed_api.wire import Source

__all__: list[str] = []


def observed(body: Source, transfer: Transfer) -> Source:
    """Return a body that reports how much of it was sent; if it is sent again, the progress is set back."""
    reported = 0

    def pieces() -> Iterator[bytes]:
        nonlocal reported
        if reported:
            transfer.advance(-reported)
            reported = 0
        for piece in body.open():
            yield piece
            reported += len(piece)
            transfer.advance(len(piece))

    return Source(pieces, body.size)
