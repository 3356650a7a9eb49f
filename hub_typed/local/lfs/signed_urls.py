"""Signed URLs, which grant a permission until they expire."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from hub_typed.local.errors import forbidden
from hub_typed.local.json_files import read_json, write_json

__all__ = ["Signer", "stored_secret"]

LIFETIME = 3600
"""Seconds until a signed URL expires."""


class Signer:
    """Signer and verifier of URLs, with a secret of the server.

    Attributes:
        lifetime: Seconds until a URL expires that is signed from now on, at most `LIFETIME`.
    """

    def __init__(self, secret: bytes, now: Callable[[], float]) -> None:
        self.lifetime = LIFETIME
        self._secret = secret
        self._time = now
        self._skipped = 0

    def expire_all(self) -> None:
        """Let all URLs expire that were signed so far."""
        self._skipped += LIFETIME + 1

    def _now(self) -> float:
        return self._time() + self._skipped

    def sign(self, method: str, path: str, **claims: object) -> str:
        """Return a path and query that permit one method on this path; the claims are part of the signature."""
        query = {name: str(value) for name, value in claims.items()}
        query["expires"] = str(int(self._now()) + self.lifetime)
        return f"{path}?{urlencode({**query, 'signature': self._signature(method, path, query)})}"

    def check(self, method: str, path: str, query: Mapping[str, Sequence[str]]) -> None:
        """Verify a signed query.

        Raises:
            HubResponseError: 403, the signature does not match the request, or the URL has expired.
        """
        claims = {name: values[-1] for name, values in query.items()}
        signature = claims.pop("signature", "")
        # A URL that permits GET also permits HEAD.
        expected = self._signature("GET" if method == "HEAD" else method, path, claims)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise forbidden("SignatureDoesNotMatch")
        if self._now() > int(claims["expires"]):
            raise forbidden("Request has expired")

    def _signature(self, method: str, path: str, claims: Mapping[str, str]) -> str:
        return self.digest(json.dumps([method, path, sorted(claims.items())])).hex()

    def digest(self, text: str) -> bytes:
        """Return the HMAC-SHA256 of a text."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).digest()


def stored_secret(file: Path) -> bytes:
    """Return the secret that signs URLs; it persists in the folder of the Hub."""
    secret: str = read_json(file) or secrets.token_hex(32)
    write_json(file, secret)
    return bytes.fromhex(secret)
