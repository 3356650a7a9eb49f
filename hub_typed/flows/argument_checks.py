"""Checks of arguments before any request: allowed values, lengths and ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hub_typed_api.models import RepoType

__all__: list[str] = []

Visibility = Literal["public", "private", "protected"]


def check_choice(name: str, value: str | None, choices: Iterable[str]) -> None:
    """Check that an argument, if given, has one of the allowed values.

    Raises:
        ValueError: The value is not allowed; the message lists the choices.
    """
    known = list(choices)
    if value is not None and value not in known:
        raise ValueError(f"{name}={value!r} is not known: pass one of {', '.join(map(repr, known))}.")


def check_length(name: str, text: str | None, most: int) -> None:
    """Check that a text, if given, is not longer than the Hub accepts.

    Raises:
        ValueError: The text is too long; the message has both lengths.
    """
    if text is not None and len(text) > most:
        raise ValueError(f"{name} has {len(text)} characters, but the Hub accepts at most {most}: shorten it.")


def check_range(name: str, number: int | None, least: int, most: int | None = None) -> None:
    """Check that a number, if given, is within inclusive bounds.

    Raises:
        ValueError: The number is out of bounds; the message has the bounds.
    """
    if number is not None and (number < least or (most is not None and number > most)):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name}={number} is out of bounds: it must be {bounds}.")


def check_together(**given: object) -> None:
    """Check that at most one of two arguments is given.

    Raises:
        ValueError: Both are.
    """
    if all(given.values()):
        raise ValueError(f"Pass either {' or '.join(f'{name}=' for name in given)}, not both.")


def checked_visibility(
    private: bool | None, visibility: Visibility | None, repo_type: RepoType | None
) -> Visibility | None:
    """Return the visibility given by either argument.

    Raises:
        ValueError: Both arguments are given, or ``visibility`` has another value or is not allowed for this type.
    """
    if visibility is None:
        return None if private is None else "private" if private else "public"
    if private is not None:
        raise ValueError("Pass either private= or visibility=, not both.")
    if visibility not in ("public", "private", "protected"):
        raise ValueError(f"visibility must be 'public', 'private' or, for Spaces, 'protected', not {visibility!r}.")
    if visibility == "protected" and repo_type != "space":
        raise ValueError(
            f"visibility='protected' is only for Spaces; a {repo_type or 'model'} is 'public' or 'private'."
        )
    return visibility
