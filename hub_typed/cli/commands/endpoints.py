"""``endpoints``: Inference Endpoints."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Parameter

from hub_typed.cli.assignments import read_assignments
from hub_typed.cli.commands.endpoints_catalog import catalog
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.endpoint_options import DeployedModel, Hardware, Measure, Name, Namespace, Scaling, words
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions, Yes
from hub_typed.cli.shown_endpoint import member, print_endpoint
from hub_typed.cli.space_options import Env, EnvFile, Secrets, SecretsFile

if TYPE_CHECKING:
    from hub_typed import InferenceEndpointHardware

__all__ = ["app"]

app: App = App(name="endpoints", help="Deploy and manage Inference Endpoints.")
app.command(catalog)

UNUSABLE: Final = ("deprecated", "not_available")
"""States of hardware on which nothing can be deployed."""


@app.command(name="list", alias="ls")
def list_endpoints(
    *,
    namespace: Annotated[
        str | None,
        Parameter(
            help="User or organization; the account of the token if not given, '*' for that and its organizations."
        ),
    ] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List endpoints."""
    with hub.client() as api:
        found = api.list_inference_endpoints(namespace)
    columns = {
        "name": member("name"),
        "model": member("model", "repository"),
        "status": member("status", "state"),
        "task": member("model", "task"),
        "instance": member("compute", "instanceType"),
        "size": member("compute", "instanceSize"),
        "vendor": member("provider", "vendor"),
        "region": member("provider", "region"),
    }
    output.rows([one.raw for one in found], columns, id=itemgetter("name"))


