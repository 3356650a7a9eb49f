"""Options of commands that deploy or change Inference Endpoints."""

from __future__ import annotations

from typing import Annotated

import attrs
from cyclopts import Parameter

from hub_typed.cli.failures import CommandError

__all__ = ["DeployedModel", "Hardware", "Scaling"]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Hardware:
    """What an endpoint runs on; each attribute is an option."""

    accelerator: Annotated[str | None, Parameter(help="cpu, gpu or neuron.")] = None
    instance_size: Annotated[str | None, Parameter(help="Size of the instance, such as x1.")] = None
    instance_type: Annotated[str | None, Parameter(help="Type of the instance, such as intel-icl.")] = None


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Scaling:
    """How many replicas run; each attribute is an option."""

    min_replica: Annotated[int | None, Parameter(help="Replicas to run at least.")] = None
    max_replica: Annotated[int | None, Parameter(help="Replicas to run at most.")] = None
    scale_to_zero_timeout: Annotated[
        int | None, Parameter(help="Minutes without a request before it scales to zero.")
    ] = None


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class DeployedModel:
    """What an endpoint runs; each attribute is an option."""

    revision: Annotated[str | None, Parameter(help="Commit of the model.")] = None
    task: Annotated[str | None, Parameter(help="Task, such as text-classification.")] = None
    image_url: Annotated[
        str | None, Parameter(name="--custom-image", help="Container image; needs --framework custom.")
    ] = None
    health_route: Annotated[str | None, Parameter(help="Path of the health check of the image, such as /health.")] = (
        None
    )
    port: Annotated[int | None, Parameter(help="Port that the image listens on.")] = None

    def custom_image(self) -> dict[str, object] | None:
        """Return the image as the client takes it; ``None`` for that of the service.

        Raises:
            CommandError: Options of an image are given without one.
        """
        given = {"healthRoute": self.health_route, "port": self.port}
        settings = {name: value for name, value in given.items() if value is not None}
        if self.image_url is None:
            if settings:
                raise CommandError("--health-route and --port are for an image: pass --custom-image.")
            return None
        return {"url": self.image_url, **settings}
