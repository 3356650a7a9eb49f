"""Create, list, update and delete Inference Endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows.inference_endpoints.endpoint import InferenceEndpointState, InferenceEndpointType
from hub_typed.flows.inference_endpoints.hardware import InferenceEndpointHardware
from hub_typed.flows.inference_endpoints.images import image_of
from hub_typed.flows.inference_endpoints.requests import (
    EndpointChanges,
    InferenceEndpointScalingMetric,
    listed,
    mapped,
    measure_of,
    resume_info,
    route_of,
    update_info,
)
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import (
    InferenceEndpointCompute,
    InferenceEndpointModel,
    InferenceEndpointProvider,
    InferenceEndpointScaling,
    PrivateService,
)
from hub_typed_api.operations import inference_endpoints as operations, users

__all__ = [
    "create_inference_endpoint",
    "delete_inference_endpoint",
    "get_inference_endpoint",
    "list_inference_endpoints",
    "list_inference_endpoints_hardware",
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
    private_link_account_id: str | None = None,
    private_link_region: str | None = None,
    min_replica: int = 0,
    max_replica: int = 1,
    scaling_metric: InferenceEndpointScalingMetric | str | None = None,
    scaling_threshold: float | None = None,
    scale_to_zero_timeout: int | None = 15,
    revision: str | None = None,
    task: str | None = None,
    custom_image: Mapping[str, Any] | None = None,
    container_registry_username: str | None = None,
    container_registry_password: str | None = None,
    container_command: Sequence[str] | None = None,
    container_args: Sequence[str] | None = None,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    type: InferenceEndpointType | str = "authenticated",
    domain: str | None = None,
    path: str | None = None,
    cache_http_responses: bool | None = None,
    tags: Sequence[str] | None = None,
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
        account_id: Cloud account from which a private endpoint is accessible; newer services want
            ``private_link_account_id``.
        private_link_account_id: AWS account from which the endpoint is accessible through PrivateLink.
        private_link_region: AWS region of that access, which may differ from the region of the endpoint.
        min_replica: Minimum number of replicas; with 0, the endpoint scales to zero when idle.
        max_replica: Maximum number of replicas.
        scaling_metric: What decides on further replicas; chosen by the service if not given.
        scaling_threshold: Value of the metric from which there are further replicas.
        scale_to_zero_timeout: Minutes without a request before the endpoint scales to zero; ``None`` for never.
        revision: Commit of the model; the latest if not given.
        task: Task, for example ``text-classification``; that of the model if not given.
        custom_image: Container image with ``url`` and, for example, ``health_route`` and ``env``; or the settings of
            an engine by its name, for example ``{"vLLM": {"url": ...}}``.
        container_registry_username: User of the registry of a custom image.
        container_registry_password: Password of that user.
        container_command: Command of the container, instead of that of the image.
        container_args: Arguments of the command.
        env: Public environment variables of the container.
        secrets: Secret environment variables of the container.
        type: Who may send requests to the endpoint.
        domain: Custom domain of the endpoint.
        path: Path of the endpoint below its domain, beginning with a slash.
        cache_http_responses: Whether the service caches responses.
        tags: Tags of the endpoint.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        ValueError: One argument of a pair is missing: those of PrivateLink, or of the registry and its image.
        BadRequestError: The hardware is not available, or the name exists (400).
        HfHubHTTPError: The token lacks permission, or the account has no payment method (401, 403).
    """
    if (private_link_account_id is None) != (private_link_region is None):
        raise ValueError(f"{name}: pass both private_link_account_id and private_link_region, or none of them.")
    image = image_of(custom_image, container_registry_username, container_registry_password)
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
                min_replica=min_replica,
                max_replica=max_replica,
                scale_to_zero_timeout=scale_to_zero_timeout,
                measure=measure_of(scaling_metric, scaling_threshold),
            ),
        ),
        model=InferenceEndpointModel(
            repository=repository,
            framework=framework,
            revision=revision,
            task=task,
            image=image,
            command=listed(container_command),
            args=listed(container_args),
            env=mapped(env),
            secrets=mapped(secrets),
        ),
        account_id=account_id,
        private_service=PrivateService(account_id=private_link_account_id, region=private_link_region)
        if private_link_account_id and private_link_region
        else None,
        route=route_of(domain, path),
        cache_http_responses=cache_http_responses,
        tags=listed(tags),
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
    scaling_metric: InferenceEndpointScalingMetric | str | None = None,
    scaling_threshold: float | None = None,
    repository: str | None = None,
    framework: str | None = None,
    revision: str | None = None,
    task: str | None = None,
    custom_image: Mapping[str, Any] | None = None,
    container_command: Sequence[str] | None = None,
    container_args: Sequence[str] | None = None,
    tensor_parallel_size: int | None = None,
    data_parallel_size: int | None = None,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    domain: str | None = None,
    path: str | None = None,
    cache_http_responses: bool | None = None,
    tags: Sequence[str] | None = None,
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
        scaling_metric: What decides on further replicas.
        scaling_threshold: Value of the metric from which there are further replicas.
        repository: Name of the model, ``owner/name``.
        framework: Framework, for example ``pytorch`` or ``custom``.
        revision: Commit of the model.
        task: Task, for example ``text-classification``.
        custom_image: Container image; see `create_inference_endpoint`.
        container_command: Command of the container, instead of that of the image.
        container_args: Arguments of the command.
        tensor_parallel_size: Number of accelerators that each tensor is divided among, for the engines that can.
        data_parallel_size: Number of copies of the model on different accelerators, for the engines that can.
        env: Public environment variables of the container.
        secrets: Secret environment variables of the container.
        domain: Custom domain of the endpoint.
        path: Path of the endpoint below its domain, beginning with a slash.
        cache_http_responses: Whether the service caches responses.
        tags: Tags of the endpoint.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        ValueError: A parallel size is given without an image, and the current one has credentials.
        BadRequestError: The hardware is not available (400).
        HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    changes = EndpointChanges(
        accelerator=accelerator,
        instance_size=instance_size,
        instance_type=instance_type,
        min_replica=min_replica,
        max_replica=max_replica,
        scale_to_zero_timeout=scale_to_zero_timeout,
        scaling_metric=scaling_metric,
        scaling_threshold=scaling_threshold,
        repository=repository,
        framework=framework,
        revision=revision,
        task=task,
        custom_image=custom_image,
        container_command=container_command,
        container_args=container_args,
        tensor_parallel_size=tensor_parallel_size,
        data_parallel_size=data_parallel_size,
        env=env,
        secrets=secrets,
        domain=domain,
        path=path,
        cache_http_responses=cache_http_responses,
        tags=tags,
    )
    info = await update_info(io, owner, name, changes)
    return InferenceEndpointState.of(info, owner, io)


async def list_inference_endpoints_hardware(io: Io, *, namespace: str | None = None) -> list[InferenceEndpointHardware]:
    """List the hardware that Inference Endpoints of an account can run on, with prices, also what is not available.

    Args:
        namespace: User or organization, whose quota counts; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    found = await execute(io, operations.list_inference_endpoints_hardware(owner))
    return [
        InferenceEndpointHardware.of(compute, vendor.name, region.name)
        for vendor in found.vendors
        for region in vendor.regions
        for compute in region.computes
    ]


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
