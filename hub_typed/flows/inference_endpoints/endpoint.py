"""State of an Inference Endpoint, and the requests that change it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Self

import attrs

from hub_typed.errors import InferenceEndpointError, InferenceEndpointTimeoutError
from hub_typed.flows.inference_endpoints.requests import EndpointChanges, is_healthy, resume_info, update_info
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed_api.codec.inference_endpoints import unstructure_inference_endpoint_info
from hub_typed_api.models import InferenceEndpointInfo
from hub_typed_api.operations import inference_endpoints as operations

__all__ = ["InferenceEndpointStatus", "InferenceEndpointType"]

HEALTH_SECONDS = 30.0
"""Longest time to wait for the response to a health check."""


class InferenceEndpointStatus(StrEnum):
    """States of an Inference Endpoint; responses contain strings, which equal one of these or are newer."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    UPDATING = "updating"
    UPDATE_FAILED = "updateFailed"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    SCALED_TO_ZERO = "scaledToZero"


class InferenceEndpointType(StrEnum):
    """Who may send requests to an Inference Endpoint; newer types can be passed as strings."""

    PUBlIC = "public"  # as huggingface_hub spells it
    PUBLIC = "public"
    PROTECTED = "protected"
    AUTHENTICATED = "authenticated"
    PRIVATE = "private"


