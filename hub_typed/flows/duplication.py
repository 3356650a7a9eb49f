"""Duplicate repositories on the Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows.argument_checks import checked_visibility
from hub_typed.flows.repo_url import DuplicatedRepoUrl
from hub_typed.flows.repos import existing_repo_url, repo_url, warn_of_ignored
from hub_typed.flows.spaces.runtime import warn_of_ignored_sleep_time
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api import path
from hub_typed_api.models import RepoTypeWithoutKernel, SpaceFlavor, SpaceSecretInput, SpaceVariableInput, Volume
from hub_typed_api.operations import repos as operations, users

__all__ = ["duplicate_repo", "duplicate_space"]

CONFLICT = 409


async def duplicate_repo(
    io: Io,
    from_id: str,
    to_id: str | None = None,
    *,
    repo_type: RepoTypeWithoutKernel | None = None,
    private: bool | None = None,
    visibility: Literal["public", "private", "protected"] | None = None,
    exist_ok: bool = False,
    resource_group_id: str | None = None,
    space_hardware: SpaceFlavor | None = None,
    space_storage: str | None = None,
    space_sleep_time: int | None = None,
    space_secrets: Sequence[Mapping[str, str]] | None = None,
    space_variables: Sequence[Mapping[str, str]] | None = None,
    space_volumes: Sequence[Volume] | None = None,
) -> DuplicatedRepoUrl:
    """Duplicate a repository and return the URL of the copy, which says whether large files are still being copied.

    Args:
        from_id: Name of the original, ``owner/name``.
        to_id: Name of the copy; missing parts default to the account of the token and the original name.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        private: Whether the copy is private; as the original if not given.
        visibility: Visibility, instead of ``private``; only Spaces can be ``protected``.
        exist_ok: Keep an existing repository of this name unchanged, instead of raising an error.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        space_hardware: Hardware of the Space, for example ``t4-small``.
        space_storage: Persistent storage of the Space: ``small``, ``medium`` or ``large``.
        space_sleep_time: Seconds of idleness before the Space sleeps; -1 for never.
        space_secrets: Secrets of the Space, each with ``key``, ``value`` and optionally ``description``.
        space_variables: Public variables of the Space, in the same form.
        space_volumes: Volumes mounted into the Space.

    Raises:
        ValueError: ``visibility`` has another value, or is given together with ``private``.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        GatedRepoError: The repository is gated, and access must be requested first.
        HfHubHTTPError: The name is taken (409), or the token may not create the copy (403).
    """
    checked = checked_visibility(private, visibility, repo_type)
    path.checked_repo_id(from_id)
    name = path.checked_repo_id(to_id or from_id.rpartition("/")[2])
    if "/" not in name:
        name = f"{(await execute(io, users.whoami())).name}/{name}"
    if repo_type != "space":
        warn_of_ignored(
            from_id,
            space_hardware=space_hardware,
            space_storage=space_storage,
            space_sleep_time=space_sleep_time,
            space_secrets=space_secrets,
            space_variables=space_variables,
            space_volumes=space_volumes,
        )
        space_hardware = space_storage = space_sleep_time = space_secrets = space_variables = space_volumes = None
    warn_of_ignored_sleep_time(name, space_hardware, space_sleep_time)
    duplication = operations.duplicate_repo(
        from_id,
        repo_type=repo_type,
        to_repo=name,
        visibility=checked,
        resource_group_id=resource_group_id,
        hardware=space_hardware,
        storage_tier=space_storage,
        sleep_time_seconds=space_sleep_time,
        secrets=None if space_secrets is None else [SpaceSecretInput(**secret) for secret in space_secrets],
        variables=None if space_variables is None else [SpaceVariableInput(**variable) for variable in space_variables],
        volumes=None if space_volumes is None else list(space_volumes),
    )
    pending = False
    try:
        made = await execute(io, duplication)
        url, pending = made.url, bool(made.files_copy_pending)
    except HfHubHTTPError as error:
        if not exist_ok or error.response.status_code != CONFLICT:
            raise
        url = existing_repo_url(error.response) or f"{io.settings.endpoint}/{path.web_type(repo_type)}{name}"
    known = repo_url(io, url)
    return DuplicatedRepoUrl(known, known.endpoint, pending)


async def duplicate_space(
    io: Io,
    from_id: str,
    to_id: str | None = None,
    *,
    private: bool | None = None,
    exist_ok: bool = False,
    hardware: SpaceFlavor | None = None,
    storage: str | None = None,
    sleep_time: int | None = None,
    secrets: Sequence[Mapping[str, str]] | None = None,
    variables: Sequence[Mapping[str, str]] | None = None,
) -> DuplicatedRepoUrl:
    """Duplicate a Space and return the URL of the copy.

    Args:
        from_id: Name of the original, ``owner/name``.
        to_id: Name of the copy; missing parts default to the account of the token and the original name.
        private: Whether the copy is private; as the original if not given.
        exist_ok: Keep an existing Space of this name unchanged, instead of raising an error.
        hardware: Hardware of the copy, for example ``t4-small``.
        storage: Persistent storage of the copy: ``small``, ``medium`` or ``large``.
        sleep_time: Seconds of idleness before the copy sleeps; -1 for never.
        secrets: Secrets of the copy, each with ``key``, ``value`` and optionally ``description``.
        variables: Public variables of the copy, in the same form.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The name is taken (409), or the token may not create the copy (403).
    """
    return await duplicate_repo(
        io,
        from_id,
        to_id,
        repo_type="space",
        private=private,
        exist_ok=exist_ok,
        space_hardware=hardware,
        space_storage=storage,
        space_sleep_time=sleep_time,
        space_secrets=secrets,
        space_variables=variables,
    )
