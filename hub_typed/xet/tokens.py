"""Tokens of Xet storage that a client holds, until shortly before they expire."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Literal

import attrs

from hub_typed_api.models import XetToken

__all__: list[str] = []

MARGIN: Final = 60
"""Seconds before its expiration in which a token is no longer used for new transfers."""


@attrs.frozen
class TokenKey:
    """What a token of the storage is for.

    Attributes:
        authorization: Token of the Hub with which it was requested; not shown.
        revision: Branch, tag or commit; ``None`` for a new pull request.
    """

    scope: Literal["read", "write"]
    repo_type: str
    repo_id: str
    revision: str | None
    authorization: str | None = attrs.field(repr=False)


class TokenCache:
    """Tokens by what they are for; several threads may use it, as all steps are atomic operations."""

    def __init__(self) -> None:
        self._tokens: dict[TokenKey, XetToken] = {}
        self._requested: dict[tuple[int, TokenKey], object] = {}

    def get(self, key: TokenKey, now: float) -> XetToken | None:
        """Return a token that is valid for a while; ``None`` if there is none."""
        token = self._tokens.get(key)
        return token if token is not None and token.exp - MARGIN > now else None

    def put(self, key: TokenKey, token: XetToken, now: float) -> None:
        """Keep a token, and forget those that have expired."""
        for other, old in list(self._tokens.items()):
            if old.exp <= now:
                self._tokens.pop(other, None)
        self._tokens[key] = token

    def forget(self, token: XetToken) -> None:
        """Forget a token that the storage refused."""
        for key, other in list(self._tokens.items()):
            if other is token:
                self._tokens.pop(key, None)

    @contextmanager
    def request(self, key: TokenKey) -> Generator[bool, None, None]:
        """Yield whether the caller shall request the token; false if another thread or task is doing so."""
        mine, of_process = object(), (os.getpid(), key)  # a thread of the parent does not exist after a fork
        is_first = self._requested.setdefault(of_process, mine) is mine
        try:
            yield is_first
        finally:
            if is_first:
                self._requested.pop(of_process, None)
