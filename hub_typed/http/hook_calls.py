"""Calls of hooks while an operation is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, TypeVar

from hub_typed.errors import HubError
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
    """Calls the hooks of a client for one operation.

    Attributes:
        raised: What a hook raised, which is no error of the request.
    """

    def __init__(self, io: Io, request: Request) -> None:
        self.raised: BaseException | None = None
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
        for one in hooks:
            await self._call(one.on_request, info)
        try:
            response = await send()
        except GeneratorExit:  # the flow was abandoned, and may not await any more
            raise
        except BaseException as error:
            failure = RequestFailure(request=info, error=error, elapsed=self._since(began))
            for one in hooks:
                await self._call(one.on_error, failure)
            raise
        headers = redacted_headers(response.headers, secrets)
        told = ResponseInfo(
            request=info,
            status=response.status,
            headers=any_case(headers),
            request_id=next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), None),
            elapsed=self._since(began),
        )
        for one in hooks:
            await self._call(one.on_response, told)
        return response

    async def retry(self, error: HubError, delay: float) -> None:
        """Tell the hooks of another attempt."""
        self._attempt += 1
        if self._last is not None:
            info = RetryInfo(request=self._last, error=error, delay=delay)
            for one in self._io.hooks:
                await self._call(one.on_retry, info)

    def _since(self, began: float) -> float:
        return max(0.0, self._io.now() - began)

    async def _call(self, hook: Callable[[Event], Awaitable[None] | None] | None, event: Event) -> None:
        if hook is None:
            return
        try:
            awaitable = hook(event)
            if isawaitable(awaitable):
                await awaitable
        except BaseException as error:
            self.raised = error
            raise


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
