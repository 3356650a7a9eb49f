"""Create, delete and look up repositories of any type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from hub_typed.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HubResponse,
    ProtocolError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.flows import datasets, models, spaces
from hub_typed.flows.repo_url import RepoUrl
from hub_typed.http.io import Io
from hub_typed.http.requests import hub_url
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute
from hub_typed.logs.warnings import notice
from hub_typed.urls.url import parse_url, shown
from hub_typed_api import path
from hub_typed_api.models import (
    CreatedRepo,
    DatasetInfo,
    ModelInfo,
    RepoType,
    SpaceInfo,
    SpaceSecretInput,
    SpaceVariableInput,
)
from hub_typed_api.operations import repos as operations
from hub_typed_api.wire import Call

__all__ = ["create_repo", "delete_repo", "repo_exists", "repo_info", "revision_exists"]

T = TypeVar("T")
BUSY = "another conflicting operation is in progress"


async def create_repo(
    io: Io,
    repo_id: str,
    *,
    private: bool | None = None,
    repo_type: RepoType | None = None,
    exist_ok: bool = False,
    resource_group_id: str | None = None,
    space_sdk: str | None = None,
    space_hardware: str | None = None,
    space_storage: str | None = None,
    space_sleep_time: int | None = None,
    space_secrets: Sequence[Mapping[str, str]] | None = None,
    space_variables: Sequence[Mapping[str, str]] | None = None,
) -> RepoUrl:
    """Create a repository and return its URL.

    Args:
        repo_id: Name, as ``owner/name``; without owner, the account of the token owns it.
        private: Whether others cannot see it; as its owner has it by default if not given.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        exist_ok: Leave a repository that is there already as it is, without an error.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        space_sdk: What the Space is made with: ``gradio``, ``docker`` or ``static``.
        space_hardware: What the Space runs on, as ``t4-small``.
        space_storage: Persistent storage of the Space: ``small``, ``medium`` or ``large``.
        space_sleep_time: Seconds of idleness before the Space sleeps; -1 for never.
        space_secrets: Secrets of the Space, each with ``key``, ``value`` and perhaps ``description``.
        space_variables: Public variables of the Space, likewise.

    Raises:
        ValueError: A Space is to be made without ``space_sdk``.
        HfHubHTTPError: The repository is there already (409), or the token may not create it (403).
    """
    path.repo_type(repo_type)  # refused before any request; the body has no such rule
    if repo_type == "space" and not space_sdk:
        raise ValueError(f"{repo_id}: a Space is made with something; pass space_sdk='gradio', 'docker' or 'static'.")
    if repo_type != "space":
        warn_of_ignored(
            repo_id,
            space_sdk=space_sdk,
            space_hardware=space_hardware,
            space_storage=space_storage,
            space_sleep_time=space_sleep_time,
            space_secrets=space_secrets,
            space_variables=space_variables,
        )
        space_sdk = space_hardware = space_storage = space_sleep_time = space_secrets = space_variables = None
    spaces.warn_of_ignored_sleep_time(repo_id, space_hardware, space_sleep_time)
    owner, name = _owner_and_name(repo_id)
    creation = operations.create_repo(
        name=name,
        organization=owner,
        repo_type=repo_type,
        private=private,
        resource_group_id=resource_group_id,
        sdk=space_sdk,
        hardware=space_hardware,
        storage_tier=space_storage,
        sleep_time_seconds=space_sleep_time,
        secrets=None if space_secrets is None else [SpaceSecretInput(**secret) for secret in space_secrets],
        variables=None if space_variables is None else [SpaceVariableInput(**variable) for variable in space_variables],
    )
    try:
        url = (await _when_free(io, _about(creation, repo_id))).url
    except HfHubHTTPError as error:
        found = await _found_instead(io, error, repo_id, repo_type) if exist_ok else None
        if found is None:
            raise
        url = found
    return repo_url(io, url)


def repo_url(io: Io, url: str) -> RepoUrl:
    """Build the URL of a repository at the client's endpoint from the URL of a response.

    Raises:
        ProtocolError: What the Hub tells is no URL.
    """
    endpoint = io.settings.endpoint
    try:
        home = hub_url(url, io.settings)
        if not home.startswith(f"{endpoint}/"):  # behind a proxy, a Hub may not know its own name
            home = endpoint + parse_url(home).path
        return RepoUrl(home, endpoint=endpoint)
    except ValueError as error:
        raise ProtocolError(
            f"repos.create_repo: {shown(endpoint)} says that the repository is at {shown(url)}, which is no URL of one."
        ) from error


def warn_of_ignored(repo_id: str, **given: object) -> None:
    """Warn about parameters of Spaces that are given for a model or dataset."""
    names = ", ".join(name for name, value in given.items() if value is not None)
    if names:
        notice(f"{repo_id} is no Space, so this is ignored: {names}.")


async def _when_free(io: Io, creation: Call[CreatedRepo]) -> CreatedRepo:
    """Create a repository; retry while another operation on its name is in progress."""
    attempt = 1
    while True:
        try:
            return await execute(io, creation)
        except HfHubHTTPError as error:
            if not _is_busy(error) or attempt >= io.settings.attempts:
                raise
        await io.sleep(retry_delay(None, attempt, io.settings, io.random(), io.now()) or 0)
        attempt += 1


def _is_busy(error: HfHubHTTPError) -> bool:
    return BUSY in (error.server_message or "")


async def _found_instead(io: Io, error: HfHubHTTPError, repo_id: str, repo_type: RepoType | None) -> str | None:
    """Return the URL of the existing repository, if creating it failed because it exists."""
    status = error.response.status_code if error.response else None
    usual = f"{io.settings.endpoint}/{path.web_type(repo_type)}{repo_id}"
    if error.response and status == 409 and not _is_busy(error):
        return told_url(error.response) or usual
    if status == 403 and "/" in repo_id:  # a repository without an owner would be somebody else's
        try:
            await repo_info(io, repo_id, repo_type=repo_type)
        except HfHubHTTPError:
            return None  # the caller raises what it knows, which says more
        return usual
    return None


def told_url(response: HubResponse) -> str | None:
    """URL of the existing repository in the response of the Hub."""
    try:
        url: object = response.json()["url"]
    except (ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None


async def delete_repo(io: Io, repo_id: str, *, repo_type: RepoType | None = None, missing_ok: bool = False) -> None:
    """Delete a repository permanently.

    Args:
        repo_id: Name, as ``owner/name``; without owner, the account of the token owns it.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        missing_ok: Do nothing where there is no such repository, without an error.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
    """
    path.repo_type(repo_type)  # refused before any request; the body has no such rule
    owner, name = _owner_and_name(repo_id)
    deletion = operations.delete_repo(name=name, organization=owner, repo_type=repo_type)
    try:
        await execute(io, _about(deletion, repo_id))
    except RepositoryNotFoundError as error:
        if not missing_ok or isinstance(error, GatedRepoError):
            raise


def _owner_and_name(repo_id: str) -> tuple[str | None, str]:
    owner, _, name = path.checked_repo_id(repo_id).rpartition("/")
    return owner or None, name


def _about(call: Call[T], repo_id: str) -> Call[T]:
    """Return the call with the repository named in its errors; it is in the body, where they do not look."""
    return attrs.evolve(call, request=attrs.evolve(call.request, repo_id=repo_id))


async def repo_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    repo_type: RepoType | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[str] | None = None,
) -> ModelInfo | DatasetInfo | SpaceInfo:
    """Get the info of a repository.

    Args:
        repo_id: Name, as ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        timeout: Seconds to wait for the answer in all; the deadline of the settings if not given.
        files_metadata: Also ask for size, blob id and LFS data of each file.
        expand: Members to answer, by their names on the wire; all others are left out.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """
    infos: dict[str, Callable[..., Awaitable[ModelInfo | DatasetInfo | SpaceInfo]]] = {
        "model": models.model_info,
        "dataset": datasets.dataset_info,
        "space": spaces.space_info,
    }
    info = infos[path.repo_type(repo_type)]
    return await info(io, repo_id, revision=revision, timeout=timeout, files_metadata=files_metadata, expand=expand)


async def repo_exists(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> bool:
    """Check whether a repository exists, as far as the token may see; gated ones count.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
    """
    try:
        await repo_info(io, repo_id, repo_type=repo_type)
    except RepositoryNotFoundError as error:
        return isinstance(error, GatedRepoError)
    return True


async def revision_exists(io: Io, repo_id: str, revision: str, *, repo_type: RepoType | None = None) -> bool:
    """Check whether a revision of a repository exists, as far as the token may see.

    Args:
        repo_id: Name, as ``owner/name``.
        revision: Branch, tag or commit.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
    """
    try:
        await repo_info(io, repo_id, revision=revision, repo_type=repo_type)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        return False
    return True
