"""Headers of every request to the Hub, without the token."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Final

__all__ = ["checked_headers", "default_headers"]

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.1
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OF_THE_BODY: Final = ("content-length", "transfer-encoding")


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers of the caller by lower-case name.

    Raises:
        SettingsError: A name or value cannot be sent, or the header depends on the body of each request.
    """
    checked: dict[str, str] = {}
    for name, value in (headers or {}).items():
        reason = _reason_to_refuse(name, value)
        if reason is not None:
            from hub_typed.errors import SettingsError

            raise SettingsError(f"headers: {name!r} is refused: {reason}.")
        checked[name.lower()] = value
    return checked


def _reason_to_refuse(name: object, value: object) -> str | None:
    """Return why a header cannot be sent; the value is not shown, as it may be a secret."""
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        return "the name of a header is a text of ASCII letters, digits and hyphens"
    if name.lower() in _OF_THE_BODY:
        return "it is set for the body of each request"
    if not isinstance(value, str):
        return f"its value is a {type(value).__name__}; pass a text"
    if _VALUE.fullmatch(value) is None:
        return "its value has characters that cannot be sent, such as a line break"
    return None


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

    Raises:
        SettingsError: A header cannot be sent.
    """
    from hub_typed.version import version

    parts = [f"{library_name}/{library_version}" if library_version else library_name] if library_name else []
    parts += [f"hub_typed/{version()}", f"python/{sys.version.split()[0]}"]
    if isinstance(user_agent, str):
        parts.append(user_agent)
    elif user_agent:
        parts += [f"{name}/{value}" for name, value in user_agent.items()]
    unique = dict.fromkeys(piece.strip() for part in parts for piece in part.split(";") if piece.strip())
    return {"user-agent": "; ".join(unique), **checked_headers(headers)}
