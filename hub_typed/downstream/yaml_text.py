"""YAML as other libraries write it."""

from __future__ import annotations

import yaml

__all__ = ["yaml_dump"]


def yaml_dump(
    data: object,
    *,
    sort_keys: bool = True,
    default_flow_style: bool | None = False,
    line_break: str | None = None,
    width: int | None = None,
    indent: int | None = None,
) -> str:
    r"""Return a value as YAML, with Unicode as it is.

    Args:
        data: Mappings, lists and scalars.
        sort_keys: Whether members are sorted.
        default_flow_style: Whether mappings and lists are written in one line; ``None``: those without others inside.
        line_break: Line break, ``\n`` by default.
        width: Columns after which lines are folded.
        indent: Columns of an indentation.
    """
    return str(
        yaml.dump(  # pyright: ignore[reportUnknownMemberType]  # the stubs are incomplete
            data,
            allow_unicode=True,
            sort_keys=sort_keys,
            default_flow_style=default_flow_style,
            line_break=line_break,
            width=width,
            indent=indent,
        )
    )
