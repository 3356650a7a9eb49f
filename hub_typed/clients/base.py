"""Construction and configuration shared by both clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from hub_typed.auth.tokens import checked_token_argument
from hub_typed.http.default_headers import default_headers
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import Endpoint

if TYPE_CHECKING:
    from hub_typed.auth.tokens import Token
    from hub_typed.http.io import Transport

__all__ = ["ClientBase"]


class ClientBase:
    """Base class of both clients. Before the first request it opens nothing and imports little."""

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
            endpoint: URL of the Hub; by default ``HF_ENDPOINT`` or https://huggingface.co.
            token: A token; ``True`` for the stored one, which must exist; ``False`` for none; ``None`` for the stored
                one, if any.
            library_name: Name of the library that uses this one, for the Hub's statistics.
            library_version: Version of that library.
            user_agent: Further parts of the ``User-Agent``, as a mapping or as text.
            headers: Headers of every request to the Hub; they take precedence over the client's own.
            settings: Configuration; read from the environment by default.
            transport: Transport that sends the requests instead of `Urllib3Transport`.

        Raises:
            InvalidTokenError: The token is malformed; the message does not contain it.
            SettingsError: The endpoint is invalid.
        """
        given = settings or Settings.from_environment()
        self.settings: Settings = attrs.evolve(given, endpoint=Endpoint.of(endpoint)) if endpoint else given
        self.token: Token = checked_token_argument(token)
        self.library_name = library_name
        self.library_version = library_version
        self.user_agent = user_agent
        self.headers = headers
        self._transport = transport

    def __repr__(self) -> str:
        from hub_typed.urls.url import display_url

        return f"{type(self).__name__}(endpoint={display_url(self.endpoint)!r})"

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
