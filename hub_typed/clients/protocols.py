"""Methods of a client that generated code calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hub_typed.auth.tokens import Token
    from hub_typed.http.io import Io
    from hub_typed_api.wire import Call, Paged


__all__ = ["AsyncSender", "Sender"]

T = TypeVar("T")


class Sender(Protocol):
    """Synchronous client, as used by generated methods."""

    def _io(self, token: Token) -> Io: ...

    def _run(self, flow: Coroutine[Any, Any, T]) -> T: ...

    def _iterate(self, flow: AsyncIterator[T]) -> Iterator[T]: ...

    def _submit(self, flow: Coroutine[Any, Any, T]) -> Future[T]: ...

    def _call(self, call: Call[T], token: Token) -> T: ...

    def _items(self, paged: Paged[T], token: Token) -> Iterator[T]: ...


class AsyncSender(Protocol):
    """Asynchronous client, as used by generated methods."""

    def _io(self, token: Token) -> Io: ...

    async def _call(self, call: Call[T], token: Token) -> T: ...

    def _items(self, paged: Paged[T], token: Token) -> AsyncIterator[T]: ...
