"""Access tokens of the Xet storage: short-lived, and for one repository and revision, or one bucket."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

import attrs

from hub_typed.local.errors import HubResponseError, unauthorized
from hub_typed.local.lfs.signed_urls import Signer

__all__ = ["XetClaims", "XetTokens"]

LIFETIME: Final = 900
"""Seconds until a token expires, unless `XetTokens.lifetime` is changed."""
_START: Final = "xet_"
_METHOD: Final = "XET"
"""Stands for the HTTP method in the signature, so that no token is valid as a signed URL."""


@attrs.frozen(kw_only=True)
class XetClaims:
    """What a token permits.

    Attributes:
        repo_type: Type of the repository, or ``bucket``.
        repo_id: Name of the repository or bucket when the token was issued.
        repo_key: Its id, which renames do not change.
        revision: The revision to write to; ``None`` for a new pull request, for a bucket, and for reading.
        hub_token: Id of the Hub's token that it was issued for; empty for an anonymous caller.
        writes: Whether it permits uploads, besides downloads.
    """

    repo_type: str
    repo_id: str
    repo_key: str
    revision: str | None = None
    hub_token: str = ""
    writes: bool = False


class XetTokens:
    """Issuer and verifier of tokens."""

    def __init__(self, secret: bytes, now: Callable[[], float]) -> None:
        self._now = now
        self._signer = Signer(secret, now)
        self._signer.lifetime = LIFETIME

    @property
    def lifetime(self) -> int:
        """Seconds until a token expires that is issued from now on, at most an hour."""
        return self._signer.lifetime

    @lifetime.setter
    def lifetime(self, seconds: int) -> None:
        self._signer.lifetime = seconds

    def issue(self, claims: XetClaims) -> tuple[str, int]:
        """Return a token, and the time at which it expires, in Unix seconds."""
        expires = int(self._now()) + self.lifetime
        given = {name: value for name, value in attrs.asdict(claims).items() if value}
        signed = self._signer.sign(_METHOD, "", **given)
        return _START + urlsafe_b64encode(signed.encode()).decode().rstrip("="), expires

    def check(self, authorization: str) -> XetClaims:
        """Return what the token in an ``Authorization`` header permits.

        Raises:
            HubResponseError: 401, it is no token of this storage, or has expired.
        """
        token = authorization.removeprefix("Bearer ").strip()
        if not token.startswith(_START):
            raise unauthorized("The Xet storage accepts only the tokens that the Hub issues for it")
        encoded = token.removeprefix(_START)
        try:
            signed = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
            query = parse_qs(signed.removeprefix("?"), strict_parsing=True)
            self._signer.check(_METHOD, "", query)
        except (ValueError, HubResponseError):
            raise unauthorized("The token of the Xet storage is invalid or has expired: get another one") from None
        claims = {name: values[-1] for name, values in query.items()}
        return XetClaims(
            repo_type=claims["repo_type"],
            repo_id=claims["repo_id"],
            repo_key=claims["repo_key"],
            revision=claims.get("revision"),
            hub_token=claims.get("hub_token", ""),
            writes="writes" in claims,
        )

    def expire_all(self) -> None:
        """Let all tokens expire that were issued so far."""
        self._signer.expire_all()
