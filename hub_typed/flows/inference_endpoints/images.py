"""Containers of Inference Endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub_typed.logs.warnings import warn

__all__: list[str] = []

TENSOR_PARALLEL: Final = ("sGLang", "vLLM")
DATA_PARALLEL: Final = ("vLLM",)
"""Engines that divide a model among accelerators; the service ignores the settings for others."""


def image_of(
    custom_image: Mapping[str, Any] | None, username: str | None = None, password: str | None = None
) -> dict[str, dict[str, Any]]:
    """Return the container of an endpoint: a custom image, that of an engine, or that of the service.

    Args:
        custom_image: Settings of a custom image, with ``url``; or those of an engine by its name, as ``vLLM``.
        username: User of the registry of a custom image.
        password: Password of that user.

    Raises:
        ValueError: There is a password without a user, or a user without a custom image.
    """
    image: dict[str, dict[str, Any]] = {"huggingface": {}}
    if custom_image is not None:
        image = {"custom": dict(custom_image)} if "url" in custom_image else dict(custom_image)
    if password is not None and username is None:
        raise ValueError("container_registry_password is given without container_registry_username: pass both.")
    if username is None:
        return image
    if "custom" not in image:
        raise ValueError("container_registry_username is only for a custom image: pass custom_image={'url': ...}.")
    credentials = {"username": username} | ({} if password is None else {"password": password})
    return {**image, "custom": {**image["custom"], "credentials": credentials}}


def with_parallelism(
    name: str, image: Mapping[str, Mapping[str, Any]], tensor_parallel_size: int | None, data_parallel_size: int | None
) -> dict[str, dict[str, Any]]:
    """Return a container whose engine divides the model among accelerators.

    Args:
        name: Name of the endpoint, for messages.

    Raises:
        ValueError: There is no container.
    """
    engine = next(iter(image), None)
    if engine is None:
        raise ValueError(f"{name}: the endpoint has no image, which the parallel sizes belong to: pass custom_image.")
    settings = dict(image[engine])
    for size, argument, member, engines in (
        (tensor_parallel_size, "tensor_parallel_size", "tensorParallelSize", TENSOR_PARALLEL),
        (data_parallel_size, "data_parallel_size", "dataParallelSize", DATA_PARALLEL),
    ):
        if size is None:
            continue
        if engine not in engines:
            warn(f"{name}: {argument} is only for {' and '.join(engines)}; the service ignores it for {engine}.")
        settings[member] = size
    return {engine: settings}
