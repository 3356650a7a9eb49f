"""Card of a repository: the front matter of its ``README.md``, as JSON."""

from __future__ import annotations

import math
import re
import threading
from contextlib import nullcontext
from typing import Any, cast

import yaml

from hub_typed.cards.bounded_yaml import load

__all__ = ["CardError", "card_data", "json_value", "without_front_matter"]

_FRONT = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_MAX_LENGTH = 256 << 10
"""Maximum number of characters of the YAML. The loader accepts more, but other requests would have to wait."""
_MAX_EXPANDED = 1 << 20
_MIN_BIG_INTEGER = 1 << 63
_MIN_INFINITE = 1 << 1023
_MAX_UNGUARDED = 4 << 10
"""Number of characters beyond which few YAML documents are parsed at the same time, so that other requests proceed."""
_guard = threading.BoundedSemaphore(2)


class CardError(ValueError):
    """The front matter of a README is not a YAML object within the limits."""


def card_data(readme: str) -> dict[str, Any] | None:
    """Parse the front matter of a README; ``None`` if it has none.

    Raises:
        CardError: The front matter is invalid or too large.
    """
    found = _FRONT.match(readme)
    if not found:
        return None
    if len(found[1]) > _MAX_LENGTH:
        raise CardError(f"The front matter of README.md has more than {_MAX_LENGTH} characters")
    try:
        data = json_value(found[1])
    except yaml.YAMLError as error:
        raise CardError(f"Invalid YAML in the front matter of README.md: {str(error)[:1000]}") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError("The front matter of README.md must be a YAML object")
    return cast("dict[str, Any]", data)


def json_value(text: str) -> object:
    """Parse YAML of a repository to a JSON value.

    Raises:
        YAMLError: The text is no valid YAML.
        CardError: It expands too far.
    """
    with _guard if len(text) > _MAX_UNGUARDED else nullcontext():
        data: object = load(text, dates=False)
    return _JsonConverter().convert(data)


def without_front_matter(readme: str) -> str:
    """Return the text of a README after its front matter."""
    found = _FRONT.match(readme)
    return readme if found is None else readme[found.end() :]


class _JsonConverter:
    """Converter of YAML values to JSON values, with a limit on their expanded size."""

    def __init__(self) -> None:
        self._left = _MAX_EXPANDED

    def convert(self, value: object) -> object:
        """Convert a value: keys become texts, non-finite numbers null. The loader limits the depth."""
        if isinstance(value, dict):
            members = cast("dict[object, object]", value).items()
            return {self._text(str(name)): self.convert(part) for name, part in members}
        if isinstance(value, list):
            return [self.convert(part) for part in cast("list[object]", value)]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int) and abs(value) >= _MIN_BIG_INTEGER:  # other JSON parsers read it as a float, too
            return float(value) if abs(value) < _MIN_INFINITE else None
        return value if value is None or isinstance(value, int | float | bool) else self._text(str(value))

    def _text(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise CardError(f"The front matter of README.md expands to more than {_MAX_EXPANDED} characters")
        # A lone surrogate, such as "\ud800", cannot be encoded.
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
