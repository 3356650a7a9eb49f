"""``env`` and ``version``: what this installation is and reads."""

from __future__ import annotations

from hub_typed.cli.output import Output


def print_version(*, output: Output = Output()) -> None:
    """Print the version of hub-typed."""
    from hub_typed.version import version

    found = version()
    output.record({"version": found}, {"version": found}, id=found)
