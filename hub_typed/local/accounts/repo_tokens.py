"""Tokens for one repository: JSON Web Tokens that a user gets for a program, valid for a short time."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.credentials import token_in_header
from hub_typed.local.accounts.identity import Identity, Scope
from hub_typed.local.accounts.owned import Owned
from hub_typed.local.errors import unauthorized
from hub_typed.local.lfs.signed_urls import Signer

__all__ = ["identify_by_repo_token", "issue_repo_token"]

_HEADER = {"alg": "HS256", "typ": "JWT"}


def issue_repo_token(signer: Signer, identity: Identity, repo: Owned, *, writes: bool, expires: int) -> str:
    """Return a token that permits its bearer, in the name of a user, to read one repository, or also to write to it.

    Args:
        identity: Its token is the one for which this one is issued; without it, this one is invalid, too.
        expires: When it expires, in Unix seconds.
    """
    permission = "repo.write" if writes else "repo.content.read"
    claims = {"sub": repo.repo_id, "permission": permission, "token": identity.id, "exp": expires}
    claims["repo"] = repo.facts.id  # repositories of two types can have one name
    text = ".".join(_encode(json.dumps(part).encode()) for part in (_HEADER, claims))
    return f"{text}.{_encode(signer.digest(text))}"


def identify_by_repo_token(
    signer: Signer, accounts: Accounts, headers: Mapping[str, str], now: datetime
) -> Identity | None:
    """Return the sender of a request with such a token; ``None`` if the token is of another kind.

    Raises:
        HubResponseError: 401, the token has expired, or the one for which it was issued was deleted.
    """
    token = token_in_header(headers.get("authorization", ""))
    text, _, signature = token.rpartition(".")
    if not text or not hmac.compare_digest(_encode(signer.digest(text)).encode(), signature.encode()):
        return None
    claims: dict[str, Any] = json.loads(_decode(text.partition(".")[2]))
    issuer = accounts.find_token(token_id=claims["token"])
    if issuer is None or claims["exp"] < now.timestamp():
        raise unauthorized("The token of the repository has expired: get another one")
    scope = Scope(entity=claims["repo"], permissions=(claims["permission"],))
    return attrs.evolve(issuer, token=token, session=False, scopes=(scope,))


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
