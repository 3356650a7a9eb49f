"""Options of commands that deploy or change Inference Endpoints."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

import attrs
from cyclopts import Parameter

from hub_typed.cli.failures import CommandError

__all__ = ["DeployedModel", "Hardware", "Measure", "Name", "Namespace", "Scaling", "words"]

Name: TypeAlias = Annotated[str, Parameter(help="Name of the endpoint.")]
Namespace: TypeAlias = Annotated[
    str | None, Parameter(help="User or organization that owns it; the account of the token if not given.")
]
_IMAGES: Final[Mapping[str, str]] = {
    "hf-serve": "hfServe",
    "llamacpp": "llamacpp",
    "sglang": "sGLang",
    "tei": "tei",
    "tgi": "tgi",
    "tgi-neuron": "tgiNeuron",
    "vllm": "vLLM",
    "vllm-neuron": "vLLMNeuron",
}
"""Kind of the image in requests, by engine."""


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
class Measure:
    """What decides on further replicas; each attribute is an option."""

    metric: Annotated[
        Literal["pendingRequests", "hardwareUsage"] | None,
        Parameter(name="--scaling-metric", help="What decides on further replicas."),
    ] = None
    threshold: Annotated[
        float | None,
        Parameter(name="--scaling-threshold", help="Value of --scaling-metric from which there are further replicas."),
    ] = None

    def check(self) -> None:
        """Check that a threshold has its metric.

        Raises:
            CommandError: There is a threshold alone.
        """
        if self.threshold is not None and self.metric is None:
            raise CommandError("--scaling-threshold is a value of --scaling-metric: pass both.")


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class DeployedModel:
    """What an endpoint runs; each attribute is an option."""

    revision: Annotated[str | None, Parameter(help="Commit of the model.")] = None
    task: Annotated[str | None, Parameter(help="Task, such as text-classification.")] = None
    image_url: Annotated[
        str | None, Parameter(name="--custom-image", help="Container image; needs --framework custom.")
    ] = None
    engine: Annotated[
        Literal["custom", "hf-serve", "llamacpp", "sglang", "tei", "tgi", "tgi-neuron", "vllm", "vllm-neuron"] | None,
        Parameter(help="Engine in the image; custom if not given."),
    ] = None
    health_route: Annotated[str | None, Parameter(help="Path of the health check of the image, such as /health.")] = (
        None
    )
    port: Annotated[int | None, Parameter(help="Port that the image listens on.")] = None
    tensor_parallel_size: Annotated[
        int | None, Parameter(help="Accelerators that each tensor is divided among; of vllm and sglang.")
    ] = None
    data_parallel_size: Annotated[
        int | None, Parameter(help="Copies of the model on different accelerators; of vllm.")
    ] = None
    container_command: Annotated[
        str | None, Parameter(help="Command of the container, quoted as in a shell.", allow_leading_hyphen=True)
    ] = None
    container_args: Annotated[
        str | None, Parameter(help="Arguments of the command, quoted as in a shell.", allow_leading_hyphen=True)
    ] = None

    def custom_image(self, *, is_new: bool) -> dict[str, object] | None:
        """Return the image as the client takes it; ``None`` for that of the service.

        Args:
            is_new: Whether the endpoint is new, and has no image whose parallel sizes could change.

        Raises:
            CommandError: Options of an image are given without one.
        """
        own: dict[str, object] = {"--engine": self.engine, "--health-route": self.health_route, "--port": self.port}
        sizes: dict[str, object] = {
            "--tensor-parallel-size": self.tensor_parallel_size,
            "--data-parallel-size": self.data_parallel_size,
        }
        given = [name for name, value in (own | sizes if is_new else own).items() if value is not None]
        if self.image_url is None:
            if given:
                raise CommandError(f"{' and '.join(given)}: this is for an image: pass --custom-image.")
            return None
        settings = {
            "url": self.image_url,
            "healthRoute": self.health_route,
            "port": self.port,
            "tensorParallelSize": self.tensor_parallel_size,
            "dataParallelSize": self.data_parallel_size,
        }
        image: dict[str, object] = {name: value for name, value in settings.items() if value is not None}
        return image if self.engine in (None, "custom") else {_IMAGES[self.engine]: image}


def words(text: str | None, option: str) -> list[str] | None:
    """Return the words of an option that is quoted as in a shell; ``None`` without one.

    Raises:
        CommandError: A quote is not closed.
    """
    try:
        return None if text is None else shlex.split(text)
    except ValueError as error:
        raise CommandError(f"{option}: {error}.") from None
