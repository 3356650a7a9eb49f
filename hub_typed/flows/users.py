"""User and permissions of the token."""

from __future__ import annotations

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import WhoAmI
from hub_typed_api.operations import users as operations

__all__ = ["get_full_repo_name", "get_token_permission", "whoami"]


async def whoami(io: Io) -> WhoAmI:
    """Get the user of the token and the token's permissions.

    The answer also reads like the JSON object that it was: ``whoami()["auth"]["accessToken"]["role"]``. The Hub allows
    few of these calls, so keep it.

    Raises:
        ValueError: ``token=False`` is passed.
        LocalTokenNotFoundError: No token is passed, and none is stored.
        HfHubHTTPError: The token is not valid (401).
    """
    if io.token is False:
        raise ValueError("whoami() says whose token it is, and token=False sends none: leave it out, or pass a token.")
    if "authorization" not in io.headers:
        token_to_send(True if io.token is None else io.token, io.settings)
    return await execute(io, operations.whoami())


async def get_full_repo_name(io: Io, model_id: str, *, organization: str | None = None) -> str:
    """Return the name of a repository with its owner.

    Args:
        model_id: Name without its owner.
        organization: The owner; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token is not valid, or there is none.
    """
    if organization is None and "/" in model_id:
        return model_id
    owner = organization or (await execute(io, operations.whoami())).name
    return f"{owner}/{model_id}"


async def get_token_permission(io: Io) -> str | None:
    """Return the role of the token: ``read``, ``write`` or ``fineGrained``; `whoami` returns the details.

    The answer is ``None`` where there is no token, where it is not valid, and where it is no access token (OAuth).
    """
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
