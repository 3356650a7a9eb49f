"""Likes of repositories: add, remove, list."""

from __future__ import annotations

import attrs

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.fields import Fields
from hub_typed_api.models import Like, RepoType
from hub_typed_api.operations import repos, users

__all__ = ["UserLikes", "like", "list_liked_repos", "unlike"]

NO_USER = "No user is given, and there is no token to identify one: pass user= or token=."


@attrs.frozen
class UserLikes(Fields):
    """Repositories that a user likes, by type: names as ``owner/name``, in the order of the Hub.

    Attributes:
        user: Name of the user.
        total: Number of likes, including those of types without a list here.
    """

    user: str
    total: int
    datasets: list[str]
    models: list[str]
    spaces: list[str]
    kernels: list[str] = attrs.Factory(list[str])
    buckets: list[str] = attrs.Factory(list[str])


async def like(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> None:
    """Like a repository.

    Deprecated, without a replacement: the current Hub only accepts likes from its website; the embedded Hub accepts
    them.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token is missing or may not write (401, 403).
    """
    await execute(io, repos.like_repo(repo_id, repo_type=repo_type))


async def unlike(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> None:
    """Remove the like of a repository.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token is missing or may not write (401, 403).
    """
    await execute(io, repos.unlike_repo(repo_id, repo_type=repo_type))


async def list_liked_repos(io: Io, user: str | None = None) -> UserLikes:
    """List the public repositories that a user likes.

    Args:
        user: Name of the user; the account of the token if not given.

    Raises:
        ValueError: No user is given, and the token is missing or does not belong to a user.
        HfHubHTTPError: The user does not exist (404), or the token is invalid (401).
    """
    name = user or await _token_user_name(io)
    likes = [each async for each in items(io, users.list_liked_repos(name))]
    return UserLikes(
        user=name,
        total=len(likes),
        datasets=_names(likes, "dataset"),
        models=_names(likes, "model"),
        spaces=_names(likes, "space"),
        kernels=_names(likes, "kernel"),
        buckets=_names(likes, "bucket"),
    )


async def _token_user_name(io: Io) -> str:
    try:
        account = await execute(io, users.whoami())
    except LocalTokenNotFoundError as error:
        raise ValueError(NO_USER) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status == 401 and token_to_send(io.token, io.settings) is None:
            raise ValueError(NO_USER) from error
        raise
    if account.type != "user":
        raise ValueError(f"No user is given, and the token belongs to {account.name}, which is not a user: pass user=.")
    return account.name


def _names(likes: list[Like], kind: str) -> list[str]:
    repos = [each.repo for each in likes if getattr(each.repo, "repo_type", None) == kind]
    return [repo.name for repo in repos if hasattr(repo, "name")]
