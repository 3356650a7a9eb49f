"""Python names for names in JSON and URLs."""

from __future__ import annotations

import keyword
import re

__all__ = ["is_name", "pascal", "snake"]

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^0-9A-Za-z]+")
_TAKEN = {"self", "token", "call", "given"}
"""What generated functions use themselves."""


def snake(wire: str) -> str:
    """Return the Python name of a member: ``lastModified`` -> ``last_modified``, ``class`` -> ``class_``."""
    private = wire.startswith("_")
    name = "_".join(word for word in _WORDS.split(wire) if word).lower()
    if private:
        name = f"internal_{name}"
    if name[:1].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def is_name(text: str) -> bool:
    """Whether a text is a valid Python name."""
    return text.isidentifier() and not keyword.iskeyword(text)


def pascal(name: str) -> str:
    """Return the class name of an area or schema: ``git_refs`` -> ``GitRefs``."""
    return "".join(word[:1].upper() + word[1:] for word in _WORDS.split(name) if word)
