"""Hooks: functions of a program that are told of every request of a client, and of its response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

from hub_typed.errors import HubError
from hub_typed.http.error_responses import redacted_headers
from hub_typed.http.hub_response import any_case
from hub_typed.logs.redaction import redact_query, redact_secrets, request_secrets
from hub_typed.urls.url import display_url
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.http.io import Io

__all__ = ["AsyncHooks", "Hooks", "RequestFailure", "RequestInfo", "ResponseInfo", "RetryInfo"]

Event = TypeVar("Event")
REQUEST_ID_HEADERS = ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id")


@attrs.frozen(kw_only=True, eq=False)
class RequestInfo:
    """A request that is sent: an attempt of an operation, or what follows a redirect. It contains no secrets.

    Attributes:
        operation: Name of the operation, such as ``models.model_info``.
        method: HTTP method.
        url: URL without account. Values of secret parameters are replaced by ``...``, and so is the whole query of a
            URL on another server than that of the operation, since it is usually a signature.
        headers: Headers with case-insensitive names; the values of secret ones are replaced by ``...``.
        attempt: Number of the attempt, from 1.
        repo_id: Repository of the operation, if it has one.
    """

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    attempt: int
    repo_id: str | None


@attrs.frozen(kw_only=True, eq=False)
class ResponseInfo:
    """A response with any status, after its body was received.

    Attributes:
        request: The request; the same object that ``on_request`` received.
        status: HTTP status.
        headers: Headers with case-insensitive names; the values of secret ones are replaced by ``...``.
        request_id: ID of the request, for reports to the Hub.
        elapsed: Seconds from the request to the end of the body.
    """

    request: RequestInfo
    status: int
    headers: Mapping[str, str]
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True, eq=False)
class RequestFailure:
    """A request without a complete response.

    Attributes:
        request: The request; the same object that ``on_request`` received.
        error: What was raised, such as a `TransportError`; or the cancellation of the call.
        elapsed: Seconds from the request to the error.
    """

    request: RequestInfo
    error: BaseException
    elapsed: float


@attrs.frozen(kw_only=True, eq=False)
class RetryInfo:
    """An attempt that failed and is followed by another one.

    Attributes:
        request: The last request of the attempt.
        error: Why it failed: an `HfHubHTTPError` or a `TransportError`.
        delay: Seconds until the next attempt.
    """

    request: RequestInfo
    error: HubError
    delay: float


@attrs.frozen(kw_only=True)
class Hooks:
    """Functions that are told of the requests of a client; what they raise ends the call and reaches its caller.

    They are called by the thread of the call, so they should return soon. `hf_xet` sends its requests itself: hooks are
    not told of these.

    Attributes:
        on_request: Called before each request.
        on_response: Called after each response.
        on_error: Called if there is no complete response.
        on_retry: Called before the delay that precedes another attempt.
    """

    on_request: Callable[[RequestInfo], None] | None = None
    on_response: Callable[[ResponseInfo], None] | None = None
    on_error: Callable[[RequestFailure], None] | None = None
    on_retry: Callable[[RetryInfo], None] | None = None


@attrs.frozen(kw_only=True)
class AsyncHooks:
    """`Hooks` of an `AsyncHfApi`, called in the event loop; those that return an awaitable are awaited.

    Attributes:
        on_request: Called before each request.
        on_response: Called after each response.
        on_error: Called if there is no complete response.
        on_retry: Called before the delay that precedes another attempt.
    """

    on_request: Callable[[RequestInfo], Awaitable[None] | None] | None = None
    on_response: Callable[[ResponseInfo], Awaitable[None] | None] | None = None
    on_error: Callable[[RequestFailure], Awaitable[None] | None] | None = None
    on_retry: Callable[[RetryInfo], Awaitable[None] | None] | None = None


AnyHooks: TypeAlias = Hooks | AsyncHooks


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
