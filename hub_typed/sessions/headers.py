"""Headers for requests that a program sends itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hub_typed.auth.tokens import token_to_send
from hub_typed.http.default_headers import checked_headers, default_headers
from hub_typed.settings import Settings

if TYPE_CHECKING:
    from hub_typed.auth.tokens import Token

__all__ = ["build_hf_headers", "get_token_to_send"]


def build_hf_headers(
    *,
    token: Token = None,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: Mapping[str, object] | str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a request to the Hub, by lower-case name; ``authorization`` holds the token.

    Args:
        token: A token; ``True`` for the stored one, which must exist; ``False`` for none; ``None`` for the stored one,
            if any.
        library_name: Name of the library that sends the request, for the Hub's statistics.
        library_version: Version of that library.
        user_agent: Further parts of the ``User-Agent``, as a mapping or as text.
        headers: Further headers, which take precedence.

    Raises:
        LocalTokenNotFoundError: ``token=True`` was given, and no token is stored.
        InvalidTokenError: The token is malformed.
        SettingsError: A header cannot be sent.
    """
    found = default_headers(library_name, library_version, user_agent, None)
    if secret := get_token_to_send(token):
        found["authorization"] = f"Bearer {secret}"
    return found | checked_headers(headers)


def get_token_to_send(token: Token) -> str | None:
    """Return the token that a request with this argument ``token`` sends; see `build_hf_headers`.

    Raises:
        LocalTokenNotFoundError: ``token=True`` was given, and no token is stored.
        InvalidTokenError: The token is malformed.
    """
    return token_to_send(token, Settings.from_environment())
