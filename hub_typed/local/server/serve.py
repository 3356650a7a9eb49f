"""Serve an embedded Hub until Ctrl-C or SIGTERM: ``python -m hub_typed.local`` and ``hub-typed serve``."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal

import attrs

from hub_typed.local import LocalHub
from hub_typed_api.coerce import is_list, is_object

if TYPE_CHECKING:
    from hub_typed.local.accounts.identity import Identity, OrgRole

__all__ = ["ServeError", "ServeOptions", "serve"]


class ServeError(Exception):
    """The Hub cannot be served; the message is one line."""


@attrs.frozen(kw_only=True)
class ServeOptions:
    """What is served.

    Attributes:
        root: Folder for all data; a temporary one by default.
        port: Port on 127.0.0.1; 0 for any free port.
        hosts: Further host names that clients may use.
        seed: YAML file with users, organizations and repositories to create.
        users: Names of further users to create.
        organizations: Names of organizations to create; the users are their members, the first one as admin.
        faults: JSON or YAML file with a list of rules, in the form of ``docs/faults.md``.
        xet: Whether to serve Xet; by default, if its packages are installed.
        jobs: Whether jobs are only recorded, or executed on this machine.
    """

    root: Path | None = None
    port: int = 0
    hosts: Sequence[str] = ()
    seed: Path | None = None
    users: Sequence[str] = ()
    organizations: Sequence[str] = ()
    faults: Path | None = None
    xet: bool | None = None
    jobs: Literal["recorded", "subprocess"] = "recorded"


def serve(options: ServeOptions) -> None:
    """Serve until SIGTERM or Ctrl-C, and print the environment variables to set.

    Raises:
        ServeError: The Hub cannot be served.
    """
    os.umask(0o077)  # files below the root are private to this user
    stopped, stop = os.pipe()
    # Containers are stopped with SIGTERM: shut down as on Ctrl-C. Python writes to the pipe itself, in whichever thread
    # the signal arrives, and interrupts nothing.
    os.set_blocking(stop, False)
    signal.set_wakeup_fd(stop, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _do_nothing)
    try:
        _serve(options, stopped)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        raise ServeError(_explain(error, options.port)) from error


def _serve(options: ServeOptions, stopped: int) -> None:
    """Serve until the pipe is written to."""
    from hub_typed.local.seed_file import read_seed

    seed = None if options.seed is None else read_seed(options.seed)
    with LocalHub(options.root, options.port, hosts=options.hosts, xet=options.xet, jobs=options.jobs) as hub:
        _ = hub.endpoint  # which fails if the port is taken, before anything is created
        hub.hub.accounts.oauth.approves_at_once = False  # other users of this machine may ask, too
        tokens = seed.plant(hub.hub) if seed is not None else []
        if tokens:
            hub.hub.admin = tokens[0].user.name  # whose token is printed as HF_TOKEN
        tokens += _add_accounts(hub, options)
        if options.faults is not None:
            _add_faults(hub, options.faults)
        variables = hub.environment(tokens[0].token if seed is not None and tokens else None)
        print(
            *(f"export {name}={value}" for name, value in variables.items()),
            *(f"# token of {one.user.name}, {one.name!r}, role {one.role}: {one.token}" for one in tokens),
            sep="\n",
            flush=True,
        )
        os.read(stopped, 1)


def _add_accounts(hub: LocalHub, options: ServeOptions) -> list[Identity]:
    """Create the users and organizations that were named, and return the tokens of the users."""
    for name in options.users:
        hub.add_user(name)
    members = [*options.users] or [hub.hub.admin or hub.user]
    roles: dict[str, OrgRole] = dict.fromkeys(members, "write")
    roles[members[0]] = "admin"
    for name in options.organizations:
        hub.add_organization(name, roles)
    return [token for name in options.users for token in hub.list_tokens(name)]


def _add_faults(hub: LocalHub, path: Path) -> None:
    """Add the rules of a file.

    Raises:
        ValueError: The file is not a list of rules; the message names it.
    """
    import yaml

    from hub_typed.local.faults.json_form import add_rule

    try:
        for rule in _rules(yaml.safe_load(path.read_text(encoding="utf-8"))):
            add_rule(hub.faults, rule)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def _rules(value: object) -> list[dict[str, Any]]:
    if is_list(value) and all(map(is_object, value)):
        return value
    raise ValueError("this must be a list of rules, as in docs/faults.md")


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Handle a signal, which would end the process otherwise."""


def _explain(error: Exception, port: int) -> str:
    """Describe in one line why the Hub cannot be served."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} of 127.0.0.1 is in use: stop the program that uses it, or choose another --port (0: any)"
    if isinstance(error, OSError) and error.errno == errno.EACCES and 0 < port < 1024:
        return f"port {port} of 127.0.0.1 may not be opened by this user: choose a --port from 1024 up (0: any)"
    return " ".join(str(error).split())
