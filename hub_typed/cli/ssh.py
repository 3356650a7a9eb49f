"""Logins over SSH."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from cyclopts import Parameter

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.messages import say
from hub_typed.cli.output import Output

__all__ = ["IdentityFile", "SshDryRun", "log_in"]

IdentityFile: TypeAlias = Annotated[
    Path | None, Parameter(name=("--identity-file", "-i"), help="File with the private key, instead of ssh's own.")
]
SshDryRun: TypeAlias = Annotated[bool, Parameter(name="--dry-run", help="Only print the command.")]


def log_in(url: str, identity_file: Path | None, output: Output, *, dry_run: bool) -> None:
    """Run ``ssh``.

    Args:
        url: Where to log in, ``ssh://user@host[:port]``.

    Raises:
        CommandError: The URL is invalid, there is no ``ssh``, or it failed.
    """
    place = urlsplit(url)
    if place.scheme != "ssh" or not place.hostname or (place.username or "-").startswith("-"):
        raise CommandError(f"The Hub returned the address {url!r}, which is not ssh://user@host.", ExitCode.ERROR)
    command = ["ssh"]
    if identity_file is not None:
        command += ["-i", str(identity_file)]
    if place.port is not None:
        command += ["-p", str(place.port)]
    command.append(f"{place.username}@{place.hostname}")
    if dry_run:
        output.text(shlex.join(command))
        return
    say(f"Running {shlex.join(command)}")
    try:
        ended = subprocess.run(command, check=False)
    except FileNotFoundError:
        raise CommandError("There is no program ssh: install OpenSSH.", ExitCode.ERROR) from None
    if ended.returncode:
        raise CommandError(f"ssh ended with exit code {ended.returncode}.", ExitCode.ERROR)
