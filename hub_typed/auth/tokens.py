"""Token of a request, looked up each time one is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub_typed.settings import Settings

__all__ = ["Token"]

VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Of the environment; the first that is set wins over the token file."""
Token = str | bool | None
"""A token; ``True``: the stored one, which must be there; ``False``: none; ``None``: the stored one, if any."""
MOST_CHARACTERS = 8192
"""Of a token; servers take no longer headers."""


def checked_token(token: str, origin: str = "The token") -> str | None:
    """Check a token and strip its blanks; ``None`` if nothing is left.

    Args:
        token: As it was given; a byte order mark and line breaks around it, which editors leave, do not belong to it.
        origin: Where it comes from, for the message.

    Raises:
        InvalidTokenError: It cannot be a token; the message does not hold it.
    """
    text = token.strip().removeprefix("\ufeff").strip()
    if not text:
        return None
    if len(text) > MOST_CHARACTERS:
        problem = f"is longer than {MOST_CHARACTERS} characters"
    elif any(char.isspace() for char in text):
        problem = "has a blank or a line break inside"
    elif not (text.isascii() and text.isprintable()):
        problem = "has characters other than visible ASCII"
    else:
        return text
    from hub_typed.errors import InvalidTokenError

    raise InvalidTokenError(f"{origin} {problem}: copy it again from https://huggingface.co/settings/tokens.")


def checked_argument(token: Token) -> Token:
    """Check a token argument; an empty text stays empty, which means no token.

    Raises:
        InvalidTokenError: It cannot be a token; the message does not hold it.
    """
    return (checked_token(token) or "") if isinstance(token, str) else token


def stored_token(settings: Settings) -> str | None:
    """Return the token of this machine: from ``HF_TOKEN`` or the token file.

    Raises:
        InvalidTokenError: What stands there cannot be a token.
    """
    for name in VARIABLES:
        if token := checked_token(os.environ.get(name, ""), f"The token in the variable {name}"):
            return token
    try:
        with open(settings.token_path, encoding="utf-8") as file:
            text = file.read(2 * MOST_CHARACTERS)
    except (OSError, UnicodeDecodeError):  # no file, or one that holds no text
        return None
    return checked_token(text, f"The token in the file {settings.token_path}")


def token_to_send(asked: Token, settings: Settings) -> str | None:
    """Return the token of a request.

    Raises:
        LocalTokenNotFoundError: The stored token is demanded, and there is none.
        InvalidTokenError: It cannot be a token; the message does not hold it.
    """
    if isinstance(asked, str):
        return checked_token(asked)
    if asked is False:
        return None
    if asked is None and not settings.implicit_token:
        return None
    found = stored_token(settings)
    if asked and not found:
        from hub_typed.errors import LocalTokenNotFoundError

        raise LocalTokenNotFoundError(
            "No token is stored on this machine, and token=True demands one. Set the variable HF_TOKEN, write the "
            f"token into {settings.token_path}, or pass it as token='hf_...'."
        )
    return found
