"""Checks of jobs to run, as the Hub's document describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from hub_typed.local.errors import bad_request, forbidden, invalid_option
from hub_typed_api import models

__all__ = ["FLAVORS", "check_expose", "check_job", "check_labels"]

FLAVORS: Final = (
    *("cpu-basic", "cpu-upgrade", "cpu-performance", "cpu-xl", "sprx8", "zero-a10g", "t4-small", "t4-medium"),
    *("l4x1", "l4x4", "l40sx1", "l40sx4", "l40sx8", "a10g-small", "a10g-large", "a10g-largex2", "a10g-largex4"),
    *("a100-large", "a100x4", "a100x8", "h200", "h200x2", "h200x4", "h200x8", "rtx-pro-6000", "rtx-pro-6000x2"),
    *("rtx-pro-6000x4", "rtx-pro-6000x8", "inf2x6"),
)
_VARIABLE: Final = re.compile(r"[a-zA-Z][_a-zA-Z0-9]+")
_SECRET: Final = re.compile(r"[a-zA-Z][_a-zA-Z0-9]*")
_LABEL: Final = re.compile(r"[a-zA-Z0-9._-]{1,100}")
_LABEL_VALUE: Final = re.compile(r"[a-zA-Z0-9._-]{0,100}")
_GROUP: Final = re.compile(r"[a-z0-9-]{1,46}")
_ALIAS: Final = re.compile(r"[a-z0-9-]{1,34}")
_MAX_PORTS: Final = 20
_MAX_TIMEOUT: Final = 366 * 24 * 3600


def check_job(spec: models.JobInput) -> None:
    """Check what is asked for; volumes are checked when they are looked up.

    Raises:
        HubResponseError: 400, it is invalid; 403, it names a resource group.
    """
    if (spec.docker_image is None) == (spec.space_id is None):
        raise bad_request("A job needs either a dockerImage or a spaceId")
    if spec.flavor not in FLAVORS:
        raise invalid_option("flavor", FLAVORS)
    if spec.arch not in (None, "amd64", "arm64"):
        raise invalid_option("arch", ("amd64", "arm64"))
    if spec.command is not None and not all(spec.command or [""]):
        raise bad_request("Invalid command: it needs a word, and no word of it may be empty")
    if spec.timeout_seconds is not None and not 1 <= spec.timeout_seconds <= _MAX_TIMEOUT:
        raise bad_request(f"Invalid timeoutSeconds {spec.timeout_seconds}: it must be from 1 to {_MAX_TIMEOUT}")
    if spec.attempts is not None and spec.attempts < 1:
        raise bad_request(f"Invalid attempts {spec.attempts}: there must be at least 1")
    _check_names("environment variable", _VARIABLE, spec.environment or ())
    _check_names("secret", _SECRET, spec.secrets or ())
    check_labels(spec.labels or {})
    if spec.expose is not None:
        check_expose(spec.expose)
    if spec.network is not None:
        _check_names("network group", _GROUP, [spec.network.group])
        _check_names("network alias", _ALIAS, spec.network.aliases or ())
    if spec.resource_group_id is not None:
        raise forbidden("Jobs of the embedded Hub belong to no resource group")


def check_labels(labels: Mapping[str, str]) -> None:
    """Check labels.

    Raises:
        HubResponseError: 400, a key or value is invalid.
    """
    _check_names("label", _LABEL, labels)
    _check_names("value of a label", _LABEL_VALUE, labels.values())


def check_expose(expose: models.JobPorts) -> None:
    """Check the ports that can be reached from outside.

    Raises:
        HubResponseError: 400, they are invalid.
    """
    public = expose.ports_public or []
    if len(expose.ports) > _MAX_PORTS or any(not 1 <= port <= 65535 for port in expose.ports):
        raise bad_request(f"Invalid ports: a job has at most {_MAX_PORTS}, each from 1 to 65535")
    if not {*public} <= {*expose.ports}:
        raise bad_request("Invalid portsPublic: each of them must be one of the ports")


def _check_names(what: str, pattern: re.Pattern[str], names: Iterable[str]) -> None:
    for name in names:
        if not pattern.fullmatch(name):
            raise bad_request(f"Invalid {what} {name!r:.120}: it must match {pattern.pattern}")
