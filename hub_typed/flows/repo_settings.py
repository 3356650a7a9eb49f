"""Settings of a repository: visibility, gating, name and access."""

from __future__ import annotations

from typing import Literal

from hub_typed.errors import HubError
from hub_typed.flows.argument_checks import checked_visibility
from hub_typed.flows.named_repo import with_repo_id
from hub_typed.flows.repos import repo_info
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed_api import path
from hub_typed_api.models import RepoType, RepoTypeWithoutKernel
from hub_typed_api.operations import repos as operations

__all__ = ["auth_check", "move_repo", "update_repo_settings", "update_repo_visibility"]


async def update_repo_settings(
    io: Io,
    repo_id: str,
    *,
    gated: Literal["auto", "manual", False] | None = None,
    private: bool | None = None,
    visibility: Literal["public", "private", "protected"] | None = None,
    repo_type: RepoTypeWithoutKernel | None = None,
) -> None:
    """Update the visibility or gating of a repository; omitted settings are kept.

    Args:
        repo_id: Name, ``owner/name``.
        gated: ``auto``: access requests are accepted automatically; ``manual``: the authors review them; ``False``: not
            gated.
        private: Whether the repository is private.
        visibility: Visibility, instead of ``private``; only Spaces can be ``protected``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        ValueError: No setting is given, ``gated`` or ``visibility`` has another value, or both ``private`` and
            ``visibility`` are given.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The Hub refused the settings, as gating a Space.
        HfHubHTTPError: The token may not change it (403).
    """
    if gated is None and private is None and visibility is None:
        raise ValueError(f"No settings of {repo_id} to update: pass gated=, private= or visibility=.")
    if gated is not None and gated is not False and gated not in ("auto", "manual"):
        raise ValueError(f"gated must be 'auto', 'manual' or False, not {gated!r}.")
    checked = checked_visibility(private, visibility, repo_type)
    settings = operations.update_repo_settings(repo_id, repo_type=repo_type, gated=gated, visibility=checked)
    await execute(io, settings)


async def update_repo_visibility(
    io: Io, repo_id: str, private: bool = False, *, repo_type: RepoTypeWithoutKernel | None = None
) -> dict[str, bool]:
    """Make a repository private or public. Deprecated: use `update_repo_settings`.

    Args:
        repo_id: Name, ``owner/name``.
        private: Whether the repository is private.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Returns:
        The new setting, as ``{"private": True}``.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
    """
    warn("update_repo_visibility is deprecated: use update_repo_settings.", FutureWarning)
    settings = await execute(io, operations.update_repo_settings(repo_id, repo_type=repo_type, private=private))
    return {"private": private if settings.private is None else settings.private}


async def move_repo(io: Io, from_id: str, to_id: str, *, repo_type: RepoType | None = None) -> None:
    """Rename a repository or transfer it to another owner; the old name redirects until it is taken.

    Args:
        from_id: Current name, ``owner/name``.
        to_id: New name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        HFValidationError: One of the names is invalid or has no owner.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The new name is taken (409), or the token may not write to the repository or create the new one
            (403).
    """
    kind = path.repo_type(repo_type)
    moving = operations.move_repo(
        from_repo=_checked_full_name(from_id), to_repo=_checked_full_name(to_id), repo_type=kind
    )
    try:
        await execute(io, with_repo_id(moving, from_id))
    except HubError as error:
        if not error.may_be_done or not await _is_moved(io, from_id, to_id, kind):
            raise


async def _is_moved(io: Io, from_id: str, to_id: str, kind: RepoType) -> bool:
    """Whether the old name of a repository redirects to the new one."""
    try:
        return (await repo_info(io, from_id, repo_type=kind)).id == to_id
    except HubError:
        return False  # the caller raises the first error


def _checked_full_name(repo_id: str) -> str:
    if path.checked_repo_id(repo_id).count("/") != 1:
        raise path.HFValidationError(
            f"Invalid repo id {repo_id!r}: the names of move_repo must have the form 'owner/name'."
        )
    return repo_id


async def auth_check(
    io: Io, repo_id: str, *, repo_type: RepoTypeWithoutKernel | None = None, write: bool = False
) -> None:
    """Check that the token may read, or write, the files of a repository.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        write: Check write access instead of read access.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        GatedRepoError: The repository is gated, and access was not requested or not granted.
        HfHubHTTPError: The token may read but not write (403).
    """
    check = operations.auth_check_write if write else operations.auth_check
    await execute(io, check(repo_id, repo_type=repo_type))
