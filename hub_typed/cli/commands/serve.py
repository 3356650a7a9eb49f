"""``serve``: an embedded Hub on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.shared_options import OnOff

__all__ = ["serve_hub"]


def serve_hub(
    *,
    root: Path | None = None,
    port: Annotated[int, Parameter(validator=Number(gte=0, lt=1 << 16))] = 0,
    host: list[str] | None = None,
    seed: Path | None = None,
    user: list[str] | None = None,
    organization: list[str] | None = None,
    faults: Path | None = None,
    xet: OnOff = None,
    jobs: Literal["recorded", "subprocess"] = "recorded",
) -> None:
    """Serve an embedded Hub until Ctrl-C or SIGTERM, and print the variables that clients need.

    Args:
        root: Folder for all data; by default, a temporary folder, which is removed at the end.
        port: Port on 127.0.0.1; by default, any free port.
        host: A further host name that clients may use, such as that of a container; may be repeated.
        seed: YAML file with users, organizations and repositories to create.
        user: A user to create; may be repeated.
        organization: An organization of these users to create; may be repeated.
        faults: YAML or JSON file with a list of faults.
        xet: Serve Xet, besides LFS; by default, if its packages are installed.
        jobs: Record jobs, or execute their commands on this machine, without isolation.
    """
    from hub_typed.local.server.serve import ServeError, ServeOptions, serve

    try:
        serve(
            ServeOptions(
                root=root,
                port=port,
                hosts=host or (),
                seed=seed,
                users=user or (),
                organizations=organization or (),
                faults=faults,
                xet=xet,
                jobs=jobs,
            )
        )
    except ServeError as error:
        raise CommandError(str(error), ExitCode.ERROR) from error
