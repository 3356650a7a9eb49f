"""Checks of arguments: allowed values and lengths, before any request."""

from __future__ import annotations

from collections.abc import Iterable

__all__: list[str] = []


def check_choice(name: str, value: str | None, choices: Iterable[str]) -> None:
    """Check that a parameter, if given, has one of the allowed values.

    Raises:
        ValueError: It is not; the message names the choices.
    """
    known = list(choices)
    if value is not None and value not in known:
        raise ValueError(f"{name}={value!r} is not known: pass one of {', '.join(map(repr, known))}.")


def check_length(name: str, text: str | None, most: int) -> None:
    """Check that a text, if given, is not longer than the Hub accepts.

    Raises:
        ValueError: It has; the message tells how many.
    """
    if text is not None and len(text) > most:
        raise ValueError(f"{name} has {len(text)} characters, and the Hub takes {most}: shorten it.")


def check_range(name: str, number: int | None, least: int, most: int | None = None) -> None:
    """Check that a number, if given, lies within bounds, both included.

    Raises:
        ValueError: It does not; the message names them.
    """
    if number is not None and (number < least or (most is not None and number > most)):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name}={number} is out of bounds: it must be {bounds}.")
