"""Tokens of Xet storage, requested from the Hub once and kept until shortly before they expire.

The storage gets its own token only; the token of the Hub is sent to the Hub only. The URL at which the Hub says that a
token can be requested is never followed: the operations of the spec request it.
"""

from __future__ import annotations

from typing import Final, Literal

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import ProtocolError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.http.io import Io
from hub_typed.http.requests import prepare_request
from hub_typed.http.send import execute
from hub_typed.logs.redaction import remember_secrets
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed.xet.tokens import TokenKey
from hub_typed_api.models import XetToken
from hub_typed_api.operations import xet as operations
from hub_typed_api.wire import Call, Request

__all__: list[str] = []

POLL: Final = 0.02
"""Seconds between two checks whether another thread or task has received the token."""


async def xet_token(
    io: Io, scope: Literal["read", "write"], repo_id: str, repo_type: str, revision: str | None
) -> XetToken:
    """Return a token of the storage for one repository and revision, or for one bucket.

    Args:
        scope: ``write`` includes ``read``.
        repo_id: Name of the repository or bucket.
        repo_type: Type of the repository; or ``bucket``, which has no revisions.
        revision: Branch, tag or commit; ``None`` for a new pull request.

    Raises:
        HfHubHTTPError: The Hub refuses the token, or has no Xet storage.
        ProtocolError: The response does not match the spec, or the storage is not encrypted although the Hub is.
        TransportError: The Hub is not reachable.
    """
    authorization = token_to_send(io.token, io.settings)
    key = TokenKey(scope, repo_type, repo_id, revision, authorization)
    tokens = io.xet.tokens
    while True:
        if (token := tokens.get(key, io.now())) is not None:
            return token
        with tokens.request(key) as is_first:
            if is_first:
                token = await _request(io, key)
                tokens.put(key, token, io.now())
                return token
        await io.sleep(POLL)


def renewal_request(io: Io, repo_id: str, repo_type: str, revision: str | None) -> Request:
    """Return the request with which `hf_xet` renews a token to write: to the Hub, with the token of the Hub.

    Args:
        repo_type: Type of the repository, or ``bucket``.
        revision: Branch; ``None`` for a new pull request.
    """
    return prepare_request(_write_call(repo_id, repo_type, revision).request, io.settings, io.token, io.headers)


def _write_call(repo_id: str, repo_type: str, revision: str | None) -> Call[XetToken]:
    if repo_type == "bucket":
        return operations.get_bucket_xet_write_token(*parse_bucket_id(repo_id))
    return operations.get_xet_write_token(
        repo_id, repo_type=repo_type, revision=revision or "None", create_pr=revision is None
    )


async def _request(io: Io, key: TokenKey) -> XetToken:
    if key.scope == "read" and key.repo_type == "bucket":
        call = operations.get_bucket_xet_read_token(*parse_bucket_id(key.repo_id))
    elif key.scope == "read":
        call = operations.get_xet_read_token(key.repo_id, repo_type=key.repo_type, revision=key.revision)
    else:
        call = _write_call(key.repo_id, key.repo_type, key.revision)
    token = await execute(io, call)
    remember_secrets(token.access_token)
    _check(io, key, token)
    return token


def _check(io: Io, key: TokenKey, token: XetToken) -> None:
    """Check what `hf_xet` will use without a check."""
    try:
        url = parse_url(token.cas_url)
    except InvalidUrlError as error:
        raise ProtocolError(
            f"{key.repo_id}: the Hub named the Xet storage {display_url(token.cas_url)}: {error}."
        ) from None
    if url.scheme != "https" and io.settings.endpoint.startswith("https:"):
        raise ProtocolError(
            f"{key.repo_id}: the Xet storage {display_url(url.text)} is not encrypted, but the Hub is; refused."
        )
    if not (token.access_token.isascii() and token.access_token.isprintable() and token.access_token.strip()):
        raise ProtocolError(f"{key.repo_id}: the Hub sent a malformed token of the Xet storage.")
