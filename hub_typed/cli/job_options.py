"""Options of commands that run and schedule jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypedDict

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from hub_typed.cli.assignments import read_assignments
from hub_typed.cli.failures import CommandError
from hub_typed.cli.job_ids import Namespace
from hub_typed.cli.job_volumes import merge_mounts, read_volumes
from hub_typed.cli.messages import say
from hub_typed.cli.script_header import NO_HEADER, ScriptHeader
from hub_typed.cli.shared_options import DryRun, Patterns
from hub_typed.cli.space_options import Env, EnvFile, Secrets, SecretsFile

if TYPE_CHECKING:
    from hub_typed import HfApi
    from hub_typed_api.models import Volume

__all__ = [
    "JobArguments",
    "JobOptions",
    "Labels",
    "Name",
    "NetworkOptions",
    "UvOptions",
    "changed_labels",
    "read_filters",
    "read_labels",
]

Name: TypeAlias = Annotated[str | None, Parameter(help="Name, stored as the label `name`.")]
Labels: TypeAlias = Annotated[
    Patterns, Parameter(name=("--label", "-l"), help="A label, KEY=value or KEY; may be repeated.")
]
_GROUP: Final = Group("Options of jobs", sort_key=50)


class JobArguments(TypedDict):
    """Arguments that the methods which run and schedule jobs share."""

    env: dict[str, str]
    secrets: dict[str, str]
    flavor: str | None
    timeout: str | None
    attempts: int | None
    labels: dict[str, str]
    name: str | None
    volumes: list[Volume]
    expose: list[int] | None
    expose_public: list[int] | None
    resource_group_id: str | None
    namespace: str | None


class NetworkArguments(TypedDict):
    """Arguments of jobs that are not scheduled."""

    ssh: bool
    network_group: str | None
    network_aliases: list[str] | None


class UvArguments(TypedDict):
    """Arguments of jobs that run a script."""

    image: str | None
    dependencies: list[str] | None
    python: str | None


@Parameter(name="*", group=_GROUP)
@attrs.frozen(kw_only=True)
class JobOptions:
    """How a job runs. Its attributes are options of every command that takes it."""

    env: Env = None
    env_file: EnvFile = None
    secrets: Secrets = None
    secrets_file: SecretsFile = None
    name: Name = None
    label: Labels = None
    volume: Annotated[
        Patterns,
        Parameter(
            name=("--volume", "-v"),
            help="A mount: hf://[TYPE/]owner/name[/path]:/PATH[:ro|:rw] with TYPE datasets, spaces, buckets or models; "
            "or FOLDER:/PATH[:ro|:rw] for a local folder, which is copied to a bucket first. May be repeated.",
        ),
    ] = None
    flavor: Annotated[
        str | None,
        Parameter(help="Hardware, such as a10g-small; cpu-basic if not given. `hub-typed jobs hardware` lists it."),
    ] = None
    timeout: Annotated[str | None, Parameter(help="Longest time to run, such as 90, 90s, 5m, 2h or 1d.")] = None
    attempts: Annotated[
        int | None, Parameter(help="Attempts at most, the first one included.", validator=Number(gte=1))
    ] = None
    expose: Annotated[list[int] | None, Parameter(help="Port that is reachable with a token; may be repeated.")] = None
    expose_public: Annotated[
        list[int] | None, Parameter(help="Port that is reachable without a token; may be repeated.")
    ] = None
    resource_group_id: Annotated[
        str | None, Parameter(help="Resource group of the organization, 24 hexadecimal digits.")
    ] = None
    namespace: Namespace = None
    dry_run: DryRun = False

    def arguments(self, api: HfApi, header: ScriptHeader = NO_HEADER) -> JobArguments:
        """Return the arguments of the method that runs the job; local folders are copied, except for a dry run.

        Args:
            header: What the script asks for; options take precedence.

        Raises:
            CommandError: An option is invalid, or the environment lacks a secret.
        """
        env = {**header.env, **read_assignments(self.env or (), self.env_file, option="--env")}
        labels = {**header.labels, **({} if header.name is None else {"name": header.name})}
        labels |= read_labels(self.label, self.name)
        secrets = read_assignments(self.secrets or (), self.secrets_file, option="--secrets")
        asked = [name for name in header.secrets if name not in secrets]
        if asked:
            say(f"The script asks for secrets; these are sent from the environment: {', '.join(asked)}.")
            secrets |= read_assignments(asked, None, option="--secrets")
        namespace = self.namespace or header.namespace
        return {
            "env": env,
            "secrets": secrets,
            "flavor": self.flavor or header.flavor,
            "timeout": self.timeout or header.timeout,
            "attempts": self.attempts,
            "labels": {name: value for name, value in labels.items() if name != "name"},
            "name": labels.get("name"),
            "volumes": read_volumes(api, self._mounts(header), namespace=namespace, is_dry=self.dry_run),
            "expose": self.expose,
            "expose_public": self.expose_public,
            "resource_group_id": self.resource_group_id,
            "namespace": namespace,
        }

    def plan(self, arguments: JobArguments, header: ScriptHeader = NO_HEADER) -> dict[str, object]:
        """Return what a dry run prints of the arguments; of secrets only the names."""
        shown: dict[str, object] = {**arguments}
        shown["flavor"] = arguments["flavor"] or "cpu-basic"
        shown["secrets"] = sorted(arguments["secrets"])
        shown["volumes"] = self._mounts(header)
        return shown

    def _mounts(self, header: ScriptHeader) -> list[str]:
        return merge_mounts(header.volumes, self.volume or ())


@Parameter(name="*", group=_GROUP)
@attrs.frozen(kw_only=True)
class NetworkOptions:
    """How a running job is reached. Its attributes are options of every command that takes it."""

    ssh: Annotated[bool, Parameter(help="Let `hub-typed jobs ssh` log in.")] = False
    network_group: Annotated[
        str | None, Parameter(help="Network group to join; its jobs reach each other on all ports.")
    ] = None
    network_alias: Annotated[
        Patterns, Parameter(help="Host name of the job in the network group; may be repeated.")
    ] = None

    def arguments(self, header: ScriptHeader = NO_HEADER) -> NetworkArguments:
        """Return the arguments of the method that runs the job."""
        return {
            "ssh": self.ssh,
            "network_group": self.network_group or header.network_group,
            "network_aliases": self.network_alias or header.network_aliases or None,
        }


@Parameter(name="*", group=_GROUP)
@attrs.frozen(kw_only=True)
class UvOptions:
    """How a script runs. Its attributes are options of every command that takes it."""

    image: Annotated[str | None, Parameter(help="Docker image with uv.")] = None
    dependencies: Annotated[Patterns, Parameter(name="--with", help="Package to install; may be repeated.")] = None
    python: Annotated[str | None, Parameter(name=("--python", "-p"), help="Version of Python.")] = None

    def arguments(self, header: ScriptHeader) -> UvArguments:
        """Return the arguments of the method that runs the script; options take precedence over its header."""
        return {
            "image": self.image or header.image,
            "dependencies": self.dependencies,
            "python": self.python or header.python,
        }


def read_labels(labels: Iterable[str] | None, name: str | None) -> dict[str, str]:
    """Return labels, the name included.

    Raises:
        CommandError: The name is given twice.
    """
    found = {key: value for key, _, value in (one.partition("=") for one in labels or ())}
    if name is not None and "name" in found:
        raise CommandError("--name is the label `name`: give --name or --label name=..., not both.")
    return found if name is None else found | {"name": name}


def changed_labels(labels: Iterable[str] | None, name: str | None, *, clear: bool) -> dict[str, str]:
    """Return the labels that replace those of a job.

    Raises:
        CommandError: There are none, but they are not to be removed, or the reverse.
    """
    given = read_labels(labels, name)
    if bool(given) == clear:
        raise CommandError("Give --label, --name, or --clear to remove all labels.")
    return given


def read_filters(labels: Iterable[str] | None, name: str | None) -> dict[str, str] | None:
    """Return the labels that listed jobs have; ``None`` for any.

    Raises:
        CommandError: One has no value, or the name is given twice.
    """
    for one in labels or ():
        if "=" not in one:
            raise CommandError(f"--label {one} has no value: pass KEY=value.")
    return read_labels(labels, name) or None
