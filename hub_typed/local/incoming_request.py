"""HTTP requests as the embedded Hub receives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import attrs

from hub_typed.local.faults.model import Fault

__all__ = ["IncomingRequest", "IncompleteBodyError"]


class IncompleteBodyError(Exception):
    """The connection broke before the end of a body that is read while it arrives."""


@attrs.frozen(kw_only=True)
class IncomingRequest:
    """A request, from a socket or from the same process.

    Attributes:
        path: Percent-encoded path, as sent; routing decodes its parameters after the match.
        query: Percent-encoded query, without the question mark.
        headers: Headers by lower-case name.
        body: Body, which can be read once.
        size: Size of the body in bytes.
        origin: Origin of this Hub as the client addresses it, such as ``http://127.0.0.1:8080``.
        storage_origin: Origin of the LFS storage, which differs from `origin`, as on the real Hub.
        fault: What happens to it; ``None`` for nothing unusual.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: BinaryIO
    size: int
    origin: str
    storage_origin: str
    fault: Fault | None = None
