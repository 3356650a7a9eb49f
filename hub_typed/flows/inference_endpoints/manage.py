"""Create, list, update and delete Inference Endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows.inference_endpoints.endpoint import InferenceEndpointState, InferenceEndpointType
from hub_typed.flows.inference_endpoints.requests import image_of, resume_info, update_info
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import (
    InferenceEndpointCompute,
    InferenceEndpointModel,
    InferenceEndpointProvider,
    InferenceEndpointScaling,
)
from hub_typed_api.operations import inference_endpoints as operations
from hub_typed_api.operations import users

__all__ = [
    "create_inference_endpoint",
    "delete_inference_endpoint",
    "get_inference_endpoint",
    "list_inference_endpoints",
    "pause_inference_endpoint",
    "resume_inference_endpoint",
    "scale_to_zero_inference_endpoint",
    "update_inference_endpoint",
]


async def list_inference_endpoints(io: Io, namespace: str | None = None) -> list[InferenceEndpointState]:
    """List the Inference Endpoints of an account.

    Args:
        namespace: User or organization; the account of the token if not given, ``*`` for that and all its
            organizations, except those that the token may not list.

    Raises:
        HfHubHTTPError: The token lacks permission, or the account has no payment method (401, 403).
    """

    async def endpoints_of(owner: str) -> list[InferenceEndpointState]:
        found = await execute(io, operations.list_inference_endpoints(owner))
        return [InferenceEndpointState.of(info, owner, io) for info in found.items]

    async def endpoints_of_organization(owner: str) -> list[InferenceEndpointState]:
        try:
            return await endpoints_of(owner)
        except HfHubHTTPError as error:
            if error.response.status_code not in (401, 403):
                raise
            _log.info("Skipping the Inference Endpoints of %s, which the token cannot list: %s", owner, error)
            return []

    if namespace != "*":
        return await endpoints_of(namespace or await own_namespace(io))
    account = await execute(io, users.whoami())
    own = await endpoints_of(account.name)
    others = await io.each(endpoints_of_organization, [one.name for one in account.orgs or ()])
    return [*own, *(endpoint for found in others for endpoint in found)]


async def create_inference_endpoint(
    io: Io,
    name: str,
    *,
    repository: str,
    framework: str,
    accelerator: str,
    instance_size: str,
    instance_type: str,
    region: str,
    vendor: str,
    account_id: str | None = None,
    min_replica: int = 0,
    max_replica: int = 1,
    scale_to_zero_timeout: int | None = 15,
    revision: str | None = None,
    task: str | None = None,
    custom_image: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    type: InferenceEndpointType | str = "protected",
    namespace: str | None = None,
) -> InferenceEndpointState:
    """Create an Inference Endpoint; it is billed while it is running.

    Args:
        name: Name, unique in the namespace.
        repository: Name of the model, ``owner/name``.
        framework: Framework, for example ``pytorch`` or ``custom``.
        accelerator: ``cpu``, ``gpu`` or ``neuron``.
        instance_size: Size of the instance, for example ``x2``.
        instance_type: Type of the instance, for example ``intel-icl``.
        region: Region of the vendor, for example ``us-east-1``.
        vendor: Cloud vendor, for example ``aws``.
        account_id: Cloud account from which a private endpoint is accessible.
        min_replica: Minimum number of replicas; with 0, the endpoint scales to zero when idle.
        max_replica: Maximum number of replicas.
        scale_to_zero_timeout: Minutes without a request before the endpoint scales to zero; ``None`` for never.
        revision: Commit of the model; the latest if not given.
        task: Task, for example ``text-classification``; that of the model if not given.
        custom_image: Container image with ``url`` and, for example, ``health_route`` and ``env``.
        secrets: Secret environment variables of the container.
        type: Who may send requests to the endpoint.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        BadRequestError: The hardware is not available, or the name exists (400).
        HfHubHTTPError: The token lacks permission, or the account has no payment method (401, 403).
    """
    owner = namespace or await own_namespace(io)
    call = operations.create_inference_endpoint(
        owner,
        name=name,
        type=str(type),
        provider=InferenceEndpointProvider(vendor=vendor, region=region),
        compute=InferenceEndpointCompute(
            accelerator=accelerator,
            instance_size=instance_size,
            instance_type=instance_type,
            scaling=InferenceEndpointScaling(
                min_replica=min_replica, max_replica=max_replica, scale_to_zero_timeout=scale_to_zero_timeout
            ),
        ),
        model=InferenceEndpointModel(
            repository=repository,
            framework=framework,
            revision=revision,
            task=task,
            image=image_of(custom_image),
            secrets=None if secrets is None else dict(secrets),
        ),
        account_id=account_id,
    )
    return InferenceEndpointState.of(await execute(io, call), owner, io)


async def get_inference_endpoint(io: Io, name: str, *, namespace: str | None = None) -> InferenceEndpointState:
    """Get an Inference Endpoint and its status.

    Args:
        name: Name of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return InferenceEndpointState.of(await execute(io, operations.get_inference_endpoint(owner, name)), owner, io)


