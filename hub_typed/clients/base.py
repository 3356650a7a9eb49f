"""Construction and configuration shared by both clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from hub_typed.auth.tokens import checked_argument
from hub_typed.http.default_headers import default_headers
from hub_typed.settings import Settings

if TYPE_CHECKING:
    from hub_typed.auth.tokens import Token
    from hub_typed.http.io import Transport

__all__ = ["ClientBase"]


class ClientBase:
    """Base of both clients. Nothing is opened, and little imported, before the first request."""

    def __init__(
        self,
        endpoint: str | None = None,
        token: Token = None,
        library_name: str | None = None,
        library_version: str | None = None,
        user_agent: Mapping[str, object] | str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        settings: Settings | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Create a client of the Hub.

        Args:
            endpoint: URL of the Hub; that of ``HF_ENDPOINT``, or https://huggingface.co, if not given.
            token: A token; ``True``: the stored one, which must be there; ``False``: none; ``None``: the stored one, if
                any.
            library_name: Name of the library that uses this one, for the Hub's statistics.
            library_version: Its version.
            user_agent: More of the same, as a mapping or as text.
            headers: Sent with every request to the Hub; they win over the client's own.
            settings: How the client behaves; read from the environment if not given.
            transport: What carries the requests, in place of sockets.

        Raises:
            InvalidTokenError: The token cannot be one; the message does not hold it.
        """
        given = settings or Settings.from_environment()
        self.settings: Settings = attrs.evolve(given, endpoint=endpoint) if endpoint else given
        self.token: Token = checked_argument(token)
        self.library_name = library_name
        self.library_version = library_version
        self.user_agent = user_agent
        self.headers = headers
        self._transport = transport

    def __repr__(self) -> str:
        from hub_typed.urls.url import shown

        return f"{type(self).__name__}(endpoint={shown(self.endpoint)!r})"

    @property
    def endpoint(self) -> str:
        """URL of the Hub."""
        return self.settings.endpoint

    def _default_headers(self) -> dict[str, str]:
        return default_headers(self.library_name, self.library_version, self.user_agent, self.headers)

    def _make_transport(self) -> Transport:
        if self._transport is not None:
            return self._transport
        from hub_typed.http.transport import Urllib3Transport

        return Urllib3Transport(self.settings)
