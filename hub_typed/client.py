"""Synchronous client: the generated methods, run on threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import hub_typed
from hub_typed.auth.tokens import Token
from hub_typed.clients.background import Background
from hub_typed.clients.base import ClientBase
from hub_typed_api.surface.methods import Methods

if TYPE_CHECKING:
    from types import TracebackType

    from hub_typed.http.hooks import Hooks  # noqa: F401 (in the forward reference of the base class)
    from hub_typed.http.thread_io import ThreadIo
    from hub_typed_api.surface.with_response import WithResponse

__all__ = ["HfApi"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class HfApi(ClientBase["Hooks"], Methods):
    """Synchronous client of the Hub.

    It can be shared between threads, used after a fork, and pickled. Close it when it is no longer needed.
    """

    _awaits_hooks = False
    _io_instance: ThreadIo | None = None
    _background: Background | None = None

    def call(self, call: hub_typed.Call[T], *, token: Token = None) -> T:
        """Send any operation of `hub_typed_api.operations` and return its result.

        Args:
            call: The operation, such as ``operations.refs.list_repo_refs("owner/name")``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        return self._call(call, token)

    def pages(self, paged: hub_typed.Paged[T], *, token: Token = None) -> Iterator[hub_typed.Page[T]]:
        """Iterate over the pages of any paginated operation, fetched lazily.

        Args:
            paged: The operation, such as ``operations.models.list_models(limit=100)``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        from hub_typed.http.pages import pages

        return self._iterate(pages(self._io(token), paged))

    def stream(self, stream: hub_typed.Stream[T], *, token: Token = None) -> Iterator[T]:
        """Iterate over the events of any streaming operation until the Hub ends the stream; close the iterator to stop.

        Args:
            stream: The operation, such as ``operations.spaces.stream_space_logs("owner/name", "run")``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        from hub_typed.http.event_streams import events

        return self._iterate(events(self._io(token), stream))

    @property
    def with_response(self) -> WithResponse:
        """The methods that send exactly one request, each of which returns an `ApiResponse`: result and response."""
        from hub_typed_api.surface.with_response import WithResponse

        return WithResponse(self)

    def run_as_future(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> hub_typed.Future[R]:
        """Call a function in the background and return a future of its result.

        Calls submitted to one client run one after the other, in order. Methods with ``run_as_future=True`` use the
        same queue.

        Args:
            fn: Function to call, such as ``api.upload_file``.
            *args: Positional arguments of the function.
            **kwargs: Keyword arguments of the function.
        """
        return self._in_background().submit(fn, *args, **kwargs)

    def close(self) -> None:
        """Wait for background work, then cancel the calls of other threads and close connections and threads.

        Later calls open new ones.
        """
        if self._background is not None:
            self._background.close()
        if self._io_instance is not None:
            self._io_instance.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_io_instance", "_background")}

    def _io(self, token: Token) -> ThreadIo:
        if self._io_instance is None:
            from hub_typed.http.thread_io import ThreadIo

            self._io_instance = ThreadIo(
                self.settings, self._make_transport(), self.token, self._default_headers(), self.hooks
            )
        return self._io_instance.with_token(token)

    def _run(self, flow: Coroutine[Any, Any, T]) -> T:
        from hub_typed.http.io import drive

        return drive(flow)

    def _iterate(self, flow: AsyncIterator[T]) -> Iterator[T]:
        from hub_typed.http.io import drive_all

        return drive_all(flow)

    def _submit(self, flow: Coroutine[Any, Any, T]) -> hub_typed.Future[T]:
        """Run a flow in the background, after all work submitted before."""
        return self.run_as_future(self._run, flow)

    def _in_background(self) -> Background:
        if self._background is None:
            # setdefault() is atomic: concurrent threads all get the same instance.
            vars(self).setdefault("_background", Background())
        assert self._background is not None
        return self._background

    def _call(self, call: hub_typed.Call[T], token: Token) -> T:
        from hub_typed.http.send import execute

        return self._run(execute(self._io(token), call))

    def _items(self, paged: hub_typed.Paged[T], token: Token) -> Iterator[T]:
        from hub_typed.http.pages import items

        return self._iterate(items(self._io(token), paged))
