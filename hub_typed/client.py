"""The synchronous client: the generated methods over threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

import hub_typed
from hub_typed.auth import Token
from hub_typed.client_base import ClientBase
from hub_typed_api.surface.methods import Methods

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from types import TracebackType

    from hub_typed.io import Io, ThreadIo

__all__ = ["HfApi"]

T = TypeVar("T")


class HfApi(ClientBase, Methods):
    """The Hub, synchronously. Many threads may use it, also after a fork; it can be pickled; close it in the end."""

    _world: ThreadIo | None = None
    _background: ThreadPoolExecutor | None = None

    def call(self, call: hub_typed.Call[T], *, token: Token = None) -> T:
        """Send any operation of `hub_typed_api.operations` and give its answer.

        Args:
            call: The operation, as ``operations.refs.list_repo_refs("owner/name")``.
            token: In place of the client's.

        Raises:
            HfHubHTTPError: The Hub answered with an error.
        """
        return self._call(call, token)

    def pages(self, paged: hub_typed.Paged[T], *, token: Token = None) -> Iterator[hub_typed.Page[T]]:
        """Give the pages of any operation that lists, each asked for when it is wanted.

        Args:
            paged: The operation, as ``operations.models.list_models(limit=100)``.
            token: In place of the client's.

        Raises:
            HfHubHTTPError: The Hub answered with an error.
        """
        from hub_typed.session import pages

        return self._iterate(pages(self._io(token), paged))

    def stream(self, stream: hub_typed.Stream[T], *, token: Token = None) -> Iterator[T]:
        """Give the events of any operation that tells what happens, until the Hub ends it; close it to stop.

        Args:
            stream: The operation, as ``operations.spaces.stream_space_logs("owner/name", "run")``.
            token: In place of the client's.

        Raises:
            HfHubHTTPError: The Hub answered with an error.
        """
        from hub_typed.events import events

        return self._iterate(events(self._io(token), stream))

    def close(self) -> None:
        """Close connections and end threads; the next request brings both back."""
        if self._world is not None:
            self._world.close()
        if self._background is not None:
            self._background.shutdown(wait=True)
            self._background = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_world", "_background")}

    def _io(self, token: Token) -> Io:
        if self._world is None:
            from hub_typed.io import ThreadIo

            self._world = ThreadIo(self.settings, self._carrier(), self.token, self._standing_headers())
        return self._world.signed(token)

    def _run(self, flow: Coroutine[Any, Any, T]) -> T:
        from hub_typed.io import drive

        return drive(flow)

    def _iterate(self, flow: AsyncIterator[T]) -> Iterator[T]:
        from hub_typed.io import drive_all

        return drive_all(flow)

    def _submit(self, flow: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a flow in the background, after those submitted before it."""
        from concurrent.futures import ThreadPoolExecutor

        if self._background is None:
            self._background = ThreadPoolExecutor(1, thread_name_prefix="hub-typed-background")
        return self._background.submit(self._run, flow)

    def _call(self, call: hub_typed.Call[T], token: Token) -> T:
        from hub_typed.session import answer

        return self._run(answer(self._io(token), call))

    def _items(self, paged: hub_typed.Paged[T], token: Token) -> Iterator[T]:
        from hub_typed.session import items

        return self._iterate(items(self._io(token), paged))