@attrs.define(eq=False, repr=False)
class InferenceEndpointState:
    """State of an endpoint as of the last response. Each client has a subclass with methods.

    Attributes:
        name: Name, unique in the namespace.
        namespace: User or organization that owns it.
        repository: Name of the model.
        status: State, an `InferenceEndpointStatus` or a newer one.
        health_route: Path of the health check below ``url``; ``None`` for the root.
        url: URL of the endpoint; ``None`` before it is deployed.
        framework: Framework, for example ``pytorch``.
        revision: Commit of the model; ``None`` if the service did not return one.
        task: Task, for example ``text-generation``; ``None`` if the service did not return one.
        created_at: Time of creation.
        updated_at: Time of the last update.
        type: Who may send requests, an `InferenceEndpointType` or a newer one.
        raw: The response as JSON.
        info: The response.
        io: Sends the requests of the methods.
    """

    name: str
    namespace: str
    repository: str
    status: InferenceEndpointStatus | str
    health_route: str | None
    url: str | None
    framework: str
    revision: str | None
    task: str | None
    created_at: datetime
    updated_at: datetime
    type: InferenceEndpointType | str
    raw: dict[str, Any]
    info: InferenceEndpointInfo
    io: Io

    @classmethod
    def of(cls, info: InferenceEndpointInfo, namespace: str, io: Io) -> Self:
        """Build an endpoint from a response."""
        made = cls.__new__(cls)
        made.namespace, made.io = namespace, io
        return made._set(info)  # noqa: SLF001  # its own

    @classmethod
    def of_state(cls, state: InferenceEndpointState) -> Self:
        """Build an endpoint from the result of a flow."""
        return cls.of(state.info, state.namespace, state.io)

    @property
    def client(self) -> NoReturn:
        """Not available: hub-typed manages endpoints, but does not send inference requests.

        Raises:
            InferenceEndpointError: Always; the message names packages that send inference requests.
        """
        raise _no_client(self, "InferenceClient")

    @property
    def async_client(self) -> NoReturn:
        """Not available: hub-typed manages endpoints, but does not send inference requests.

        Raises:
            InferenceEndpointError: Always; the message names packages that send inference requests.
        """
        raise _no_client(self, "AsyncInferenceClient")

    def _set(self, info: InferenceEndpointInfo) -> Self:
        """Replace all attributes by those of a response; what it lacks of ``model`` and ``status`` is unset."""
        self.info, self.raw = info, unstructure_inference_endpoint_info(info)
        self.name, self.health_route = info.name, info.health_route
        self.type = _known(InferenceEndpointType, info.type)
        self.url = info.status.url or None
        for name, (part, member) in _SOURCES.items():
            if hasattr(self, name):
                delattr(self, name)
            with suppress(AttributeError):
                setattr(self, name, getattr(getattr(info, part), member))
        if hasattr(self, "status"):
            self.status = _known(InferenceEndpointStatus, self.status)
        return self

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in _SOURCES:
                raise AttributeError(f"the service did not send a valid {name!r} of this endpoint", name=name, obj=self)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __repr__(self) -> str:
        shown = ("name", "namespace", "repository", "status", "health_route", "url")
        members = [f"{name}={getattr(self, name)!r}" for name in shown if hasattr(self, name)]
        return f"{type(self).__name__}({', '.join(members)})"

    async def _fetch(self) -> Self:
        return self._set(await execute(self.io, operations.get_inference_endpoint(self.namespace, self.name)))

    async def _wait(self, timeout: float | None, refresh_every: float) -> Self:
        if timeout is not None and timeout < 0:
            raise ValueError(f"timeout must be a number of seconds, at least 0, not {timeout!r}.")
        if refresh_every <= 0:
            raise ValueError(f"refresh_every must be a number of seconds above 0, not {refresh_every!r}.")
        io = self.io
        start = io.now()
        while True:
            left = float("inf") if timeout is None else start + timeout - io.now()
            status = getattr(self, "status", "in an unknown state")
            if status in _ENDED:
                raise InferenceEndpointError(f"{self._title()} does not start: it is {status}. {self._reason()}")
            if self.url is not None and await is_healthy(
                io, self.url, self.health_route, max(0.5, min(left, HEALTH_SECONDS))
            ):
                return self
            if left <= 0:
                raise InferenceEndpointTimeoutError(
                    f"{self._title()} is still {status} after {timeout:g} s: wait again, or pause or delete it."
                )
            _log.info("%s is %s; waiting %g s", self._title(), status, refresh_every)
            await io.sleep(min(refresh_every, left))
            await self._fetch()

    async def _update(self, **changes: Any) -> Self:
        return self._set(await update_info(self.io, self.namespace, self.name, EndpointChanges(**changes)))

    async def _pause(self) -> Self:
        return self._set(await execute(self.io, operations.pause_inference_endpoint(self.namespace, self.name)))

    async def _resume(self, running_ok: bool) -> Self:
        return self._set(await resume_info(self.io, self.namespace, self.name, running_ok=running_ok))

    async def _scale_to_zero(self) -> Self:
        call = operations.scale_to_zero_inference_endpoint(self.namespace, self.name)
        return self._set(await execute(self.io, call))

    async def _delete(self) -> None:
        await execute(self.io, operations.delete_inference_endpoint(self.namespace, self.name))

    def _title(self) -> str:
        return f"The Inference Endpoint {self.namespace}/{self.name}"

    def _reason(self) -> str:
        if self.status == InferenceEndpointStatus.PAUSED:
            return "Call resume() first."
        message = self.info.status.message
        return f"The service reports: {message}" if message else "See its logs in the web interface."


_ENDED = (
    InferenceEndpointStatus.FAILED,
    InferenceEndpointStatus.UPDATE_FAILED,
    InferenceEndpointStatus.PAUSED,
)
"""States that no longer change by themselves."""


_SOURCES = {
    "repository": ("model", "repository"),
    "framework": ("model", "framework"),
    "revision": ("model", "revision"),
    "task": ("model", "task"),
    "status": ("status", "state"),
    "created_at": ("status", "created_at"),
    "updated_at": ("status", "updated_at"),
}
"""Attributes whose members are those of a part of the response."""


def _known(kind: type[StrEnum], value: str) -> StrEnum | str:
    """Return the member of an enum; a newer value is returned unchanged."""
    try:
        return kind(value)
    except ValueError:
        return value


def _no_client(endpoint: InferenceEndpointState, name: str) -> InferenceEndpointError:
    where = f"at {endpoint.url}" if endpoint.url else "once it is deployed"
    return InferenceEndpointError(
        f"hub-typed does not send inference requests. Send them to {endpoint.namespace}/{endpoint.name} {where} with "
        f"huggingface_hub.{name}(endpoint.url, token=...), or with the openai package for text generation."
    )
