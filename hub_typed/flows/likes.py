"""Likes of repositories: add, remove, list."""

from __future__ import annotations

import attrs

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import Like, RepoType
from hub_typed_api.operations import repos, users

__all__ = ["UserLikes", "like", "list_liked_repos", "unlike"]

NOBODY = "Whose likes? There is no token to tell: pass user= or token=."


@attrs.frozen(kw_only=True)
class UserLikes:
    """Repositories that a user liked: names as ``owner/name`` for each type, in the order of the Hub.

    Attributes:
        user: Name of the user.
        total: Number of likes, those of kinds that have no list here among them.
    """

    user: str
    total: int
    datasets: list[str]
    models: list[str]
    spaces: list[str]
    kernels: list[str]
    buckets: list[str]


async def like(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> None:
    """Like a repository.

    Deprecated: nothing replaces it. Today's Hub refuses likes that are not given in a browser; the embedded Hub takes
    them.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The token may not write, or there is none (401, 403).
    """
    await execute(io, repos.like_repo(repo_id, repo_type=repo_type))


async def unlike(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> None:
    """Unlike a repository.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The token may not write, or there is none (401, 403).
    """
    await execute(io, repos.unlike_repo(repo_id, repo_type=repo_type))


async def list_liked_repos(io: Io, user: str | None = None) -> UserLikes:
    """List the public repositories that a user liked.

    Args:
        user: Name of the user; the account of the token if not given.

    Raises:
        ValueError: Nobody is named, and there is no token, or it is that of no user.
        HfHubHTTPError: There is no such user (404), or the token is not valid (401).
    """
    name = user or await _own_name(io)
    likes = [found async for found in items(io, users.list_liked_repos(name))]
    return UserLikes(
        user=name,
        total=len(likes),
        datasets=_names(likes, "dataset"),
        models=_names(likes, "model"),
        spaces=_names(likes, "space"),
        kernels=_names(likes, "kernel"),
        buckets=_names(likes, "bucket"),
    )


async def _own_name(io: Io) -> str:
    try:
        account = await execute(io, users.whoami())
    except LocalTokenNotFoundError as error:
        raise ValueError(NOBODY) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response else None
        if status == 401 and token_to_send(io.token, io.settings) is None:
            raise ValueError(NOBODY) from error
        raise
    if account.type != "user":
        raise ValueError(f"Whose likes? The token belongs to {account.name}, which is no user; pass user=.")
    return account.name


def _names(likes: list[Like], kind: str) -> list[str]:
    return [found.repo.name for found in likes if found.repo.repo_type == kind]
