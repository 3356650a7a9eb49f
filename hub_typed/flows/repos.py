"""Create, delete and look up repositories of any type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar, get_args

from hub_typed.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HubResponse,
    ProtocolError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.flows import datasets, kernels, models
from hub_typed.flows.argument_checks import check_choice, checked_visibility
from hub_typed.flows.decorators import narrowed
from hub_typed.flows.named_repo import with_repo_id
from hub_typed.flows.repo_url import RepoUrl
from hub_typed.flows.spaces.infos import space_info
from hub_typed.flows.spaces.runtime import warn_of_ignored_sleep_time
from hub_typed.flows.spaces.search import find_space_template
from hub_typed.http.io import Io
from hub_typed.http.requests import hub_url
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed.urls.url import display_url, parse_url
from hub_typed_api import path
from hub_typed_api.models import (
    CreatedRepo,
    DatasetInfo,
    ExpandDatasetProperty,
    ExpandModelProperty,
    ExpandSpaceProperty,
    KernelInfo,
    ModelInfo,
    RepoType,
    SpaceFlavor,
    SpaceInfo,
    SpaceSdk,
    SpaceSecretInput,
    SpaceVariableInput,
    Volume,
)
from hub_typed_api.operations import repos as operations
from hub_typed_api.wire import Call

__all__ = ["create_repo", "delete_repo", "repo_exists", "repo_info", "revision_exists"]

T = TypeVar("T")
SPACE_SDKS: tuple[str, ...] = get_args(get_args(SpaceSdk)[0])
BUSY_MESSAGE = "another conflicting operation is in progress"


async def create_repo(
    io: Io,
    repo_id: str,
    *,
    private: bool | None = None,
    visibility: Literal["public", "private", "protected"] | None = None,
    repo_type: RepoType | None = None,
    exist_ok: bool = False,
    resource_group_id: str | None = None,
    region: Literal["us", "eu"] | None = None,
    space_sdk: SpaceSdk | None = None,
    space_hardware: SpaceFlavor | None = None,
    space_storage: str | None = None,
    space_sleep_time: int | None = None,
    space_secrets: Sequence[Mapping[str, str]] | None = None,
    space_variables: Sequence[Mapping[str, str]] | None = None,
    space_volumes: Sequence[Volume] | None = None,
    space_template: str | None = None,
) -> RepoUrl:
    """Create a repository and return its URL.

    Args:
        repo_id: Name, ``owner/name``; the owner defaults to the account of the token.
        private: Whether others cannot see it; the default of the owner if not given.
        visibility: Visibility, instead of ``private``; only Spaces can be ``protected``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        exist_ok: Keep an existing repository unchanged, instead of raising an error.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        region: Region of the storage, which needs a subscription: ``us`` or ``eu``.
        space_sdk: SDK of the Space: ``gradio``, ``docker`` or ``static``; that of the template if not given.
        space_hardware: Hardware of the Space, for example ``t4-small``.
        space_storage: Persistent storage of the Space: ``small``, ``medium`` or ``large``.
        space_sleep_time: Seconds of idleness before the Space sleeps; -1 for never.
        space_secrets: Secrets of the Space, each with ``key``, ``value`` and optionally ``description``.
        space_variables: Public variables of the Space, in the same form.
        space_volumes: Volumes mounted into the Space.
        space_template: Template of the Space's files, as ``JupyterLab`` or ``SpacesExamples/jupyterlab``. A template
            may ask for Spaces that are private; they are, unless ``private`` or ``visibility`` is given.

    Raises:
        ValueError: ``space_sdk`` is missing for a Space, or differs from that of the template; there is no such
            template; or both ``private`` and ``visibility`` are given.
        HfHubHTTPError: The repository already exists (409), or the token may not create it (403).
    """
    path.repo_type(repo_type)  # checked before any request, because the body is not validated
    wanted = checked_visibility(private, visibility, repo_type)
    check_choice("region", region, ("us", "eu"))
    if space_template is not None:
        if repo_type != "space":
            raise ValueError(
                f"{repo_id}: space_template={space_template!r} is only for Spaces; pass repo_type='space'."
            )
        template = await find_space_template(io, space_template, space_sdk)
        space_template, space_sdk = template.repo_id, template.sdk or space_sdk
        if wanted is None and template.preferred_private:
            private = True
    if repo_type == "space" and not space_sdk:
        raise ValueError(f"{repo_id}: a Space needs an SDK; pass space_sdk='gradio', 'docker' or 'static'.")
    check_choice("space_sdk", space_sdk, SPACE_SDKS)
    if repo_type != "space":
        warn_of_ignored(
            repo_id,
            space_sdk=space_sdk,
            space_hardware=space_hardware,
            space_storage=space_storage,
            space_sleep_time=space_sleep_time,
            space_secrets=space_secrets,
            space_variables=space_variables,
            space_volumes=space_volumes,
        )
        space_sdk = space_hardware = space_storage = space_sleep_time = space_secrets = space_variables = None
        space_volumes = None
    warn_of_ignored_sleep_time(repo_id, space_hardware, space_sleep_time)
    owner, name = _owner_and_name(repo_id)
    creation = operations.create_repo(
        name=name,
        organization=owner,
        repo_type=repo_type,
        private=private,
        visibility=visibility,
        resource_group_id=resource_group_id,
        region=region,
        sdk=space_sdk,
        hardware=space_hardware,
        storage_tier=space_storage,
        sleep_time_seconds=space_sleep_time,
        secrets=None if space_secrets is None else [SpaceSecretInput(**secret) for secret in space_secrets],
        variables=None if space_variables is None else [SpaceVariableInput(**variable) for variable in space_variables],
        volumes=None if space_volumes is None else list(space_volumes),
        template=space_template,
    )
    try:
        url = (await _create_with_retries(io, with_repo_id(creation, repo_id))).url
    except HfHubHTTPError as error:
        existing = await _find_existing_repo(io, error, repo_id, repo_type) if exist_ok else None
        if existing is None:
            raise
        url = existing
    return repo_url(io, url)


def repo_url(io: Io, url: str) -> RepoUrl:
    """Return the URL of a repository in a response as a `RepoUrl` at the client's endpoint.

    Raises:
        ProtocolError: The text is not the URL of a repository.
    """
    endpoint = io.settings.endpoint
    try:
        absolute = hub_url(url, io.settings)
        if not absolute.startswith(f"{endpoint}/"):  # behind a proxy, a Hub may not know its own host name
            absolute = endpoint + parse_url(absolute).path
        return RepoUrl(absolute, endpoint=endpoint)
    except ValueError as error:
        raise ProtocolError(
            f"repos.create_repo: {display_url(endpoint)} returned {display_url(url)} as the URL of the repository, "
            "which is not a repository URL."
        ) from error


def warn_of_ignored(repo_id: str, **given: object) -> None:
    """Warn about arguments for Spaces that are given for a model or dataset."""
    names = ", ".join(name for name, value in given.items() if value is not None)
    if names:
        warn(f"{repo_id} is not a Space, so these arguments are ignored: {names}.")


async def _create_with_retries(io: Io, creation: Call[CreatedRepo]) -> CreatedRepo:
    """Create a repository, with retries while another operation on its name is in progress."""
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
    return BUSY_MESSAGE in (error.server_message or "")


async def _find_existing_repo(io: Io, error: HfHubHTTPError, repo_id: str, repo_type: RepoType | None) -> str | None:
    """Return the URL of the existing repository, or ``None`` if creation failed for another reason."""
    status = error.response.status_code
    default = f"{io.settings.endpoint}/{path.web_type(repo_type)}{repo_id}"
    if status == 409 and not _is_busy(error):
        return existing_repo_url(error.response) or default
    # Without an owner, the name would be looked up as a canonical repository.
    if status in (401, 403) and "/" in repo_id:
        try:
            await repo_info(io, repo_id, repo_type=repo_type)
        except HfHubHTTPError:
            return None  # the caller raises the first error, which is more specific
        return default
    return None


def existing_repo_url(response: HubResponse) -> str | None:
    """Return the URL of the existing repository in a response of the Hub, if it contains one."""
    try:
        url: object = response.json()["url"]
    except (ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None


async def delete_repo(io: Io, repo_id: str, *, repo_type: RepoType | None = None, missing_ok: bool = False) -> None:
    """Delete a repository permanently.

    Args:
        repo_id: Name, ``owner/name``; the owner defaults to the account of the token.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        missing_ok: Ignore a missing repository, instead of raising an error.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
    """
    path.repo_type(repo_type)  # checked before any request, because the body is not validated
    owner, name = _owner_and_name(repo_id)
    deletion = operations.delete_repo(name=name, organization=owner, repo_type=repo_type)
    try:
        await execute(io, with_repo_id(deletion, repo_id))
    except RepositoryNotFoundError as error:
        if not missing_ok or isinstance(error, GatedRepoError):
            raise


def _owner_and_name(repo_id: str) -> tuple[str | None, str]:
    owner, _, name = path.checked_repo_id(repo_id).rpartition("/")
    return owner or None, name


@narrowed(
    {"model": "model_info", "dataset": "dataset_info", "space": "space_info", "kernel": "kernel_info"},
    blobs="files_metadata",
)
async def repo_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    repo_type: RepoType | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[ExpandModelProperty | ExpandDatasetProperty | ExpandSpaceProperty] | None = None,
) -> ModelInfo | DatasetInfo | SpaceInfo | KernelInfo:
    """Get the info of a repository.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        files_metadata: Also return the size, blob id and LFS data of each file.
        expand: Fields to return, by their JSON names; all others are omitted.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``, or one of them for a kernel.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    if repo_type == "kernel":
        if files_metadata or expand:
            raise ValueError(
                f"The info of the kernel {repo_id} has fixed fields: omit files_metadata= and expand=; "
                "list_repo_tree returns the sizes of files."
            )
        return await kernels.kernel_info(io, repo_id, revision=revision, timeout=timeout)
    infos: dict[str, Callable[..., Awaitable[ModelInfo | DatasetInfo | SpaceInfo]]] = {
        "model": models.model_info,
        "dataset": datasets.dataset_info,
        "space": space_info,
    }
    info = infos[path.repo_type(repo_type)]
    return await info(io, repo_id, revision=revision, timeout=timeout, files_metadata=files_metadata, expand=expand)


async def repo_exists(io: Io, repo_id: str, *, repo_type: RepoType | None = None) -> bool:
    """Return whether a repository exists and is visible to the token; gated repositories count.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
    """
    try:
        await repo_info(io, repo_id, repo_type=repo_type)
    except RepositoryNotFoundError as error:
        return isinstance(error, GatedRepoError)
    return True


async def revision_exists(io: Io, repo_id: str, revision: str, *, repo_type: RepoType | None = None) -> bool:
    """Return whether a revision of a repository exists and is visible to the token.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
    """
    try:
        await repo_info(io, repo_id, revision=revision, repo_type=repo_type)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        return False
    return True
