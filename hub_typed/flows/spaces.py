"""Spaces: lists, infos, hardware, secrets and variables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

import attrs

from hub_typed.flows.list_filters import merge_values, refuse_with_expand, sort_key
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed_api.arguments import by_position
from hub_typed_api.coerce import date
from hub_typed_api.fields import Fields
from hub_typed_api.models import ExpandSpaceProperty, SpaceFlavor, SpaceInfo, SpaceRuntime, SpaceVariableInfo
from hub_typed_api.operations import spaces as operations

__all__ = [
    "SpaceHardware",
    "SpaceSecret",
    "SpaceSort",
    "SpaceStage",
    "SpaceStorage",
    "SpaceVariable",
    "add_space_variable",
    "delete_space_variable",
    "disable_space_dev_mode",
    "enable_space_dev_mode",
    "get_space_secrets",
    "get_space_variables",
    "list_spaces",
    "request_space_hardware",
    "space_info",
]

SpaceSort: TypeAlias = (
    Literal["created_at", "last_modified", "likes", "trending_score"] | str  # noqa: PYI051  # an open enum, for completion
)
"""Sort key of a list of Spaces."""


class SpaceStage(StrEnum):
    """Stages of a Space; responses contain strings, which equal one of these or are newer."""

    NO_APP_FILE = "NO_APP_FILE"
    CONFIG_ERROR = "CONFIG_ERROR"
    BUILDING = "BUILDING"
    BUILD_ERROR = "BUILD_ERROR"
    APP_STARTING = "APP_STARTING"
    RUNNING = "RUNNING"
    RUNNING_BUILDING = "RUNNING_BUILDING"
    RUNNING_APP_STARTING = "RUNNING_APP_STARTING"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    SLEEPING = "SLEEPING"
    STOPPED = "STOPPED"
    PAUSED = "PAUSED"
    DELETING = "DELETING"


class SpaceHardware(StrEnum):
    """Hardware of Spaces; newer hardware can be passed by name, as a string."""

    CPU_BASIC = "cpu-basic"
    CPU_UPGRADE = "cpu-upgrade"
    ZERO_A10G = "zero-a10g"
    T4_SMALL = "t4-small"
    T4_MEDIUM = "t4-medium"
    L4X1 = "l4x1"
    L4X4 = "l4x4"
    L40SX1 = "l40sx1"
    L40SX4 = "l40sx4"
    L40SX8 = "l40sx8"
    A10G_SMALL = "a10g-small"
    A10G_LARGE = "a10g-large"
    A10G_LARGEX2 = "a10g-largex2"
    A10G_LARGEX4 = "a10g-largex4"
    A100_LARGE = "a100-large"
    A100X4 = "a100x4"
    A100X8 = "a100x8"
    RTX_PRO_6000 = "rtx-pro-6000"
    RTX_PRO_6000X2 = "rtx-pro-6000x2"
    RTX_PRO_6000X4 = "rtx-pro-6000x4"
    RTX_PRO_6000X8 = "rtx-pro-6000x8"
    V5E_1X1 = "v5e-1x1"
    V5E_2X2 = "v5e-2x2"
    V5E_2X4 = "v5e-2x4"


class SpaceStorage(StrEnum):
    """Sizes of the persistent storage of a Space."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@attrs.frozen(kw_only=True)
class SpaceSecret(Fields):
    """A secret of a Space, without its value.

    Attributes:
        key: Name of the secret.
        description: Purpose of the secret.
        updated_at: Time of the last change of the value.
    """

    key: str
    description: str | None = None
    updated_at: datetime | None = None


@attrs.frozen(kw_only=True)
class SpaceVariable(Fields):
    """A public variable of a Space.

    Attributes:
        key: Name of the secret.
        description: Purpose of the secret.
        updated_at: Time of the last change of the value.
    """

    key: str
    value: str
    description: str | None = None
    updated_at: datetime | None = None

    @staticmethod
    def _from_reference(*args: object, **members: Any) -> dict[str, Any]:
        given: dict[str, Any] = by_position("key values", args, members)
        values: dict[str, Any] = given.pop("values", {})
        updated_at = values.get("updatedAt")
        given |= {name: values[name] for name in ("value", "description") if name in values}
        return given if updated_at is None else {**given, "updated_at": date(updated_at)}


