"""Calls of hooks while an operation is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import TYPE_CHECKING, TypeVar

from hub_typed.errors import CancelledError, HubError
from hub_typed.http.error_responses import redacted_headers
from hub_typed.http.hooks import RequestFailure, RequestInfo, ResponseInfo, RetryInfo
from hub_typed.http.hub_response import any_case
from hub_typed.logs.redaction import redact_query, redact_secrets, request_secrets
from hub_typed.urls.url import display_url
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.http.io import Io

__all__ = ["HookCalls"]

Event = TypeVar("Event")
REQUEST_ID_HEADERS = ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id")


class HookCalls:
    """Calls the hooks of a client for one operation."""

    def __init__(self, io: Io, request: Request) -> None:
        self._io = io
        self._request = request
        self._attempt = 1
        self._last: RequestInfo | None = None

    async def exchange(self, sent: Request, send: Callable[[], Awaitable[Response]], *, trusted: bool) -> Response:
        """Send a request and tell the hooks.

        Args:
            sent: The request as it is sent.
            send: Sends it.
            trusted: Whether it goes to the server of the operation.
        """
        hooks = self._io.hooks
        if not hooks:
            return await send()
        secrets = request_secrets(sent)
        info = self._last = RequestInfo(
            operation=self._request.operation,
            method=sent.method,
            url=shown_url(sent.path, secrets, trusted=trusted),
            headers=any_case(redacted_headers(sent.headers, secrets)),
            attempt=self._attempt,
            repo_id=self._request.repo_id,
        )
        began = self._io.now()
        try:
            await _tell([one.on_request for one in hooks], info)
            response = await send()
        except GeneratorExit:  # the flow was abandoned, and may not await any more
            raise
        except BaseException as error:
            failure = RequestFailure(request=info, error=error, elapsed=self._since(began))
            await _tell([one.on_error for one in hooks], failure)
            raise
        headers = redacted_headers(response.headers, secrets)
        told = ResponseInfo(
            request=info,
            status=response.status,
            headers=any_case(headers),
            request_id=next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), None),
            elapsed=self._since(began),
        )
        await _tell([one.on_response for one in hooks], told)
        return response

    async def retry(self, error: HubError, delay: float) -> None:
        """Tell the hooks of another attempt."""
        self._attempt += 1
        if self._last is not None:
            info = RetryInfo(request=self._last, error=error, delay=delay)
            await _tell([one.on_retry for one in self._io.hooks], info)

    def _since(self, began: float) -> float:
        return max(0.0, self._io.now() - began)


async def _tell(hooks: Iterable[Callable[[Event], Awaitable[None] | None] | None], event: Event) -> None:
    """Call each hook; then raise what the first of them raised.

    Raises:
        RuntimeError: A hook raised an error of this library, which is its cause: raised itself, it would be taken for
            an error of the request.
    """
    raised: BaseException | None = None
    for hook in hooks:
        try:
            if hook is not None and isawaitable(awaitable := hook(event)):
                await awaitable
        except GeneratorExit:  # the flow was abandoned, and may not await any more
            raise
        except BaseException as error:  # noqa: BLE001  # raised below
            raised = raised or error
    if isinstance(raised, HubError) and not isinstance(raised, CancelledError):
        raise RuntimeError(f"A hook raised {type(raised).__name__}: {raised}") from raised
    if raised is not None:
        raise raised


def shown_url(url: str, secrets: list[str], *, trusted: bool) -> str:
    """Return a URL for hooks.

    Args:
        url: URL of a request.
        secrets: Secrets of the request.
        trusted: Whether its query may be shown, without the values of secret parameters.
    """
    base, mark, query = url.partition("?")
    shown = redact_secrets(display_url(base), secrets)
    if not mark:
        return shown
    return f"{shown}?{redact_query(query, secrets) if trusted else '...'}"
