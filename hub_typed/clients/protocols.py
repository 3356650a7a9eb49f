"""What generated methods ask of a client, and the client that the module's functions use."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hub_typed.auth.tokens import Token
    from hub_typed.client import HfApi
    from hub_typed.http.io import Io
    from hub_typed_api.wire import Call, Paged

__all__ = ["AsyncSender", "Sender", "default_client", "reset_default_client"]

T = TypeVar("T")


class Sender(Protocol):
    """A synchronous client, as its generated methods see it."""

    def _io(self, token: Token) -> Io: ...

    def _run(self, flow: Coroutine[Any, Any, T]) -> T: ...

    def _iterate(self, flow: AsyncIterator[T]) -> Iterator[T]: ...

    def _submit(self, flow: Coroutine[Any, Any, T]) -> Future[T]: ...

    def _call(self, call: Call[T], token: Token) -> T: ...

    def _items(self, paged: Paged[T], token: Token) -> Iterator[T]: ...


class AsyncSender(Protocol):
    """An asynchronous client, as its generated methods see it."""

    def _io(self, token: Token) -> Io: ...

    async def _call(self, call: Call[T], token: Token) -> T: ...

    def _items(self, paged: Paged[T], token: Token) -> AsyncIterator[T]: ...


_making = threading.Lock()
_default: tuple[object, HfApi] | None = None


def _in_child() -> None:
    """In a forked child: another thread of the parent may hold the lock, and its client has the parent's sockets."""
    global _making, _default
    _making, _default = threading.Lock(), None


os.register_at_fork(after_in_child=_in_child)


def default_client() -> HfApi:
    """The client of the module's functions: made from the environment, anew when that changes and in a forked child."""
    global _default
    from hub_typed.settings import Settings

    made_for = (os.getpid(), Settings.from_environment())
    with _making:
        if _default is None or _default[0] != made_for:
            from hub_typed.client import HfApi

            _default = (made_for, HfApi())
        return _default[1]


def reset_default_client() -> None:
    """Forget the client of the module's functions; the next call makes a new one."""
    global _default
    with _making:
        forgotten, _default = _default, None
    if forgotten is not None:
        forgotten[1].close()
