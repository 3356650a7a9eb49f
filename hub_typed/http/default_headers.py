"""Headers of every request to the Hub, without the token."""

from __future__ import annotations

import sys
from collections.abc import Mapping

__all__ = ["default_headers"]


def default_headers(
    library_name: str | None,
    library_version: str | None,
    user_agent: Mapping[str, object] | str | None,
    headers: Mapping[str, str] | None,
) -> dict[str, str]:
    """Return the default headers of a client, by lower-case name.

    Args:
        library_name: Name of the library that uses this one.
        library_version: Version of that library.
        user_agent: Further parts of the ``User-Agent``, as a mapping or as text.
        headers: Headers of the caller, which take precedence.
    """
    from hub_typed.version import version

    parts = [f"{library_name}/{library_version}" if library_version else library_name] if library_name else []
    parts += [f"hub_typed/{version()}", f"python/{sys.version.split()[0]}"]
    if isinstance(user_agent, str):
        parts.append(user_agent)
    elif user_agent:
        parts += [f"{name}/{value}" for name, value in user_agent.items()]
    unique = dict.fromkeys(piece.strip() for part in parts for piece in part.split(";") if piece.strip())
    return {"user-agent": "; ".join(unique), **{name.lower(): value for name, value in (headers or {}).items()}}
