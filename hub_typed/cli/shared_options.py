"""Options that many commands have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from hub_typed.cli.output import COMMON, Output

if TYPE_CHECKING:
    from hub_typed import HfApi, Settings

__all__ = ["CacheDir", "DryRun", "GitCredential", "HubOptions", "Limit", "OnOff", "Patterns", "Yes"]

OnOff: TypeAlias = Annotated[bool | None, Parameter(negative_bool="no-")]
"""A switch that may also be absent: ``--private``, ``--no-private``."""
Yes: TypeAlias = Annotated[bool, Parameter(name=("--yes", "-y"), help="Do not ask for confirmation.")]
DryRun: TypeAlias = Annotated[bool, Parameter(help="Only print what would be done.")]
Limit: TypeAlias = Annotated[int | None, Parameter(help="Print at most this many.", validator=Number(gte=0))]
GitCredential: TypeAlias = Annotated[
    bool, Parameter(help="Also store the token with git's credential helper, if one is configured.")
]
CacheDir: TypeAlias = Annotated[Path | None, Parameter(help="Folder of the cache, instead of HF_HUB_CACHE.")]
Patterns: TypeAlias = list[str] | None
"""Shell patterns; the option may be repeated."""


@Parameter(name="*", group=COMMON)
@attrs.frozen(kw_only=True)
class HubOptions:
    """Which Hub a command talks to, and as whom. Its attributes are options of every command that takes it."""

    token: Annotated[
        str | None,
        Parameter(
            help="A token, instead of HF_TOKEN or the stored one; - reads it from stdin.", allow_leading_hyphen=True
        ),
    ] = None
    endpoint: Annotated[str | None, Parameter(help="URL of the Hub, instead of HF_ENDPOINT.")] = None

    def client(self, output: Output | None = None) -> HfApi:
        """Create a client, to be used in a ``with`` statement.

        Args:
            output: Given by commands that transfer files: ``--quiet`` hides the progress bars.
        """
        from hub_typed import HfApi

        settings = self.settings()
        if output is not None and output.progress is not None:
            settings = attrs.evolve(settings, progress=output.progress)
        return HfApi(token=self.read_token(), settings=settings)

    def settings(self) -> Settings:
        """Return the settings of the environment, with the endpoint that was given."""
        from hub_typed import Settings
        from hub_typed.urls.endpoint import Endpoint

        settings = Settings.from_environment()
        if self.endpoint is None:
            return settings
        return attrs.evolve(settings, endpoint=Endpoint.of(self.endpoint, "--endpoint"))

    def read_token(self) -> str | None:
        """Return the token that was given, from stdin if it is ``-``."""
        return sys.stdin.readline().strip() if self.token == "-" else self.token