@app.command
def describe(
    name: Name, /, *, namespace: Namespace = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Print an endpoint and its status."""
    with hub.client() as api:
        print_endpoint(api.get_inference_endpoint(name, namespace=namespace), output)


@app.command
def deploy(
    name: Annotated[str, Parameter(help="Name of the new endpoint.")],
    /,
    *,
    repo: Annotated[str, Parameter(help="Name of the model, owner/name.")],
    framework: Annotated[str, Parameter(help="Framework, such as pytorch; custom for an image of your own.")],
    accelerator: Annotated[str, Parameter(help="cpu, gpu or neuron.")],
    instance_size: Annotated[str, Parameter(help="Size of the instance, such as x1.")],
    instance_type: Annotated[str, Parameter(help="Type of the instance, such as intel-icl.")],
    region: Annotated[str, Parameter(help="Region of the vendor, such as us-east-1.")],
    vendor: Annotated[str, Parameter(help="Vendor, such as aws.")],
    namespace: Namespace = None,
    min_replica: Annotated[int, Parameter(help="Replicas to run at least.", show_default=True)] = 1,
    max_replica: Annotated[int, Parameter(help="Replicas to run at most.", show_default=True)] = 1,
    scale_to_zero_timeout: Annotated[
        int | None, Parameter(help="Minutes without a request before it scales to zero; never if not given.")
    ] = None,
    measure: Measure = Measure(),
    model: DeployedModel = DeployedModel(),
    container_registry_username: Annotated[
        str | None, Parameter(help="User of the registry of --custom-image.")
    ] = None,
    container_registry_password: Annotated[
        str | None, Parameter(help="Password of that user, which stays in the history of the shell.")
    ] = None,
    env: Env = None,
    env_file: EnvFile = None,
    secrets: Secrets = None,
    secrets_file: SecretsFile = None,
    endpoint_type: Annotated[
        Literal["public", "protected", "authenticated", "private"],
        Parameter(name="--type", help="Who may send requests to it.", show_default=True),
    ] = "authenticated",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Deploy a model as an endpoint, which is billed while it runs; `endpoints hardware` lists what it can run on."""
    variables = read_assignments(env or (), env_file, option="--env")
    values = read_assignments(secrets or (), secrets_file, option="--secrets")
    measure.check()
    image = model.custom_image(is_new=True)
    with hub.client() as api:
        made = api.create_inference_endpoint(
            name,
            repository=repo,
            framework=framework,
            accelerator=accelerator,
            instance_size=instance_size,
            instance_type=instance_type,
            region=region,
            vendor=vendor,
            namespace=namespace,
            min_replica=min_replica,
            max_replica=max_replica,
            scale_to_zero_timeout=scale_to_zero_timeout,
            scaling_metric=measure.metric,
            scaling_threshold=measure.threshold,
            revision=model.revision,
            task=model.task,
            custom_image=image,
            container_registry_username=container_registry_username,
            container_registry_password=container_registry_password,
            container_command=words(model.container_command, "--container-command"),
            container_args=words(model.container_args, "--container-args"),
            env=variables or None,
            secrets=values or None,
            type=endpoint_type,
        )
        print_endpoint(made, output)
    output.note(f"`hub-typed endpoints describe {name}` prints its status.")


@app.command
def update(
    name: Name,
    /,
    *,
    namespace: Namespace = None,
    repo: Annotated[str | None, Parameter(help="Name of the model, owner/name.")] = None,
    framework: Annotated[str | None, Parameter(help="Framework, such as pytorch or custom.")] = None,
    hardware: Hardware = Hardware(),
    scaling: Scaling = Scaling(),
    measure: Measure = Measure(),
    model: DeployedModel = DeployedModel(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change the model or the hardware of an endpoint; what is not given stays."""
    measure.check()
    image = model.custom_image(is_new=False)
    given = (repo, framework, hardware, scaling, measure, model)
    if given == (None, None, Hardware(), Scaling(), Measure(), DeployedModel()):
        raise CommandError("Say what to change: --repo, --instance-size or --max-replica, for example; see --help.")
    with hub.client() as api:
        changed = api.update_inference_endpoint(
            name,
            namespace=namespace,
            repository=repo,
            framework=framework,
            accelerator=hardware.accelerator,
            instance_size=hardware.instance_size,
            instance_type=hardware.instance_type,
            min_replica=scaling.min_replica,
            max_replica=scaling.max_replica,
            scale_to_zero_timeout=scaling.scale_to_zero_timeout,
            scaling_metric=measure.metric,
            scaling_threshold=measure.threshold,
            revision=model.revision,
            task=model.task,
            custom_image=image,
            tensor_parallel_size=model.tensor_parallel_size,
            data_parallel_size=model.data_parallel_size,
            container_command=words(model.container_command, "--container-command"),
            container_args=words(model.container_args, "--container-args"),
        )
        print_endpoint(changed, output)


@app.command
def pause(
    name: Name, /, *, namespace: Namespace = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Pause an endpoint, which is not billed until `endpoints resume`."""
    with hub.client() as api:
        print_endpoint(api.pause_inference_endpoint(name, namespace=namespace), output)


@app.command
def resume(
    name: Name,
    /,
    *,
    namespace: Namespace = None,
    fail_if_already_running: Annotated[bool, Parameter(help="Fail if it runs already.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Start a paused endpoint again."""
    with hub.client() as api:
        print_endpoint(
            api.resume_inference_endpoint(name, namespace=namespace, running_ok=not fail_if_already_running), output
        )


@app.command
def scale_to_zero(
    name: Name, /, *, namespace: Namespace = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Stop all replicas of an endpoint; it is not billed, and the next request starts it again."""
    with hub.client() as api:
        print_endpoint(api.scale_to_zero_inference_endpoint(name, namespace=namespace), output)


@app.command
def delete(
    name: Name,
    /,
    *,
    namespace: Namespace = None,
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete an endpoint; `endpoints pause` is enough to stop the billing."""
    confirm(f"delete the Inference Endpoint {name}, forever", yes=yes)
    with hub.client() as api:
        api.delete_inference_endpoint(name, namespace=namespace)
    output.done(f"Deleted the Inference Endpoint {name}.", id=name, name=name)


@app.command
def hardware(
    *,
    namespace: Annotated[
        str | None, Parameter(help="User or organization, whose quota counts; the account of the token if not given.")
    ] = None,
    vendor: Annotated[str | None, Parameter(help="Only of this vendor, such as aws.")] = None,
    region: Annotated[str | None, Parameter(help="Only in this region, such as us-east-1.")] = None,
    accelerator: Annotated[str | None, Parameter(help="Only cpu, gpu or neuron.")] = None,
    instance_type: Annotated[str | None, Parameter(help="Only instances of this type, such as nvidia-l4.")] = None,
    all: Annotated[
        bool, Parameter(name=("--all", "-a"), help="Also what is not available, or above the quota.")
    ] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List what endpoints can run on; prices are in dollars for each replica and hour."""
    with hub.client() as api:
        found = api.list_inference_endpoints_hardware(namespace=namespace)
    wanted = {"vendor": vendor, "region": region, "accelerator": accelerator, "instance_type": instance_type}
    given = {name: value.lower() for name, value in wanted.items() if value is not None}
    output.rows(
        (
            one
            for one in found
            if (all or _is_usable(one)) and {name: str(getattr(one, name)).lower() for name in given} == given
        ),
        {
            "vendor": lambda one: one.vendor,
            "region": lambda one: one.region,
            "accelerator": lambda one: one.accelerator,
            "type": lambda one: one.instance_type,
            "size": lambda one: one.instance_size,
            "price": lambda one: one.price_per_hour,
            "status": lambda one: one.status,
            "memory GB": lambda one: one.memory_gb,
            "GPU memory GB": lambda one: one.gpu_memory_gb,
        },
        id=lambda one: one.id,
    )


def _is_usable(one: InferenceEndpointHardware) -> bool:
    """Whether one replica can be deployed on it now."""
    most = one.max_accelerators
    is_above = most is not None and (one.used_accelerators or 0) + (one.num_accelerators or 0) > most
    return one.status not in UNUSABLE and not is_above
