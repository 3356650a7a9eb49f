"""Account, permissions and storage usage of the token."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from hashlib import sha256

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.flows.decorators import positional_token
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed_api.models import RepoStorageInfo, WhoAmI
from hub_typed_api.operations import organizations, users as operations

__all__ = ["get_full_repo_name", "get_token_permission", "list_user_repos", "whoami"]


MAX_CACHED = 64
_cached: dict[tuple[str, bytes], WhoAmI] = {}
"""Results of `whoami` of this process, by endpoint and digest of the credentials. Its operations are atomic; threads
that add results at the same time may exceed the limit by one each."""


@positional_token
async def whoami(io: Io, *, cache: bool = False) -> WhoAmI:
    """Get the account of the token and the permissions of the token.

    The result can also be read like the JSON object of the response: ``whoami()["auth"]["accessToken"]["role"]``. The
    Hub has a strict rate limit for this request, so keep the result, or pass ``cache=True``.

    Args:
        cache: Return the result of an earlier call with ``cache=True`` for the same token and Hub, if this process has
            one. Login, logout and `auth_switch` discard such results.

    Raises:
        ValueError: ``token=False`` is passed.
        LocalTokenNotFoundError: No token is passed or stored.
        HfHubHTTPError: The token is invalid (401).
    """
    if io.token is False:
        raise ValueError("whoami() needs a token, but token=False sends none: omit the argument, or pass a token.")
    credentials = io.headers.get("authorization")
    if credentials is None:
        credentials = token_to_send(True if io.token is None else io.token, io.settings) or ""
    key = io.settings.endpoint, sha256(credentials.encode()).digest()
    if cache and (known := _cached.get(key)) is not None:
        return copy.deepcopy(known)  # the caller may change it
    found = await execute(io, operations.whoami())
    if cache:
        for oldest in list(_cached)[: max(0, len(_cached) + 1 - MAX_CACHED)]:
            _cached.pop(oldest, None)
        _cached[key] = copy.deepcopy(found)
    return found


def discard_cached_accounts() -> None:
    """Discard the results that ``whoami(cache=True)`` keeps."""
    _cached.clear()


async def get_full_repo_name(io: Io, model_id: str, *, organization: str | None = None) -> str:
    """Return the full name of a repository, with its owner.

    Args:
        model_id: Name without the owner.
        organization: Owner; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token is missing or invalid.
    """
    if organization is None and "/" in model_id:
        return model_id
    owner = organization or (await execute(io, operations.whoami())).name
    return f"{owner}/{model_id}"


async def get_token_permission(io: Io) -> str | None:
    """Return the role of the token: ``read``, ``write`` or ``fineGrained``.

    Deprecated: tokens may have detailed permissions; `whoami` returns them as ``auth``.

    The result is ``None`` if the token is missing, invalid or not an access token (OAuth).
    """
    warn("get_token_permission is deprecated: use whoami() and its member auth.", FutureWarning)
    try:
        account = await execute(io, operations.whoami())
    except LocalTokenNotFoundError:
        return None
    except HfHubHTTPError as error:
        if error.response.status_code == 401:
            return None
        raise
    token = account.auth.access_token if account.auth else None
    return token.role if token else None


async def list_user_repos(io: Io, namespace: str | None = None) -> AsyncIterator[RepoStorageInfo]:
    """List the repositories and buckets of an account, with their storage usage.

    Args:
        namespace: Name of an organization; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token is missing or invalid (401), the account of the token is not a member of the
            organization (403), or there is no such organization (404).
    """
    listed = (
        operations.list_my_repositories()
        if namespace is None
        else organizations.list_organization_repositories(namespace)
    )
    async for repository in items(io, listed):
        yield repository
