"""Faults as values: what happens to a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import attrs

from hub_typed.local.faults.checks import number, one_of, optional, text, texts, whether, whole_number

__all__ = [
    "ClosedConnection",
    "Drip",
    "ExpiredTokens",
    "ExpiredUrls",
    "Fault",
    "Part",
    "RateLimitForm",
    "RateLimited",
    "Reset",
    "Stall",
    "Status",
    "Truncated",
    "WrongBytes",
]

Part: TypeAlias = Literal["request", "response"]
"""The body of the request or of the response."""
RateLimitForm: TypeAlias = Literal["ratelimit", "retry-after", "retry-after-date"]


@attrs.frozen
class Status:
    """An error response.

    Attributes:
        status: HTTP status.
        message: Message in the body and in ``X-Error-Message``; by default, the usual phrase of the status.
        headers: Further headers.
        applied: Whether the Hub handles the request first and loses its response, as behind a gateway that times out.
            By default, the request has no effect.
    """

    status: int = attrs.field(validator=whole_number(300, 599))
    message: str = attrs.field(default="", validator=text)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], validator=texts)
    applied: bool = attrs.field(default=False, validator=whether)


@attrs.frozen
class RateLimited:
    """A response with status 429, which says when the client may send again. The request has no effect.

    Attributes:
        seconds: Seconds to wait.
        form: How the response says so: ``ratelimit``, the headers ``RateLimit`` and ``RateLimit-Policy``;
            ``retry-after``, the header ``Retry-After`` in seconds; ``retry-after-date``, the same as a date.
    """

    seconds: int = attrs.field(validator=whole_number())
    form: RateLimitForm = attrs.field(default="ratelimit", validator=one_of(*get_args(RateLimitForm)))


@attrs.frozen
class ExpiredUrls:
    """All signed URLs of the LFS storage that exist expire before the request is handled; later ones are valid.

    The storage refuses expired URLs with status 403. Where the rule has no ``times``, all URLs are always expired.
    """


@attrs.frozen
class ExpiredTokens:
    """All tokens of the Xet storage that exist expire before the request is handled; later ones are valid.

    The storage refuses expired tokens with status 401. Where the rule has no ``times``, all tokens are always expired.
    """


@attrs.frozen
class Reset:
    """The connection is reset (TCP RST).

    Attributes:
        after: Bytes of the body that are received or sent before. A shorter body of a request is received, one of a
            response is sent but for its last byte. A response whose number is 0 loses its headers as well.
        of: ``request``: the request has no effect. ``response``: it is handled, and its response breaks off.
    """

    after: int = attrs.field(default=0, validator=whole_number())
    of: Part = attrs.field(default="request", validator=one_of(*get_args(Part)))


@attrs.frozen
class Truncated:
    """The connection is closed in good order before the end of the response. The request is handled.

    Attributes:
        at: Bytes of the body that are sent before; at most all but the last. With 0, no headers are sent either.
    """

    at: int = attrs.field(default=0, validator=whole_number())


@attrs.frozen
class Stall:
    """The Hub pauses, then goes on.

    Attributes:
        seconds: Duration; by default, until the client disconnects or the Hub stops.
        after: Bytes of the body that are received or sent before, at most; with 0, the headers of a response wait too.
        of: ``request``: the Hub stops reading the request. ``response``: it handles the request, and then is silent.
    """

    seconds: float | None = attrs.field(default=None, validator=optional(number()))
    after: int = attrs.field(default=0, validator=whole_number())
    of: Part = attrs.field(default="response", validator=one_of(*get_args(Part)))


@attrs.frozen
class Drip:
    """The Hub receives or sends a body slowly. Operating systems buffer a part of a request meanwhile.

    Attributes:
        bytes_per_second: Rate.
        of: Which body.
    """

    bytes_per_second: float = attrs.field(validator=number(positive=True))
    of: Part = attrs.field(default="response", validator=one_of(*get_args(Part)))


@attrs.frozen
class WrongBytes:
    """Some bytes of the response are wrong; their number is right.

    Attributes:
        at: Position of the first one in the body. A shorter body is not changed.
        count: Number of wrong bytes.
    """

    at: int = attrs.field(default=0, validator=whole_number())
    count: int = attrs.field(default=1, validator=whole_number(1))


@attrs.frozen
class ClosedConnection:
    """The connection is closed after a complete response that does not announce it, as if it had been idle too long."""


Fault: TypeAlias = (
    Status
    | RateLimited
    | ExpiredUrls
    | ExpiredTokens
    | Reset
    | Truncated
    | Stall
    | Drip
    | WrongBytes
    | ClosedConnection
)