async def list_spaces(
    io: Io,
    *,
    filter: str | Iterable[str] | None = None,
    author: str | None = None,
    search: str | None = None,
    datasets: str | Iterable[str] | None = None,
    models: str | Iterable[str] | None = None,
    linked: bool = False,
    sort: SpaceSort | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[ExpandSpaceProperty] | None = None,
    full: bool | None = None,
) -> AsyncIterator[SpaceInfo]:
    """List the Spaces on the Hub.

    Args:
        filter: Tags that the Spaces must all have, for example ``gradio``.
        author: Only Spaces of this user or organization.
        search: Text that the names must contain.
        datasets: Only Spaces that use one of these datasets.
        models: Only Spaces that use one of these models.
        linked: Only Spaces that use at least one model or dataset.
        sort: ``last_modified``, ``trending_score``, ``created_at`` or ``likes``.
        direction: ``-1`` for descending order, the only order of the current Hub.
        limit: Maximum number of Spaces.
        expand: Fields to return, by their JSON names; all others are omitted.
        full: Return most fields, including the files.

    Raises:
        ValueError: ``expand`` is given together with ``full``.
        BadRequestError: The Hub does not support a name in ``expand`` or ``sort``.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, full=full)
    listed = operations.list_spaces(
        search=search,
        author=author,
        filter=merge_values(filter),
        datasets=merge_values(datasets),
        models=merge_values(models),
        linked=linked,
        sort=sort_key(sort),
        direction=direction,
        limit=limit,
        full=full or None,
        expand=fields,
    )
    async for info in items(io, listed, limit=limit):
        yield info


async def space_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[ExpandSpaceProperty] | None = None,
) -> SpaceInfo:
    """Get the info of a Space.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        files_metadata: Also return the size, blob id and LFS data of each file.
        expand: Fields to return, by their JSON names; all others are omitted.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, files_metadata=files_metadata)
    blobs = files_metadata or None
    if revision is None:
        call = operations.space_info(repo_id, blobs=blobs, expand=fields)
    else:
        call = operations.space_info_at_revision(repo_id, revision=revision, blobs=blobs, expand=fields)
    return await execute(io, call, timeout=timeout)


async def request_space_hardware(
    io: Io, repo_id: str, hardware: SpaceFlavor, *, sleep_time: int | None = None
) -> SpaceRuntime:
    """Request hardware for a Space.

    The Space restarts on the new hardware. Until then, ``hardware`` of the result is the old one, and
    ``requested_hardware`` the new one. Paid hardware is billed while the Space runs.

    Args:
        repo_id: Name, ``owner/name``.
        hardware: Name of the hardware, for example ``t4-medium``.
        sleep_time: Seconds of idleness before the Space sleeps, -1 for never; free hardware has a fixed one.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The hardware does not exist, or the Space is static.
    """
    warn_of_ignored_sleep_time(repo_id, hardware, sleep_time)
    return await execute(io, operations.request_space_hardware(repo_id, hardware, sleep_time=sleep_time))


def warn_of_ignored_sleep_time(repo_id: str, hardware: str | None, sleep_time: int | None) -> None:
    """Warn about a sleep time given for free hardware, which has a fixed one."""
    if hardware == SpaceHardware.CPU_BASIC and sleep_time is not None:
        warn(f"{repo_id}: on {hardware} a Space always sleeps after 48 hours, so the sleep time is ignored.")


async def enable_space_dev_mode(io: Io, repo_id: str) -> SpaceRuntime:
    """Enable the dev mode of a Space, which allows SSH access and code changes while it runs.

    The dev mode requires a paid account.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The Space is static.
    """
    return await execute(io, operations.set_space_dev_mode(repo_id, enabled=True))


async def disable_space_dev_mode(io: Io, repo_id: str) -> SpaceRuntime:
    """Disable the dev mode of a Space.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The Space is static.
    """
    return await execute(io, operations.set_space_dev_mode(repo_id, enabled=False))


async def get_space_secrets(io: Io, repo_id: str) -> dict[str, SpaceSecret]:
    """Return the secrets of a Space by name, without their values, which cannot be read.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the Space (403).
    """
    secrets = await execute(io, operations.get_space_secrets(repo_id))
    return {
        key: SpaceSecret(key=key, description=secret.description, updated_at=secret.updated_at)
        for key, secret in secrets.items()
    }


async def get_space_variables(io: Io, repo_id: str) -> dict[str, SpaceVariable]:
    """Return the public variables of a Space by name.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the Space (403).
    """
    return _by_key(await execute(io, operations.get_space_variables(repo_id)))


async def add_space_variable(
    io: Io, repo_id: str, key: str, value: str, *, description: str | None = None
) -> dict[str, SpaceVariable]:
    """Add or replace a variable of a Space and return all its variables.

    A running Space restarts, because it reads its variables only at the start.

    Args:
        repo_id: Name, ``owner/name``.
        key: Name of the variable: a letter, then letters, digits and ``_``.
        value: Value of the variable, which is public.
        description: Purpose of the variable.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The name is not allowed.
    """
    return _by_key(await execute(io, operations.add_space_variable(repo_id, key, value, description=description)))


async def delete_space_variable(io: Io, repo_id: str, key: str) -> dict[str, SpaceVariable]:
    """Delete a variable of a Space, if it exists, and return the remaining ones.

    Args:
        repo_id: Name, ``owner/name``.
        key: Name of the variable.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
    """
    return _by_key(await execute(io, operations.delete_space_variable(repo_id, key)))


def _by_key(variables: dict[str, SpaceVariableInfo]) -> dict[str, SpaceVariable]:
    return {
        key: SpaceVariable(
            key=key, value=variable.value, description=variable.description, updated_at=variable.updated_at
        )
        for key, variable in variables.items()
    }
