"""Settings of a repository: visibility, gating, name, and the access of the token."""

from __future__ import annotations

from typing import Literal

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.warnings import notice
from hub_typed_api import path
from hub_typed_api.models import RepoType
from hub_typed_api.operations import repos as operations

__all__ = ["auth_check", "move_repo", "update_repo_settings", "update_repo_visibility"]

Visibility = Literal["public", "private", "protected"]


async def update_repo_settings(
    io: Io,
    repo_id: str,
    *,
    gated: Literal["auto", "manual", False] | None = None,
    private: bool | None = None,
    visibility: Literal["public", "private", "protected"] | None = None,
    repo_type: RepoType | None = None,
) -> None:
    """Update the visibility and gating of a repository; what is not given is kept.

    Args:
        repo_id: Name, as ``owner/name``.
        gated: ``auto``: whoever asks has access at once; ``manual``: its authors decide; ``False``: nobody must ask.
        private: Whether others cannot see it.
        visibility: The same, in place of ``private``; only Spaces can be ``protected``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        ValueError: Nothing is to be changed, ``gated`` or ``visibility`` is something else, or both ``private`` and
            ``visibility`` are given.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        BadRequestError: The Hub does not take it: Spaces cannot be gated.
        HfHubHTTPError: The token may not change it (403).
    """
    if gated is None and private is None and visibility is None:
        raise ValueError(f"{repo_id}: nothing to change; pass gated=, private= or visibility=.")
    if gated is not None and gated is not False and gated not in ("auto", "manual"):
        raise ValueError(f"gated is {gated!r}; it must be 'auto', 'manual' or False.")
    checked = checked_visibility(private, visibility, repo_type)
    settings = operations.update_repo_settings(repo_id, repo_type=repo_type, gated=gated, visibility=checked)
    await execute(io, settings)


def checked_visibility(
    private: bool | None, visibility: Visibility | None, repo_type: RepoType | None
) -> Visibility | None:
    """Return the visibility from either of the two ways to give it.

    Raises:
        ValueError: Both are given, or it is none of those there are.
    """
    if visibility is None:
        return None if private is None else "private" if private else "public"
    if private is not None:
        raise ValueError("Pass either private= or visibility=, not both.")
    if visibility not in ("public", "private", "protected"):
        raise ValueError(f"visibility is {visibility!r}; it must be 'public', 'private' or, for Spaces, 'protected'.")
    if visibility == "protected" and repo_type != "space":
        raise ValueError(f"visibility='protected' is for Spaces; a {repo_type or 'model'} is 'public' or 'private'.")
    return visibility


async def update_repo_visibility(
    io: Io, repo_id: str, private: bool = False, *, repo_type: RepoType | None = None
) -> dict[str, bool]:
    """Make a repository private or public. Deprecated: use `update_repo_settings`.

    Args:
        repo_id: Name, as ``owner/name``.
        private: Whether others cannot see it.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Returns:
        What was changed, as ``{"private": True}``.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The token may not change it (403).
    """
    notice("update_repo_visibility is deprecated: use update_repo_settings.", FutureWarning)
    settings = await execute(io, operations.update_repo_settings(repo_id, repo_type=repo_type, private=private))
    return {"private": private if settings.private is None else settings.private}


async def move_repo(io: Io, from_id: str, to_id: str, *, repo_type: RepoType | None = None) -> None:
    """Rename a repository or transfer it to another owner; the old name redirects until it is taken.

    Args:
        from_id: Name, as ``owner/name``.
        to_id: The name that it gets, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        HFValidationError: One of the names has no owner, or is none.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The new name is taken (409), or the token may not write to it, or create it there (403).
    """
    kind = path.repo_type(repo_type)
    moving = operations.move_repo(from_repo=_whole(from_id), to_repo=_whole(to_id), repo_type=kind)
    await execute(io, moving)


def _whole(repo_id: str) -> str:
    if path.checked_repo_id(repo_id).count("/") != 1:
        raise path.HFValidationError(f"Invalid repo id {repo_id!r}: a repository moves from and to 'owner/name'.")
    return repo_id


async def auth_check(io: Io, repo_id: str, *, repo_type: RepoType | None = None, write: bool = False) -> None:
    """Check that the token may read the files of a repository, or write to it.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        write: Check that it may write.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        GatedRepoError: Access must be asked for first, or was not given.
        HfHubHTTPError: The token may read, but not write (403).
    """
    check = operations.auth_check_write if write else operations.auth_check
    await execute(io, check(repo_id, repo_type=repo_type))
