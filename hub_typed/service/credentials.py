"""Credentials of a client, and where they stand in a request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal

import attrs

from hub_typed.logs.redaction import remember_secrets
from hub_typed_api.wire import Request

__all__ = ["Credentials"]


def _hidden(_: object) -> str:
    return "***"


@attrs.frozen
class Credentials:
    """Credentials of a client; those that are ``None`` are left out.

    Attributes:
        headers: By name.
        query: Parameters by name.
        cookies: By name.
    """

    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=_hidden)
    query: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=_hidden)
    cookies: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=_hidden)

    @classmethod
    def bearer(cls, token: str | None) -> Credentials:
        """Return a token for the header ``Authorization``."""
        return cls() if token is None else cls._kept({"authorization": f"Bearer {token}"}, token)

    @classmethod
    def basic(cls, account: tuple[str, str] | None) -> Credentials:
        """Return user and password for the header ``Authorization``."""
        if account is None:
            return cls()
        secret = b64encode(":".join(account).encode()).decode()
        return cls._kept({"authorization": f"Basic {secret}"}, secret, account[1])

    @classmethod
    def key(cls, where: Literal["header", "query", "cookie"], name: str, value: str | None) -> Credentials:
        """Return a key for a header, a query parameter or a cookie."""
        if value is None:
            return cls()
        remember_secrets(value)
        if where == "header":
            return cls(headers={name.lower(): value})
        return cls(query={name: value}) if where == "query" else cls(cookies={name: value})

    @classmethod
    def _kept(cls, headers: Mapping[str, str], *secrets: str) -> Credentials:
        remember_secrets(*secrets)
        return cls(headers=headers)

    def __or__(self, other: Credentials) -> Credentials:
        """Return both."""
        return Credentials(
            {**self.headers, **other.headers}, {**self.query, **other.query}, {**self.cookies, **other.cookies}
        )

    def added(self, request: Request) -> Request:
        """Return a request with these credentials; what it already has takes precedence."""
        headers = {**self.headers, **request.headers}
        if self.cookies:
            own = [f"{name}={value}" for name, value in self.cookies.items()]
            headers["cookie"] = "; ".join([*filter(None, [request.headers.get("cookie")]), *own])
        return attrs.evolve(request, headers=headers, query=(*request.query, *self.query.items()))
