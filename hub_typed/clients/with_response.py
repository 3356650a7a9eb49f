"""Results with the responses that they come from."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast

import attrs

from hub_typed.http.hooks import Hooks, ResponseInfo, RetryInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub_typed.auth.tokens import Token
    from hub_typed.clients.protocols import AsyncSender, Sender
    from hub_typed_api.wire import Call, Page, Paged

__all__ = ["ApiResponse"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True)
class ApiResponse(Generic[T_co]):
    """The result of a method, with the response that it comes from.

    Attributes:
        value: What the method returns.
        status: HTTP status of the last response, after retries and redirects.
        headers: Its headers, with case-insensitive names; the values of secret ones are replaced by ``...``.
        url: URL of the last request, without account and secrets.
        request_id: ID of the request, for reports to the Hub.
        elapsed: Seconds of the call, with retries and the delays before them.
        retries: Number of further attempts.
    """

    value: T_co
    status: int
    headers: Mapping[str, str]
    url: str
    request_id: str | None
    elapsed: float
    retries: int


class Recorder:
    """Keeps the last response to a client that has its hooks."""

    def __init__(self) -> None:
        self._last: ResponseInfo | None = None
        self._retries = 0
        self._began = time.monotonic()
        self.hooks: Hooks = Hooks(on_response=self._keep, on_retry=self._count)

    def _keep(self, response: ResponseInfo) -> None:
        self._last = response

    def _count(self, _: RetryInfo) -> None:
        self._retries += 1

    def response(self, value: T) -> ApiResponse[T]:
        """Return a result with the response received since the last call.

        Raises:
            ValueError: There was none.
        """
        last, self._last = self._last, None
        if last is None:
            raise ValueError(
                "The call sent no request, so it has no response; a result kept by `whoami(cache=True)` has none."
            )
        now = time.monotonic()
        began, self._began = self._began, now
        retries, self._retries = self._retries, 0
        return ApiResponse(
            value=value,
            status=last.status,
            headers=last.headers,
            url=last.request.url,
            request_id=last.request_id,
            elapsed=now - began,
            retries=retries,
        )


class Client(Protocol):
    """Synchronous client, as used here."""

    def with_options(self, *, hooks: Sequence[Hooks] = ()) -> Self: ...

    def call(self, call: Call[T], *, token: Token = None) -> T: ...

    def pages(self, paged: Paged[T], *, token: Token = None) -> Iterator[Page[T]]: ...


class AsyncClient(Protocol):
    """Asynchronous client, as used here."""

    def with_options(self, *, hooks: Sequence[Hooks] = ()) -> Self: ...

    async def call(self, call: Call[T], *, token: Token = None) -> T: ...

    def pages(self, paged: Paged[T], *, token: Token = None) -> AsyncIterator[Page[T]]: ...


class OperationsWithResponse:
    """Any operation of `hub_typed_api.operations`, with its response."""

    def __init__(self, api: Sender) -> None:
        self._api = cast("Client", api)

    def call(self, call: Call[T], *, token: Token = None) -> ApiResponse[T]:
        """Send an operation; see `HfApi.call`."""
        recorder = Recorder()
        return recorder.response(self._recorded(recorder).call(call, token=token))

    def pages(self, paged: Paged[T], *, token: Token = None) -> Iterator[ApiResponse[Page[T]]]:
        """Iterate over the pages of a list, each with its response; see `HfApi.pages`."""
        recorder = Recorder()
        for page in self._recorded(recorder).pages(paged, token=token):
            yield recorder.response(page)

    def _recorded(self, recorder: Recorder) -> Client:
        return self._api.with_options(hooks=[recorder.hooks])


class AsyncOperationsWithResponse:
    """Any operation of `hub_typed_api.operations`, with its response."""

    def __init__(self, api: AsyncSender) -> None:
        self._api = cast("AsyncClient", api)

    async def call(self, call: Call[T], *, token: Token = None) -> ApiResponse[T]:
        """Send an operation; see `AsyncHfApi.call`."""
        recorder = Recorder()
        return recorder.response(await self._recorded(recorder).call(call, token=token))

    async def pages(self, paged: Paged[T], *, token: Token = None) -> AsyncIterator[ApiResponse[Page[T]]]:
        """Iterate over the pages of a list, each with its response; see `AsyncHfApi.pages`."""
        recorder = Recorder()
        async for page in self._recorded(recorder).pages(paged, token=token):
            yield recorder.response(page)

    def _recorded(self, recorder: Recorder) -> AsyncClient:
        return self._api.with_options(hooks=[recorder.hooks])


S = TypeVar("S", bound=OperationsWithResponse)
A = TypeVar("A", bound=AsyncOperationsWithResponse)


def respond(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[[Callable[[S], None]], Callable[Concatenate[S, P], ApiResponse[T]]]:
    """Put a method of a client, with its response, in the place of the decorated one."""

    def decorate(_: Callable[[S], None]) -> Callable[Concatenate[S, P], ApiResponse[T]]:
        @wraps(method)
        def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> ApiResponse[T]:
            recorder = Recorder()
            bound: Callable[P, T] = getattr(self._recorded(recorder), method.__name__)  # pyright: ignore[reportPrivateUsage]  # of the class above
            return recorder.response(bound(*args, **kwargs))

        return call

    return decorate


def respond_later(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[[Callable[[A], None]], Callable[Concatenate[A, P], Coroutine[Any, Any, ApiResponse[T]]]]:
    """Put a method of an asynchronous client, with its response, in the place of the decorated one."""

    def decorate(_: Callable[[A], None]) -> Callable[Concatenate[A, P], Coroutine[Any, Any, ApiResponse[T]]]:
        @wraps(method)
        async def call(self: A, /, *args: P.args, **kwargs: P.kwargs) -> ApiResponse[T]:
            recorder = Recorder()
            bound: Callable[P, Coroutine[Any, Any, T]] = getattr(self._recorded(recorder), method.__name__)  # pyright: ignore[reportPrivateUsage]  # of the class above
            return recorder.response(await bound(*args, **kwargs))

        return call

    return decorate
