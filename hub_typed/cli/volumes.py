"""Volumes: repositories and buckets that are mounted into Spaces and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.shared_options import Patterns

if TYPE_CHECKING:
    from hub_typed import Volume

__all__ = ["Volumes", "read_volumes", "volume_of"]

Volumes: TypeAlias = Annotated[
    Patterns,
    Parameter(
        name=("--volume", "-v"),
        help="What is mounted where, as hf://[datasets/|spaces/|buckets/]owner/name[/folder]:/path[:ro]; may be "
        "repeated.",
    ),
]


def read_volumes(given: Patterns) -> list[Volume] | None:
    """Return the volumes as the client takes them; ``None`` without any.

    Raises:
        HfUriError: A volume is invalid.
    """
    return [volume_of(text) for text in given or ()] or None


def volume_of(text: str) -> Volume:
    """Return a volume of a repository or bucket.

    Raises:
        HfUriError: The text is no mount.
    """
    from hub_typed import Volume, parse_hf_mount

    mount = parse_hf_mount(text)
    return Volume(
        type=mount.source.type,
        source=mount.source.id,
        mount_path=mount.mount_path,
        read_only=mount.read_only,
        revision=mount.source.revision,
        path=mount.source.path_in_repo or None,
    )
