"""Options of commands that set up a Space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import attrs
from cyclopts import Group, Parameter

from hub_typed.cli.assignments import read_assignments
from hub_typed.cli.shared_options import Patterns
from hub_typed.cli.volumes import Volumes

__all__ = ["Env", "EnvFile", "Secrets", "SecretsFile", "SleepTime", "SpaceOptions"]

SleepTime: TypeAlias = Annotated[
    int | None,
    Parameter(help="Seconds of idleness before the Space sleeps; -1 for never.", allow_leading_hyphen=True),
]
Secrets: TypeAlias = Annotated[
    Patterns,
    Parameter(
        name=("--secrets", "-s"),
        help="A secret: NAME, whose value is that of the environment, or NAME=value, which stays in the history of the "
        "shell; may be repeated.",
    ),
]
SecretsFile: TypeAlias = Annotated[
    str | None, Parameter(help="File with a secret NAME=value in each line; - for stdin.", allow_leading_hyphen=True)
]
Env: TypeAlias = Annotated[
    Patterns,
    Parameter(
        name=("--env", "-e"),
        help="A public variable: NAME=value, or NAME for that of the environment; may be repeated.",
    ),
]
EnvFile: TypeAlias = Annotated[
    str | None,
    Parameter(help="File with a public variable NAME=value in each line; - for stdin.", allow_leading_hyphen=True),
]


@Parameter(name="*", group=Group("Options of Spaces", sort_key=50))
@attrs.frozen(kw_only=True)
class SpaceOptions:
    """How a Space runs. Its attributes are options of every command that takes it."""

    flavor: Annotated[
        str | None, Parameter(help="Hardware, such as t4-small; `hub-typed spaces hardware` lists it.")
    ] = None
    sleep_time: SleepTime = None
    secrets: Secrets = None
    secrets_file: SecretsFile = None
    env: Env = None
    env_file: EnvFile = None
    volume: Volumes = None

    def read_secrets(self) -> list[Mapping[str, str]] | None:
        """Return the secrets as the client takes them; ``None`` without any.

        Raises:
            CommandError: A secret is not ``NAME=value``, or is not in the environment.
        """
        return _pairs(read_assignments(self.secrets or (), self.secrets_file, option="--secrets"))

    def read_variables(self) -> list[Mapping[str, str]] | None:
        """Return the variables as the client takes them; ``None`` without any.

        Raises:
            CommandError: A variable is not ``NAME=value``, or is not in the environment.
        """
        return _pairs(read_assignments(self.env or (), self.env_file, option="--env"))


def _pairs(values: Mapping[str, str]) -> list[Mapping[str, str]] | None:
    return [{"key": key, "value": value} for key, value in values.items()] or None
