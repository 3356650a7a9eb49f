"""An Inference Endpoint as output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from hub_typed.cli.output import Output

if TYPE_CHECKING:
    from hub_typed import InferenceEndpoint

__all__ = ["member", "print_endpoint"]


def print_endpoint(endpoint: InferenceEndpoint, output: Output) -> None:
    """Print an endpoint, of which the service may have left out members."""
    paths = {
        "name": ("name",),
        "status": ("status", "state"),
        "message": ("status", "message"),
        "url": ("status", "url"),
        "type": ("type",),
        "model": ("model", "repository"),
        "revision": ("model", "revision"),
        "task": ("model", "task"),
        "framework": ("model", "framework"),
        "vendor": ("provider", "vendor"),
        "region": ("provider", "region"),
        "accelerator": ("compute", "accelerator"),
        "instance": ("compute", "instanceType"),
        "size": ("compute", "instanceSize"),
        "min replicas": ("compute", "scaling", "minReplica"),
        "max replicas": ("compute", "scaling", "maxReplica"),
        "scale to zero after (min)": ("compute", "scaling", "scaleToZeroTimeout"),
    }
    fields = {name: member(*path)(endpoint.raw) for name, path in paths.items()}
    output.record(endpoint.raw, {"namespace": endpoint.namespace, **fields}, id=endpoint.name)


def member(*path: str) -> Callable[[Mapping[str, Any]], object]:
    """Return a function that returns a nested member of a JSON object; ``None`` if there is none."""

    def get(record: Mapping[str, Any]) -> object:
        found: object = record
        for name in path:
            found = cast("Mapping[str, object]", found).get(name) if isinstance(found, Mapping) else None
        return found

    return get
