"""Volumes: repositories and buckets that are mounted into Spaces and jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.shared_options import Patterns

if TYPE_CHECKING:
    from hub_typed import Volume

__all__ = ["Volumes", "read_volumes"]

Volumes: TypeAlias = Annotated[
    Patterns,
    Parameter(
        name=("--volume", "-v"),
        help="What is mounted where, as hf://[datasets/|spaces/|buckets/]owner/name[/folder]:/path[:ro]; may be "
        "repeated.",
    ),
]
_VOLUME: Final = re.compile(
    r"hf://(?:(?P<type>models|datasets|spaces|buckets)/)?(?P<source>[^/:]+/[^/:]+)(?:/(?P<path>[^:]+))?"
    r":(?P<mount_path>/[^:]*)(?::(?P<mode>ro|rw))?"
)


def read_volumes(given: Patterns) -> list[Volume] | None:
    """Return the volumes as the client takes them; ``None`` without any.

    Raises:
        CommandError: A volume is invalid.
    """
    return [_volume(text) for text in given or ()] or None


def _volume(text: str) -> Volume:
    from hub_typed import Volume

    match = _VOLUME.fullmatch(text)
    if match is None:
        raise CommandError(f"The volume {text} is invalid: pass hf://[datasets/|buckets/]owner/name:/path[:ro].")
    return Volume(
        type=(match["type"] or "models").removesuffix("s"),
        source=match["source"],
        path=match["path"],
        mount_path=match["mount_path"],
        read_only=None if match["mode"] is None else match["mode"] == "ro",
    )
