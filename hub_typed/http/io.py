"""`Io`: interface through which flows access sockets, clocks, random numbers and threads.

A flow is an ``async def`` that does all I/O through `Io`, so the synchronous and the asynchronous client run the same
code. `ThreadIo` never suspends: `drive` runs a flow to completion with one ``send(None)``, without an event loop.
`AsyncIo` runs it in the caller's event loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.auth.tokens import Token
    from hub_typed.http.hooks import AnyHooks
    from hub_typed.http.quotas import Quotas
    from hub_typed.progress import Job
    from hub_typed.settings import Settings
    from hub_typed.xet.storage import XetStorage
from hub_typed.http.cancellation import Cancellation

__all__ = ["BufferedSink", "Io", "Sink", "Transport", "drive", "drive_all"]

T = TypeVar("T")
R = TypeVar("R")


class Sink(Protocol):
    """Receives the body of a response in pieces."""

    def begin(self, response: Response) -> bool:
        """Inspect status and headers of the response; return whether the sink accepts the body."""
        ...

    def write(self, piece: bytes) -> None:
        """Receive the next bytes of the body."""
        ...


class BufferedSink(ABC):
    """Sink that provides the memory into which the body is received, so that no byte is copied.

    A transport that cannot receive into given memory calls `write`, as for any sink.
    """

    @abstractmethod
    def begin(self, response: Response) -> bool:
        """Inspect status and headers of the response; return whether the sink accepts the body."""

    @abstractmethod
    def buffer(self) -> memoryview:
        """Return the memory for the next bytes; it is never empty."""

    @abstractmethod
    def received(self, count: int) -> None:
        """Take the bytes at the start of the memory that `buffer` returned."""

    def write(self, piece: bytes) -> None:
        """Receive the next bytes of the body by copying them."""
        rest = memoryview(piece)
        while rest:
            room = self.buffer()
            count = min(len(room), len(rest))
            room[:count] = rest[:count]
            rest = rest[count:]
            self.received(count)


class Transport(Protocol):
    """Sends single requests, without redirects, retries or credentials of its own."""

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send a request whose path is an absolute URL.

        Args:
            sink: Receives the body if it accepts it.
            timeout: Seconds without received bytes until the request times out.
            cancellation: Shuts down the socket when it is stopped. Its ``seconds`` limit the time for the complete
                response, except for a body that the sink accepts; they start when the server has taken the body of a
                `Source`.

        Raises:
            TransportError: No complete response was received.
            ProtocolError: The response is larger than the settings allow.
            CancelledError: The request was cancelled.
            OSError: Raised by the source or the sink.
        """
        ...

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        ...


class Io(Protocol):
    """Access of flows to sockets, clocks, random numbers, threads and configuration."""

    @property
    def settings(self) -> Settings:
        """Settings of the client."""
        ...

    @property
    def token(self) -> Token:
        """Token given by the caller."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """Default headers of requests to the Hub."""
        ...

    @property
    def hooks(self) -> Sequence[AnyHooks]:
        """Hooks of the client."""
        ...

    @property
    def quotas(self) -> Quotas:
        """Quotas of the Hub, as far as they are known."""
        ...

    @property
    def xet(self) -> XetStorage:
        """Xet storage; its blocking methods are called through `run_blocking`."""
        ...

    @property
    def job(self) -> Job | None:
        """Job that the flow is a part of; ``None`` if there is none, or if nobody receives its events."""
        ...

    def with_job(self, job: Job | None) -> Self:
        """Return an `Io` for the flows of a job."""
        ...

    def with_proxies(self, proxies: Mapping[str, str | None] | None) -> Self:
        """Return an `Io` whose requests use other proxies than those of the settings, as far as they are given.

        Args:
            proxies: Proxy URL by scheme (``http``, ``https``, ``all``), or by scheme and host (``https://hub.test``);
                an empty one switches the proxy off.
        """
        ...

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        """Send one request; see `Transport.send`.

        Args:
            deadline: Seconds for the complete response; unlimited by default.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep for some seconds."""
        ...

    async def run_blocking(self, do: Callable[[], T]) -> T:
        """Run disk or CPU work without blocking the event loop."""
        ...

    async def each(
        self,
        do: Callable[[R], Coroutine[Any, Any, T]],
        items: Iterable[R],
        *,
        limit: int | None = None,
        adaptive: bool = False,
    ) -> list[T]:
        """Run ``do`` for each item; the first error cancels the others and is raised.

        Args:
            limit: Maximum number of items at once; the concurrency of the settings by default.
            adaptive: Whether to run only as many at once as are useful; see `worker_count`.
        """
        ...

    def stream(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        """Run ``do`` concurrently and yield the bytes it writes to its sink; an error of ``do`` is raised.

        Closing the iterator cancels ``do``.
        """
        ...

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        ...

    def random(self) -> float:
        """Return a random number from 0 to 1."""
        ...

    def check(self) -> None:
        """Raise if the flow was cancelled; called during long work.

        Raises:
            CancelledError: The flow was cancelled.
        """
        ...


def drive(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow whose `Io` never suspends, and return its result."""
    try:
        flow.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    flow.close()
    raise RuntimeError("a flow awaited something that is not Io")


async def _step(step: Awaitable[T]) -> T:
    return await step


def drive_all(flow: AsyncIterator[T]) -> Generator[T, None, None]:
    """Iterate over an asynchronous generator whose `Io` never suspends."""
    try:
        while True:
            try:
                item = drive(_step(flow.__anext__()))
            except StopAsyncIteration:
                return
            yield item
    finally:
        if isinstance(flow, AsyncGenerator):
            drive(_step(flow.aclose()))
