"""Choice of the token of a request, made each time a request is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub_typed.settings import Settings

__all__ = ["Token"]

TOKEN_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Environment variables of the token; the first that is set takes precedence over the token file."""
Token = str | bool | None
"""A token; ``True``: the stored one, which must exist; ``False``: none; ``None``: the stored one, if any."""
MAX_LENGTH = 8192
"""Most characters of a token; servers refuse longer headers."""


def checked_token(token: str, origin: str = "The token") -> str | None:
    """Check a token and strip white space; ``None`` if nothing is left.

    Args:
        token: The token as given; surrounding line breaks and a byte order mark, which editors add, are removed.
        origin: Source of the token, for the message.

    Raises:
        InvalidTokenError: The token is malformed; the message does not contain it.
    """
    text = token.strip().removeprefix("\ufeff").strip()
    if not text:
        return None
    if len(text) > MAX_LENGTH:
        problem = f"is longer than {MAX_LENGTH} characters"
    elif any(char.isspace() for char in text):
        problem = "contains a blank or a line break"
    elif not (text.isascii() and text.isprintable()):
        problem = "contains characters other than visible ASCII"
    else:
        return text
    from hub_typed.errors import InvalidTokenError

    raise InvalidTokenError(f"{origin} {problem}: copy it again from https://huggingface.co/settings/tokens.")


def checked_token_argument(token: Token) -> Token:
    """Check a token argument; an empty string stays empty, which means no token.

    Raises:
        InvalidTokenError: The token is malformed; the message does not contain it.
    """
    return (checked_token(token) or "") if isinstance(token, str) else token


def stored_token(settings: Settings) -> str | None:
    """Return the token of this machine, from ``HF_TOKEN`` or the token file.

    Raises:
        InvalidTokenError: The stored token is malformed.
    """
    for name in TOKEN_VARIABLES:
        if token := checked_token(os.environ.get(name, ""), f"The token in the environment variable {name}"):
            return token
    try:
        with open(settings.token_path, encoding="utf-8") as file:
            text = file.read(2 * MAX_LENGTH)
    except (OSError, UnicodeDecodeError):  # missing or not text
        return None
    return checked_token(text, f"The token in the file {settings.token_path}")


def token_to_send(token: Token, settings: Settings) -> str | None:
    """Return the token of a request.

    Raises:
        LocalTokenNotFoundError: The stored token is required, and there is none.
        InvalidTokenError: The token is malformed; the message does not contain it.
    """
    if isinstance(token, str):
        return checked_token(token)
    if token is False:
        return None
    if token is None and not settings.implicit_token:
        return None
    stored = stored_token(settings)
    if token and not stored:
        from hub_typed.errors import LocalTokenNotFoundError

        raise LocalTokenNotFoundError(
            "No token is stored on this machine, and token=True requires one. Set the environment variable HF_TOKEN, "
            f"write the token to {settings.token_path}, or pass it as token='hf_...'."
        )
    return stored
