"""Hooks: functions of a program that are told of every request of a client, and of its response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import TypeAlias, TypeVar

import attrs

from hub_typed.errors import HubError

__all__ = ["AsyncHooks", "Hooks", "RequestFailure", "RequestInfo", "ResponseInfo", "RetryInfo"]


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

    Every request is followed by one response or one error, also if a hook raises. They are called by the thread of the
    call, so they should return soon. `hf_xet` sends its requests itself: hooks are not told of these.

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

H = TypeVar("H", bound=AnyHooks)


def checked_hooks(hooks: Iterable[H], *, awaited: bool) -> tuple[H, ...]:
    """Return hooks that a client can call.

    Args:
        hooks: The hooks.
        awaited: Whether the client awaits what they return.

    Raises:
        TypeError: One is of another type, or would have to be awaited.
    """
    for one in hooks:
        if not isinstance(one, Hooks | AsyncHooks):  # pyright: ignore[reportUnnecessaryIsInstance]  # not all is checked
            raise TypeError(f"{one!r} is no Hooks: pass hooks=[Hooks(on_response=...)].")
        functions = (one.on_request, one.on_response, one.on_error, one.on_retry)
        if not awaited and (isinstance(one, AsyncHooks) or any(map(iscoroutinefunction, functions))):
            raise TypeError(f"{one!r} would have to be awaited: pass Hooks of plain functions, or use AsyncHfApi.")
    return tuple(hooks)
