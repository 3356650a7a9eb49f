"""Base classes of the synchronous and the asynchronous client of an API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

import attrs

from hub_typed.http.async_io import AsyncIo
from hub_typed.http.default_headers import default_headers
from hub_typed.http.io import drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.http.transport import Urllib3Transport
from hub_typed.service.credentials import Credentials
from hub_typed.service.send import execute
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import Endpoint
from hub_typed_api.wire import Call

if TYPE_CHECKING:
    from types import TracebackType

    from hub_typed.http.io import Transport

__all__ = ["AsyncService", "Service"]

T = TypeVar("T")


class _Configured:
    """What both clients have in common."""

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Credentials | None = None,
        headers: Mapping[str, str] | None = None,
        settings: Settings | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Create a client.

        Args:
            base_url: URL of the server, with the path before that of the operations.
            credentials: Credentials, which are sent to this server only.
            headers: Headers of every request.
            settings: Time limits, retries and proxies; those of the environment by default.
            transport: Transport that sends the requests instead of `Urllib3Transport`.

        Raises:
            SettingsError: The URL is invalid.
        """
        given = settings or attrs.evolve(Settings.from_environment(), offline=False)  # that variable is the Hub's
        self.settings: Settings = attrs.evolve(given, endpoint=Endpoint.of(base_url, "the argument base_url"))
        self.credentials: Credentials = credentials or Credentials()
        self._headers = default_headers(None, None, None, headers)
        self._transport: Transport = transport or Urllib3Transport(self.settings)

    @property
    def base_url(self) -> str:
        """URL of the server."""
        return self.settings.endpoint

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class Service(_Configured):
    """Synchronous client of an API; it can be shared between threads. Close it when it is no longer needed."""

    def call(self, call: Call[T]) -> T:
        """Send any operation of the API and return its result.

        Args:
            call: The operation.

        Raises:
            ResponseError: The server returned an error.
            TransportError: No attempt received a complete response.
        """
        return drive(execute(self._io, self.credentials, call))

    def close(self) -> None:
        """Cancel the calls of other threads and close connections; later calls open new ones."""
        self._io.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _io(self) -> ThreadIo:
        return ThreadIo(self.settings, self._transport, False, self._headers)


class AsyncService(_Configured):
    """Asynchronous client of an API. Close it when it is no longer needed."""

    async def call(self, call: Call[T]) -> T:
        """Send any operation of the API and return its result.

        Args:
            call: The operation.

        Raises:
            ResponseError: The server returned an error.
            TransportError: No attempt received a complete response.
        """
        return await execute(self._io, self.credentials, call)

    async def aclose(self) -> None:
        """Cancel running calls and close connections; later calls open new ones."""
        self._io.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @cached_property
    def _io(self) -> AsyncIo:
        return AsyncIo(self.settings, self._transport, False, self._headers)
