"""What a job runs: the body of the requests that run and schedule jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from hub_typed.flows.durations import seconds_of
from hub_typed.flows.jobs.hardware import JobHardware
from hub_typed_api.models import JobInput, JobNetwork, JobPorts, JobSsh, Volume

__all__: list[str] = []

_SPACE: Final = re.compile(r"(?:https://)?(?:huggingface\.co|hf\.co)/spaces/(?P<id>.+)")
"""Image of a job that is the image of a Space."""


def job_input(
    *,
    image: str,
    command: Sequence[str],
    env: Mapping[str, str] | None,
    secrets: Mapping[str, str] | None,
    flavor: JobHardware | str | None,
    timeout: float | str | None,
    attempts: int | None,
    name: str | None,
    labels: Mapping[str, str] | None,
    volumes: Iterable[Volume] | None,
    expose: Iterable[int] | None,
    expose_public: Iterable[int] | None,
    resource_group_id: str | None,
    ssh: bool = False,
    network: JobNetwork | None = None,
) -> JobInput:
    """Build the body of a request from the arguments of a flow.

    Raises:
        ValueError: An argument is invalid.
    """
    if isinstance(command, str):
        raise ValueError(f"The command {command!r} is one text: pass a list, such as ['python', 'train.py'].")
    space = _SPACE.fullmatch(image)
    ports = exposed_ports(expose, expose_public)
    return JobInput(
        docker_image=None if space else image,
        space_id=space["id"] if space else None,
        command=list(command),
        arguments=[],
        environment=dict(env or {}),
        secrets=dict(secrets) if secrets else None,
        flavor=flavor or JobHardware.CPU_BASIC,
        timeout_seconds=None if timeout is None else _timeout_seconds(timeout),
        attempts=attempts,
        labels=_labels(labels, name, image_name(image, command)),
        volumes=list(volumes or ()) or None,
        expose=ports if ports.ports else None,
        ssh=JobSsh(enabled=True) if ssh else None,
        network=network,
        resource_group_id=resource_group_id,
    )


def job_network(group: str | None, aliases: Iterable[str] | None) -> JobNetwork | None:
    """Return the network of a job; ``None`` without a group.

    Raises:
        ValueError: There are aliases, but no group.
    """
    claimed = list(aliases or ())
    if group is None and claimed:
        raise ValueError("network_aliases are names in a network group: pass network_group, too.")
    return None if group is None else JobNetwork(group=group, aliases=claimed or None)


def exposed_ports(expose: Iterable[int] | None, public: Iterable[int] | None) -> JobPorts:
    """Return the exposed ports; the Hub expects the public ones in both lists."""
    ports_public = list(dict.fromkeys(public or ()))
    return JobPorts(ports=list(dict.fromkeys([*(expose or ()), *ports_public])), ports_public=ports_public)


def image_name(image: str, command: Sequence[str], more: Iterable[str] = ()) -> str:
    """Return the default name of a job: the image, and a hash that is the same for each run of the same command.

    Args:
        more: Further texts on which the hash depends.
    """
    space = _SPACE.fullmatch(image)
    base = space["id"] if space else image.rstrip("/").rpartition("/")[2] or image
    return f"{_as_label(base)}-{_digest([image, *command, *more])}"


def script_name(script: str, arguments: Sequence[str], more: Iterable[str] = ()) -> str:
    """Return the default name of a job that runs a script, in the manner of `image_name`."""
    path = re.split(r"[?#]", script, maxsplit=1)[0]
    base = path.rstrip("/").rpartition("/")[2].removesuffix(".py") or script
    return f"{_as_label(base)}-{_digest([script, *arguments, *more])}"


def _timeout_seconds(timeout: float | str) -> int:
    """Return a timeout in whole seconds."""
    seconds = seconds_of(timeout)
    if seconds == 0:
        raise ValueError(f"The timeout {timeout!r} is 0 seconds: pass a longer one, or None for that of the Hub.")
    return max(1, int(seconds))


def has_name(name: str | None, labels: Mapping[str, str] | None) -> bool:
    """Whether the caller chose the name of a job."""
    return name is not None or (labels is not None and "name" in labels)


def _labels(labels: Mapping[str, str] | None, name: str | None, default_name: str) -> dict[str, str]:
    if name is not None and labels is not None and "name" in labels:
        raise ValueError("The label 'name' is the name of the job: pass name or labels['name'], not both.")
    return {"name": default_name, **(labels or {}), **({} if name is None else {"name": name})}


def _as_label(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "-", text)


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:8]
