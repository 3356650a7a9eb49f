"""Asynchronous client: the generated methods for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

import hub_typed
from hub_typed.auth.tokens import Token
from hub_typed.clients.base import ClientBase
from hub_typed_api.surface.async_methods import AsyncMethods

if TYPE_CHECKING:
    from types import TracebackType

    from hub_typed.http.async_io import AsyncIo
    from hub_typed.http.hooks import AsyncHooks, Hooks  # noqa: F401 (in the forward reference of the base class)
    from hub_typed_api.surface.with_response import AsyncWithResponse

__all__ = ["AsyncHfApi"]

T = TypeVar("T")


class AsyncHfApi(ClientBase["Hooks | AsyncHooks"], AsyncMethods):
    """Asynchronous client of the Hub: the methods of `HfApi`, awaited or iterated with ``async for``."""

    _awaits_hooks = True
    _io_instance: AsyncIo | None = None

    async def call(self, call: hub_typed.Call[T], *, token: Token = None) -> T:
        """Send any operation of `hub_typed_api.operations` and return its result.

        Args:
            call: The operation, such as ``operations.refs.list_repo_refs("owner/name")``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        return await self._call(call, token)

    def pages(self, paged: hub_typed.Paged[T], *, token: Token = None) -> AsyncIterator[hub_typed.Page[T]]:
        """Iterate over the pages of any paginated operation, fetched lazily.

        Args:
            paged: The operation, such as ``operations.models.list_models(limit=100)``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        from hub_typed.http.pages import pages

        return pages(self._io(token), paged)

    def stream(self, stream: hub_typed.Stream[T], *, token: Token = None) -> AsyncIterator[T]:
        """Iterate over the events of any streaming operation until the Hub ends the stream; close the iterator to stop.

        Args:
            stream: The operation, such as ``operations.spaces.stream_space_logs("owner/name", "run")``.
            token: Token instead of the client's.

        Raises:
            HfHubHTTPError: The Hub returned an error.
        """
        from hub_typed.http.event_streams import events

        return events(self._io(token), stream)

    @property
    def with_response(self) -> AsyncWithResponse:
        """The methods that send exactly one request, each of which returns an `ApiResponse`: result and response."""
        from hub_typed_api.surface.with_response import AsyncWithResponse

        return AsyncWithResponse(self)

    async def aclose(self) -> None:
        """Cancel running calls and close connections and threads; the next request opens new ones."""
        if self._io_instance is not None:
            self._io_instance.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_io_instance"}

    def _io(self, token: Token) -> AsyncIo:
        if self._io_instance is None:
            from hub_typed.http.async_io import AsyncIo

            self._io_instance = AsyncIo(
                self.settings, self._make_transport(), self.token, self._default_headers(), self.hooks
            )
        return self._io_instance.with_token(token)

    async def _call(self, call: hub_typed.Call[T], token: Token) -> T:
        from hub_typed.http.send import execute

        return await execute(self._io(token), call)

    def _items(self, paged: hub_typed.Paged[T], token: Token) -> AsyncIterator[T]:
        from hub_typed.http.pages import items

        return items(self._io(token), paged)