async def update_inference_endpoint(
    io: Io,
    name: str,
    *,
    accelerator: str | None = None,
    instance_size: str | None = None,
    instance_type: str | None = None,
    min_replica: int | None = None,
    max_replica: int | None = None,
    scale_to_zero_timeout: int | None = None,
    repository: str | None = None,
    framework: str | None = None,
    revision: str | None = None,
    task: str | None = None,
    custom_image: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    namespace: str | None = None,
) -> InferenceEndpointState:
    """Update the hardware or the model of an Inference Endpoint; arguments that are not given stay unchanged.

    Args:
        name: Name of the endpoint.
        accelerator: ``cpu``, ``gpu`` or ``neuron``.
        instance_size: Size of the instance, for example ``x2``.
        instance_type: Type of the instance, for example ``intel-icl``.
        min_replica: Minimum number of replicas; with 0, the endpoint scales to zero when idle.
        max_replica: Maximum number of replicas.
        scale_to_zero_timeout: Minutes without a request before the endpoint scales to zero.
        repository: Name of the model, ``owner/name``.
        framework: Framework, for example ``pytorch`` or ``custom``.
        revision: Commit of the model.
        task: Task, for example ``text-classification``.
        custom_image: Container image with ``url`` and, for example, ``health_route`` and ``env``.
        secrets: Secret environment variables of the container.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        BadRequestError: The hardware is not available (400).
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    info = await update_info(
        io,
        owner,
        name,
        accelerator=accelerator,
        instance_size=instance_size,
        instance_type=instance_type,
        min_replica=min_replica,
        max_replica=max_replica,
        scale_to_zero_timeout=scale_to_zero_timeout,
        repository=repository,
        framework=framework,
        revision=revision,
        task=task,
        custom_image=custom_image,
        secrets=secrets,
    )
    return InferenceEndpointState.of(info, owner, io)


async def delete_inference_endpoint(io: Io, name: str, *, namespace: str | None = None) -> None:
    """Delete an Inference Endpoint permanently; pausing it is enough to stop the billing.

    Args:
        name: Name of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    await execute(io, operations.delete_inference_endpoint(owner, name))


async def pause_inference_endpoint(io: Io, name: str, *, namespace: str | None = None) -> InferenceEndpointState:
    """Pause an Inference Endpoint; it is not billed until it is resumed.

    Args:
        name: Name of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return InferenceEndpointState.of(await execute(io, operations.pause_inference_endpoint(owner, name)), owner, io)


async def resume_inference_endpoint(
    io: Io, name: str, *, namespace: str | None = None, running_ok: bool = True
) -> InferenceEndpointState:
    """Resume a paused Inference Endpoint.

    Args:
        name: Name of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.
        running_ok: Whether an endpoint that is already running is not an error.

    Raises:
        BadRequestError: The endpoint is already running, and ``running_ok`` is false (400).
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return InferenceEndpointState.of(await resume_info(io, owner, name, running_ok=running_ok), owner, io)


async def scale_to_zero_inference_endpoint(
    io: Io, name: str, *, namespace: str | None = None
) -> InferenceEndpointState:
    """Scale an Inference Endpoint to zero; it is not billed, and the next request to it starts it again.

    Args:
        name: Name of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return InferenceEndpointState.of(
        await execute(io, operations.scale_to_zero_inference_endpoint(owner, name)), owner, io
    )
