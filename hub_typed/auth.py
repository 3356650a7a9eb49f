"""Which token a request carries, looked up each time one is sent."""

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


def stored_token(settings: Settings) -> str | None:
    """The token of this machine: of ``HF_TOKEN``, or of the token file."""
    for name in VARIABLES:
        if token := _clean(os.environ.get(name)):
            return token
    try:
        with open(settings.token_path, encoding="utf-8") as file:
            return _clean(file.read())
    except (OSError, UnicodeDecodeError):  # no file, or one that holds no text
        return None


def token_to_send(asked: Token, settings: Settings) -> str | None:
    """The token that a request carries.

    Raises:
        LocalTokenNotFoundError: The stored token is demanded, and there is none.
    """
    if isinstance(asked, str):
        return _clean(asked)
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


def _clean(token: str | None) -> str | None:
    return (token or "").replace("\r", "").replace("\n", "").strip() or None
