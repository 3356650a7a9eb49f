"""Requests to the service of Inference Endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import attrs

from hub_typed.errors import HfHubHTTPError, ProtocolError, TransportError
from hub_typed.flows.inference_endpoints.images import image_of, with_parallelism
from hub_typed.http.io import Io
from hub_typed.http.requests import server_url
from hub_typed.http.send import execute
from hub_typed.settings import INFERENCE_ENDPOINTS
from hub_typed.urls.url import InvalidUrlError, Url, display_url, parse_url
from hub_typed_api.models import (
    InferenceEndpointCompute,
    InferenceEndpointInfo,
    InferenceEndpointRoute,
    InferenceEndpointScaling,
    UpdateInferenceEndpointModel,
)
from hub_typed_api.operations import inference_endpoints as operations

__all__ = ["InferenceEndpointScalingMetric"]

DOMAIN = ".endpoints.huggingface.cloud"
"""Domain of the deployed endpoints, which may receive the token."""


class InferenceEndpointScalingMetric(StrEnum):
    """What decides whether an Inference Endpoint gets further replicas; newer metrics can be passed as strings."""

    PENDING_REQUESTS = "pendingRequests"
    HARDWARE_USAGE = "hardwareUsage"


@attrs.frozen(kw_only=True)
class EndpointChanges:
    """Changes of an endpoint; ``None`` leaves it unchanged."""

    accelerator: str | None = None
    instance_size: str | None = None
    instance_type: str | None = None
    min_replica: int | None = None
    max_replica: int | None = None
    scale_to_zero_timeout: int | None = None
    scaling_metric: InferenceEndpointScalingMetric | str | None = None
    scaling_threshold: float | None = None
    repository: str | None = None
    framework: str | None = None
    revision: str | None = None
    task: str | None = None
    custom_image: Mapping[str, Any] | None = None
    container_command: Sequence[str] | None = None
    container_args: Sequence[str] | None = None
    tensor_parallel_size: int | None = None
    data_parallel_size: int | None = None
    env: Mapping[str, str] | None = None
    secrets: Mapping[str, str] | None = None
    domain: str | None = None
    path: str | None = None
    cache_http_responses: bool | None = None
    tags: Sequence[str] | None = None


async def update_info(io: Io, namespace: str, name: str, changes: EndpointChanges) -> InferenceEndpointInfo:
    """Update an endpoint.

    Raises:
        ValueError: Parallel sizes are given without an image, and the current one has credentials, which the service
            does not return.
    """
    scaling = InferenceEndpointScaling(
        min_replica=changes.min_replica,
        max_replica=changes.max_replica,
        scale_to_zero_timeout=changes.scale_to_zero_timeout,
        measure=measure_of(changes.scaling_metric, changes.scaling_threshold),
    )
    compute = InferenceEndpointCompute(
        accelerator=changes.accelerator,
        instance_size=changes.instance_size,
        instance_type=changes.instance_type,
        scaling=None if scaling == InferenceEndpointScaling() else scaling,
    )
    model = UpdateInferenceEndpointModel(
        repository=changes.repository,
        framework=changes.framework,
        revision=changes.revision,
        task=changes.task,
        image=await _changed_image(io, namespace, name, changes),
        command=listed(changes.container_command),
        args=listed(changes.container_args),
        env=mapped(changes.env),
        secrets=mapped(changes.secrets),
    )
    call = operations.update_inference_endpoint(
        namespace,
        name,
        compute=None if compute == InferenceEndpointCompute() else compute,
        model=None if model == UpdateInferenceEndpointModel() else model,
        route=route_of(changes.domain, changes.path),
        cache_http_responses=changes.cache_http_responses,
        tags=listed(changes.tags),
    )
    return await execute(io, call)


async def _changed_image(
    io: Io, namespace: str, name: str, changes: EndpointChanges
) -> dict[str, dict[str, Any]] | None:
    custom = changes.custom_image
    sizes = changes.tensor_parallel_size, changes.data_parallel_size
    image = None if custom is None else image_of(custom)
    if sizes == (None, None):
        return image
    if image is None:
        present = await execute(io, operations.get_inference_endpoint(namespace, name))
        image = present.model.image or {}
        if any("credentials" in settings for settings in image.values()):
            raise ValueError(
                f"{name}: the parallel sizes are sent with the whole image, whose credentials the service does not "
                "return: pass custom_image, too."
            )
    return with_parallelism(name, image, *sizes)


def measure_of(metric: str | None, threshold: float | None) -> dict[str, float | None] | None:
    """Return what decides on further replicas: a threshold, or the default of the service, by metric."""
    return None if metric is None else {str(metric): threshold}


def route_of(domain: str | None, path: str | None) -> InferenceEndpointRoute | None:
    """Return the custom URL of an endpoint, if any of its parts is given."""
    return None if domain is None and path is None else InferenceEndpointRoute(domain=domain, path=path)


def listed(values: Sequence[str] | None) -> list[str] | None:
    """Return a list for the body of a request."""
    return None if values is None else list(values)


def mapped(values: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return an object for the body of a request."""
    return None if values is None else dict(values)


async def resume_info(io: Io, namespace: str, name: str, *, running_ok: bool) -> InferenceEndpointInfo:
    """Resume an endpoint; one that is already running is an error unless ``running_ok`` is set."""
    try:
        return await execute(io, operations.resume_inference_endpoint(namespace, name))
    except HfHubHTTPError as error:
        if not running_ok or error.response.status_code != 400:
            raise
        if "already running" not in error.response.text:
            raise
    return await execute(io, operations.get_inference_endpoint(namespace, name))


async def is_healthy(io: Io, url: str, health_route: str | None, seconds: float) -> bool:
    """Whether an endpoint responds to a health check with success.

    Args:
        seconds: Time to wait for the response.

    Raises:
        ProtocolError: The URL of the endpoint is invalid.
    """
    try:
        target = parse_url(url.rstrip("/") + (health_route or ""))
    except InvalidUrlError as error:
        raise ProtocolError(f"The service returned the invalid endpoint URL {display_url(url)}: {error}.") from None
    call = operations.inference_endpoint_health(target.text)
    if _may_receive_token(io, target):
        call = attrs.evolve(call, request=attrs.evolve(call.request, server=_origin(target)))
    try:
        await execute(io, call, timeout=seconds, single_attempt=True)
    except (HfHubHTTPError, TransportError):
        return False
    return True


def _may_receive_token(io: Io, url: Url) -> bool:
    """Whether a URL belongs to the deployed endpoints, or to the server that replaces the service in the settings."""
    service = parse_url(server_url(INFERENCE_ENDPOINTS, io.settings))
    return url.origin == service.origin or (url.scheme == "https" and url.host.endswith(DOMAIN))


def _origin(url: Url) -> str:
    return f"{url.scheme}://{url.host}:{url.port}"
