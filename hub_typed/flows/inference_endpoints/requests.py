"""Requests to the service of Inference Endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hub_typed.errors import HfHubHTTPError, ProtocolError, TransportError
from hub_typed.http.io import Io
from hub_typed.http.requests import server_url
from hub_typed.http.send import execute
from hub_typed.settings import INFERENCE_ENDPOINTS
from hub_typed.urls.url import InvalidUrlError, Url, display_url, parse_url
from hub_typed_api.models import (
    InferenceEndpointCompute,
    InferenceEndpointInfo,
    InferenceEndpointScaling,
    UpdateInferenceEndpointModel,
)
from hub_typed_api.operations import inference_endpoints as operations

__all__: list[str] = []

DOMAIN = ".endpoints.huggingface.cloud"
"""Domain of the deployed endpoints, which may receive the token."""


def image_of(custom_image: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Return the container of an endpoint: a custom image, or that of the service."""
    return {"huggingface": {}} if custom_image is None else {"custom": dict(custom_image)}


async def update_info(
    io: Io,
    namespace: str,
    name: str,
    *,
    accelerator: str | None,
    instance_size: str | None,
    instance_type: str | None,
    min_replica: int | None,
    max_replica: int | None,
    scale_to_zero_timeout: int | None,
    repository: str | None,
    framework: str | None,
    revision: str | None,
    task: str | None,
    custom_image: Mapping[str, Any] | None,
    secrets: Mapping[str, str] | None,
) -> InferenceEndpointInfo:
    """Update an endpoint; arguments that are ``None`` stay unchanged."""
    scaling = InferenceEndpointScaling(
        min_replica=min_replica, max_replica=max_replica, scale_to_zero_timeout=scale_to_zero_timeout
    )
    has_scaling = (min_replica, max_replica, scale_to_zero_timeout) != (None, None, None)
    compute = InferenceEndpointCompute(
        accelerator=accelerator,
        instance_size=instance_size,
        instance_type=instance_type,
        scaling=scaling if has_scaling else None,
    )
    model = UpdateInferenceEndpointModel(
        repository=repository,
        framework=framework,
        revision=revision,
        task=task,
        image=None if custom_image is None else image_of(custom_image),
        secrets=None if secrets is None else dict(secrets),
    )
    call = operations.update_inference_endpoint(
        namespace,
        name,
        compute=None if compute == InferenceEndpointCompute() else compute,
        model=None if model == UpdateInferenceEndpointModel() else model,
    )
    return await execute(io, call)


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
