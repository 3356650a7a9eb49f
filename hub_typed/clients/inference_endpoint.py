"""Inference Endpoints with the methods to manage them, for both clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub_typed.clients.default import default_client
from hub_typed.flows.inference_endpoints.endpoint import InferenceEndpointState
from hub_typed.http.io import drive
from hub_typed_api.codec.inference_endpoints import structure_inference_endpoint_info

if TYPE_CHECKING:
    from hub_typed.async_client import AsyncHfApi
    from hub_typed.auth.tokens import Token
    from hub_typed.client import HfApi
    from hub_typed.http.io import Io

__all__ = ["AsyncInferenceEndpoint", "InferenceEndpoint"]


class InferenceEndpoint(InferenceEndpointState):
    """An Inference Endpoint of `HfApi`; its methods send requests and update it in place."""

    __slots__ = ()

    def __init__(self, namespace: str, raw: Mapping[str, Any], _token: Token = None, _api: HfApi | None = None) -> None:
        """Build an endpoint from a response of the service as JSON; see `from_raw`."""
        self.namespace: str = namespace
        self.io: Io = (_api or default_client())._io(_token)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as its methods do
        self._set(structure_inference_endpoint_info(dict(raw)))

    @classmethod
    def from_raw(
        cls, raw: Mapping[str, Any], namespace: str, token: Token = None, api: HfApi | None = None
    ) -> InferenceEndpoint:
        """Build an endpoint from a response of the service as JSON.

        Args:
            raw: The response.
            namespace: User or organization that owns the endpoint.
            token: Token instead of the client's.
            api: Client; the default client if not given.

        Raises:
            TypeError, LookupError: The object is not an endpoint.
        """
        return cls(namespace, raw, token, api)

    def fetch(self) -> InferenceEndpoint:
        """Get the current state of the endpoint.

        Raises:
            HfHubHTTPError: The endpoint does not exist (404), or the token lacks permission (401, 403).
        """
        return drive(self._fetch())

    def wait(self, timeout: float | None = None, refresh_every: float = 5) -> InferenceEndpoint:
        """Wait until the endpoint responds to a health check.

        Args:
            timeout: Seconds to wait; unlimited by default.
            refresh_every: Seconds between two checks.

        Raises:
            InferenceEndpointError: The deployment failed, or the endpoint is paused.
            InferenceEndpointTimeoutError: The endpoint is not ready in time.
            ValueError: ``timeout`` is negative, or ``refresh_every`` is not positive.
        """
        return drive(self._wait(timeout, refresh_every))

    def update(
        self,
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
        container_command: Sequence[str] | None = None,
        container_args: Sequence[str] | None = None,
        tensor_parallel_size: int | None = None,
        data_parallel_size: int | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> InferenceEndpoint:
        """Update the endpoint; see `HfApi.update_inference_endpoint`."""
        return drive(
            self._update(
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
                container_command=container_command,
                container_args=container_args,
                tensor_parallel_size=tensor_parallel_size,
                data_parallel_size=data_parallel_size,
                secrets=secrets,
            )
        )

    def pause(self) -> InferenceEndpoint:
        """Pause the endpoint; it is not billed until `resume` is called."""
        return drive(self._pause())

    def resume(self, running_ok: bool = True) -> InferenceEndpoint:
        """Resume the paused endpoint.

        Args:
            running_ok: Whether an endpoint that is already running is not an error.
        """
        return drive(self._resume(running_ok))

    def scale_to_zero(self) -> InferenceEndpoint:
        """Scale the endpoint to zero; the next request starts it again."""
        return drive(self._scale_to_zero())

    def delete(self) -> None:
        """Delete the endpoint permanently; pausing it is enough to stop the billing."""
        drive(self._delete())


class AsyncInferenceEndpoint(InferenceEndpointState):
    """An Inference Endpoint of `AsyncHfApi`; its methods send requests and update it in place."""

    __slots__ = ()

    def __init__(self, namespace: str, raw: Mapping[str, Any], _token: Token, _api: AsyncHfApi) -> None:
        """Build an endpoint from a response of the service as JSON; see `from_raw`."""
        self.namespace: str = namespace
        self.io: Io = _api._io(_token)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as its methods do
        self._set(structure_inference_endpoint_info(dict(raw)))

    @classmethod
    def from_raw(
        cls, raw: Mapping[str, Any], namespace: str, token: Token = None, *, api: AsyncHfApi
    ) -> AsyncInferenceEndpoint:
        """Build an endpoint from a response of the service as JSON.

        Args:
            raw: The response.
            namespace: User or organization that owns the endpoint.
            token: Token instead of the client's.
            api: Client.

        Raises:
            TypeError, LookupError: The object is not an endpoint.
        """
        return cls(namespace, raw, token, api)

    async def fetch(self) -> AsyncInferenceEndpoint:
        """Get the current state of the endpoint; see `InferenceEndpoint.fetch`."""
        return await self._fetch()

    async def wait(self, timeout: float | None = None, refresh_every: float = 5) -> AsyncInferenceEndpoint:
        """Wait until the endpoint responds to a health check; see `InferenceEndpoint.wait`."""
        return await self._wait(timeout, refresh_every)

    async def update(
        self,
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
        container_command: Sequence[str] | None = None,
        container_args: Sequence[str] | None = None,
        tensor_parallel_size: int | None = None,
        data_parallel_size: int | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> AsyncInferenceEndpoint:
        """Update the endpoint; see `HfApi.update_inference_endpoint`."""
        return await self._update(
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
            container_command=container_command,
            container_args=container_args,
            tensor_parallel_size=tensor_parallel_size,
            data_parallel_size=data_parallel_size,
            secrets=secrets,
        )

    async def pause(self) -> AsyncInferenceEndpoint:
        """Pause the endpoint; it is not billed until `resume` is called."""
        return await self._pause()

    async def resume(self, running_ok: bool = True) -> AsyncInferenceEndpoint:
        """Resume the paused endpoint; see `InferenceEndpoint.resume`."""
        return await self._resume(running_ok)

    async def scale_to_zero(self) -> AsyncInferenceEndpoint:
        """Scale the endpoint to zero; the next request starts it again."""
        return await self._scale_to_zero()

    async def delete(self) -> None:
        """Delete the endpoint permanently; pausing it is enough to stop the billing."""
        await self._delete()
