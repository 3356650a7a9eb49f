"""Logins of browsers: a cookie holds a random id, the Hub the token that was typed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from typing import Final

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.identity import Identity

__all__ = ["Sessions"]

_MAX_SESSIONS: Final = 100
_ATTRIBUTES: Final = "Path=/; HttpOnly; SameSite=Strict"


class Sessions:
    """Browsers that are logged in, until they log out or the Hub stops.

    The ports of a host share their cookies: other servers of this machine get them, too. A cookie therefore holds no
    token, and its name is another one for each Hub.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._cookie = f"hub-typed-{secrets.token_hex(4)}"
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def log_in(self, token: str) -> str | None:
        """Start a session; return the value of ``Set-Cookie``, or ``None`` if there is no such token."""
        if self._accounts.find_token(token=token) is None:
            return None
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[session] = token
            while len(self._tokens) > _MAX_SESSIONS:
                del self._tokens[next(iter(self._tokens))]
        return f"{self._cookie}={session}; {_ATTRIBUTES}"

    def log_out(self, headers: Mapping[str, str]) -> str:
        """End the session of a request; return the value of ``Set-Cookie``."""
        with self._lock:
            self._tokens.pop(self._session(headers), None)
        return f"{self._cookie}=; Max-Age=0; {_ATTRIBUTES}"

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return the user who is logged in; ``None`` if none is, or the token was deleted or refreshed since."""
        token = self._tokens.get(self._session(headers))
        return None if token is None else self._accounts.find_token(token=token)

    def _session(self, headers: Mapping[str, str]) -> str:
        given = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
        return next((value for name, _, value in given if name == self._cookie), "")
