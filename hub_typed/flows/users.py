"""Account and permissions of the token."""

from __future__ import annotations

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed_api.models import WhoAmI
from hub_typed_api.operations import users as operations

__all__ = ["get_full_repo_name", "get_token_permission", "whoami"]


async def whoami(io: Io) -> WhoAmI:
    """Get the account of the token and the permissions of the token.

    The result can also be read like the JSON object of the response: ``whoami()["auth"]["accessToken"]["role"]``. The
    Hub has a strict rate limit for this request, so keep the result.

    Raises:
        ValueError: ``token=False`` is passed.
        LocalTokenNotFoundError: No token is passed or stored.
        HfHubHTTPError: The token is invalid (401).
    """
    if io.token is False:
        raise ValueError("whoami() needs a token, but token=False sends none: omit the argument, or pass a token.")
    if "authorization" not in io.headers:
        token_to_send(True if io.token is None else io.token, io.settings)
    return await execute(io, operations.whoami())


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
        if error.response is not None and error.response.status_code == 401:
            return None
        raise
    token = account.auth.access_token if account.auth else None
    return token.role if token else None
