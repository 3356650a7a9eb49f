"""HEAD requests of files, also to mirrors that refuse the method."""

from __future__ import annotations

import attrs

from hub_typed.errors import HfHubHTTPError
from hub_typed.http.io import Io
from hub_typed.http.send import send_request
from hub_typed.logs.logger import log as _log
from hub_typed_api.wire import Request, Response

__all__: list[str] = []

METHOD_REFUSED = (405, 501)


async def send_head(
    io: Io,
    request: Request,
    *,
    timeout: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> Response:
    """Send a HEAD request; if the server refuses the method, a GET whose body is not read.

    Args:
        timeout: Seconds to wait for the response.
        single_attempt: Send each request once.
        extend_for_rate_limit: See `send_request`.

    Raises:
        HfHubHTTPError: The Hub returned an error.
        TransportError: No complete response was received.
    """
    try:
        return await send_request(
            io, request, timeout=timeout, single_attempt=single_attempt, extend_for_rate_limit=extend_for_rate_limit
        )
    except HfHubHTTPError as error:
        if error.response.status_code not in METHOD_REFUSED:
            raise
        _log.info("%s: HEAD is refused with status %d; sending GET", request.operation, error.response.status_code)
    try:
        return await send_request(
            io,
            attrs.evolve(request, method="GET"),
            sink=_HeadersOnly(),
            timeout=None if timeout is None else min(timeout, io.settings.read_timeout),
            deadline=timeout,
            single_attempt=single_attempt,
        )
    except _HeadersReceivedError as stopped:
        return stopped.response


class _HeadersReceivedError(Exception):
    """The headers of a response with content were received; the connection is closed instead of reading the rest."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class _HeadersOnly:
    """Sink that ends the request when the headers of the content arrive."""

    def begin(self, response: Response) -> bool:
        if response.status >= 300:
            return False
        raise _HeadersReceivedError(response)

    def write(self, piece: bytes) -> None:
        raise AssertionError(f"{len(piece)} bytes of a body that was not accepted")
