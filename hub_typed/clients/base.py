"""Construction and configuration shared by both clients."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Self, TypeVar

import attrs

from hub_typed.auth.tokens import Token, checked_token_argument
from hub_typed.http.default_headers import checked_headers, default_headers
from hub_typed.settings import Settings, check_seconds
from hub_typed.urls.endpoint import Endpoint

if TYPE_CHECKING:
    from hub_typed.http.base_io import BaseIo
    from hub_typed.http.hooks import AnyHooks
    from hub_typed.http.io import Transport

__all__ = ["ClientBase"]


H = TypeVar("H", bound="AnyHooks")


class ClientBase(ABC, Generic[H]):
    """Base class of both clients. Before the first request it opens nothing and imports little."""

    _awaits_hooks: ClassVar[bool]

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
        hooks: Sequence[H] = (),
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
            hooks: Functions that are told of each request, its response, errors and retries.

        Raises:
            InvalidTokenError: The token is malformed; the message does not contain it.
            SettingsError: The endpoint is invalid, or a header cannot be sent.
            TypeError: The client cannot call one of the hooks.
        """
        given = settings or Settings.from_environment()
        self.settings: Settings = attrs.evolve(given, endpoint=Endpoint.of(endpoint)) if endpoint else given
        self.token: Token = checked_token_argument(token)
        self.library_name = library_name
        self.library_version = library_version
        self.user_agent = user_agent
        checked_headers(headers)
        self.headers = headers
        self.hooks: tuple[H, ...] = self._checked_hooks(hooks)
        self._transport = transport

    def __repr__(self) -> str:
        from hub_typed.urls.url import display_url

        return f"{type(self).__name__}(endpoint={display_url(self.endpoint)!r})"

    @property
    def endpoint(self) -> str:
        """URL of the Hub."""
        return self.settings.endpoint

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        token: Token = None,
        hooks: Sequence[H] = (),
    ) -> Self:
        """Return a client with other options that uses the connections and threads of this one.

        Closing one of the two closes the connections of both; later calls open new ones.

        Args:
            timeout: Seconds for the complete response to each request, including retries and redirects. Bodies of
                downloads and uploads and delays requested by a rate limit do not count.
            retries: Maximum number of further attempts for a request that may be retried; 0 for none.
            headers: Headers of every request to the Hub, in addition to those of this client or instead of them.
            token: Token instead of this client's.
            hooks: Hooks in addition to those of this client.

        Raises:
            InvalidTokenError: The token is malformed; the message does not contain it.
            SettingsError: The timeout is not a positive number, the number of retries is negative, or a header cannot
                be sent.
            TypeError: The client cannot call one of the hooks.
        """
        other = copy.copy(self)
        other.settings = _settings_with(self.settings, timeout, retries)
        other.token = self.token if token is None else checked_token_argument(token)
        other.headers = {**(self.headers or {}), **checked_headers(headers)}
        other.hooks = (*self.hooks, *self._checked_hooks(hooks))
        shared = self._io(None).with_options(other.settings, other.token, other._default_headers(), other.hooks)  # noqa: SLF001 (of the same class)
        vars(other).pop("_background", None)
        vars(other)["_io_instance"] = shared
        return other

    def _with_transport(self, transport: Transport, settings: Settings) -> Self:
        """Return a client with another transport and other settings that shares nothing with this one."""
        other = copy.copy(self)
        for name in ("_background", "_io_instance"):
            vars(other).pop(name, None)
        other._transport = transport  # noqa: SLF001 (of the same class)
        other.settings = settings
        return other

    @abstractmethod
    def _io(self, token: Token) -> BaseIo: ...

    def _checked_hooks(self, hooks: Sequence[H]) -> tuple[H, ...]:
        if not hooks:
            return ()
        from hub_typed.http.hooks import checked_hooks

        return checked_hooks(hooks, awaited=self._awaits_hooks)

    def _default_headers(self) -> dict[str, str]:
        return default_headers(self.library_name, self.library_version, self.user_agent, self.headers)

    def _make_transport(self) -> Transport:
        if self._transport is not None:
            return self._transport
        from hub_typed.http.transport import Urllib3Transport

        return Urllib3Transport(self.settings)


def _settings_with(settings: Settings, timeout: float | None, retries: object) -> Settings:
    """Return settings with another time limit for responses and another number of retries, if they are given."""
    if timeout is not None:
        check_seconds("timeout", timeout)
        settings = attrs.evolve(
            settings, deadline=timeout, read_timeout=timeout, answer_timeout=timeout, etag_timeout=timeout
        )
    if retries is not None:
        if type(retries) is not int or retries < 0:
            from hub_typed.errors import SettingsError

            raise SettingsError(f"retries is {retries!r}: pass the number of further attempts, 0 for none.")
        settings = attrs.evolve(settings, attempts=retries + 1)
    return settings
