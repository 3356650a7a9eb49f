"""Inference Endpoints and their life cycle, a function of the time since their last change.

Nothing is deployed: an endpoint passes through the states of the real service as the clock advances.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from hub_typed.local.clocks.clock import AdjustableClock
from hub_typed.local.errors import bad_request, not_found
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.inference_endpoints import (
    structure_inference_endpoint_info,
    unstructure_inference_endpoint_info,
)

__all__ = ["InferenceEndpoints", "StoredEndpoint", "check_scaling"]

PENDING_SECONDS: Final = 1.0
"""Time in the state ``pending`` after the creation."""
START_SECONDS: Final = 2.0
"""Time in the states ``initializing`` and ``updating``."""
_DEPLOYED: Final = ("running", "updating", "updateFailed", "scaledToZero")
"""States in which an endpoint has a URL."""


@attrs.frozen(kw_only=True)
class StoredEndpoint:
    """A stored endpoint.

    Attributes:
        info: The endpoint; its status only has the times and users of creation and update.
        target: State that it has or will reach.
        phase: Last change, which determines the states before the target is reached.
        changed: Time of this change.
        failure: Message of a failed deployment; ``None`` if it did not fail.
    """

    namespace: str
    info: models.InferenceEndpointInfo
    target: Literal["running", "paused", "scaledToZero"] = "running"
    phase: Literal["create", "start", "update"] = "create"
    changed: datetime
    failure: str | None = None

    def state(self, now: datetime, used: datetime | None = None) -> str:
        """Return the state at a time.

        Args:
            used: Time of the last request to the endpoint.
        """
        if self.failure is not None:
            return "updateFailed" if self.phase == "update" else "failed"
        if self.target != "running":
            return self.target
        elapsed = (now - self.changed).total_seconds()
        if self.phase == "create" and elapsed < PENDING_SECONDS:
            return "pending"
        starting = START_SECONDS + (PENDING_SECONDS if self.phase == "create" else 0)
        if elapsed < starting:
            return "updating" if self.phase == "update" else "initializing"
        ready = self.changed + timedelta(seconds=starting)
        return "scaledToZero" if self._is_idle(now, max(used or ready, ready)) else "running"

    def _is_idle(self, now: datetime, since: datetime) -> bool:
        scaling = self.info.compute.scaling if self.info.compute else None
        if scaling is None or scaling.min_replica != 0 or not scaling.scale_to_zero_timeout:
            return False
        return now - since >= timedelta(minutes=scaling.scale_to_zero_timeout)

    def shown(self, state: str, url: str) -> models.InferenceEndpointInfo:
        """Return the endpoint as in responses."""
        scaling = self.info.compute.scaling if self.info.compute else None
        target = (scaling.min_replica or 1) if scaling and state not in ("paused", "scaledToZero") else 0
        status = attrs.evolve(
            self.info.status,
            state=state,
            message=self.failure or f"Endpoint is {state}",
            url=url if state in _DEPLOYED else None,
            ready_replica=target if state == "running" else 0,
            target_replica=target,
        )
        return attrs.evolve(self.info, status=status)

    def to_json(self) -> dict[str, Any]:
        """Return the endpoint as JSON."""
        return {
            "namespace": self.namespace,
            "info": unstructure_inference_endpoint_info(self.info),
            "target": self.target,
            "phase": self.phase,
            "changed": self.changed.isoformat(),
            "failure": self.failure,
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> StoredEndpoint:
        """Load an endpoint from JSON."""
        return cls(
            namespace=members["namespace"],
            info=structure_inference_endpoint_info(members["info"]),
            target=members["target"],
            phase=members["phase"],
            changed=datetime.fromisoformat(members["changed"]),
            failure=members["failure"],
        )


class InferenceEndpoints:
    """Inference Endpoints, stored in one file. Their clock can be advanced in tests."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._clock = AdjustableClock(now)
        self._lock = threading.Lock()
        stored = [StoredEndpoint.from_json(one) for one in read_json(file, [])]
        self._all = {(one.namespace, one.info.name): one for one in stored}
        self._used: dict[tuple[str, str], datetime] = {}

    def now(self) -> datetime:
        """Return the time of the endpoints' clock."""
        return self._clock.now()

    def advance(self, seconds: float) -> None:
        """Advance the clock of the endpoints, for example to the end of a deployment."""
        self._clock.advance(seconds)

    def fail(self, namespace: str, name: str, message: str = "The container exited with code 1.") -> None:
        """Let the current deployment of an endpoint fail.

        Raises:
            HubResponseError: 404, there is no such endpoint.
        """
        self.change(namespace, name, failure=message)

    def of(self, namespace: str) -> list[StoredEndpoint]:
        """List the endpoints of an account, oldest first."""
        with self._lock:
            return [one for one in self._all.values() if one.namespace == namespace]

    def get(self, namespace: str, name: str) -> StoredEndpoint:
        """Return an endpoint.

        Raises:
            HubResponseError: 404, there is no such endpoint.
        """
        found = self._all.get((namespace, name))
        if found is None:
            raise not_found(f"Endpoint {name} not found")
        return found

    def state(self, endpoint: StoredEndpoint) -> str:
        """Return the current state of an endpoint."""
        return endpoint.state(self.now(), self._used.get((endpoint.namespace, endpoint.info.name)))

    def add(self, endpoint: StoredEndpoint) -> StoredEndpoint:
        """Store a new endpoint.

        Raises:
            HubResponseError: 400, the name exists.
        """
        key = (endpoint.namespace, endpoint.info.name)
        with self._lock:
            if key in self._all:
                raise bad_request(f"Endpoint name {endpoint.info.name!r} is already taken")
            self._all[key] = endpoint
            self._save()
        return endpoint

    def change(self, namespace: str, name: str, **changes: Any) -> StoredEndpoint:
        """Change attributes of an endpoint.

        Raises:
            HubResponseError: 404, there is no such endpoint.
        """
        with self._lock:
            changed = attrs.evolve(self.get(namespace, name), **changes)
            self._all[namespace, name] = changed
            self._save()
        return changed

    def start(self, namespace: str, name: str) -> StoredEndpoint:
        """Resume an endpoint.

        Raises:
            HubResponseError: 404, there is no such endpoint; 400, it is already running.
        """
        if self.state(self.get(namespace, name)) == "running":
            raise bad_request("Endpoint is already running")
        return self.change(namespace, name, target="running", phase="start", changed=self.now(), failure=None)

    def use(self, namespace: str, name: str) -> bool:
        """Record a request to an endpoint, which starts it if it is scaled to zero; return whether it is running.

        Raises:
            HubResponseError: 404, there is no such endpoint.
        """
        state = self.state(self.get(namespace, name))
        if state == "scaledToZero":
            self.change(namespace, name, target="running", phase="start", changed=self.now())
        self._used[namespace, name] = self.now()
        return state == "running"

    def remove(self, namespace: str, name: str) -> None:
        """Delete an endpoint.

        Raises:
            HubResponseError: 404, there is no such endpoint.
        """
        with self._lock:
            self.get(namespace, name)
            del self._all[namespace, name]
            self._save()

    def _save(self) -> None:
        write_json(self._file, [one.to_json() for one in self._all.values()])


def check_scaling(scaling: models.InferenceEndpointScaling | None) -> None:
    """Check the numbers of replicas.

    Raises:
        HubResponseError: 400, they are invalid.
    """
    if scaling is None:
        return
    least, most = scaling.min_replica or 0, 1 if scaling.max_replica is None else scaling.max_replica
    if not 0 <= least <= most or most < 1:
        raise bad_request(f"Invalid scaling: minReplica {least}, maxReplica {most}")
