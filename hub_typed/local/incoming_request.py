"""An HTTP request as it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import attrs

__all__ = ["Incoming"]


@attrs.frozen(kw_only=True)
class Incoming:
    """A request, from a socket or from the same process.

    Attributes:
        path: Percent-encoded, as it was sent: decoding comes after matching.
        query: Percent-encoded, without the question mark.
        headers: By lower-case name.
        body: To be read once.
        size: Bytes of the body.
        origin: What the client calls this Hub, as ``http://127.0.0.1:8080``.
        storage_origin: What it calls the store of large files; another origin, as with the real Hub.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: BinaryIO
    size: int
    origin: str
    storage_origin: str
