"""Card of a repository: front matter of its ``README.md`` as JSON."""

from __future__ import annotations

import math
import re
import threading
from contextlib import nullcontext
from typing import Any, cast

import yaml

from hub_typed.cards.bounded_yaml import load

__all__ = ["CardError", "card_data"]

_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_MAX_LENGTH = 256 << 10
"""Characters of the YAML. The loader reads larger ones, but not while others wait."""
_MAX_WRITTEN = 1 << 20
_NO_INTEGER = 1 << 63
_NO_FLOAT = 1 << 1023
_MAX_UNGUARDED = 4 << 10
"""Characters of a YAML that is read at once. Of larger ones, few are read at the same time, so that others get on."""
_guard = threading.BoundedSemaphore(2)


class CardError(ValueError):
    """The front matter of a README is no YAML object."""


def card_data(readme: str) -> dict[str, Any] | None:
    """Parse the front matter of a README; ``None`` if it has none.

    Raises:
        CardError: It says it in a way that cannot be read.
    """
    found = _FRONT.match(readme)
    if not found:
        return None
    if len(found[1]) > _MAX_LENGTH:
        raise CardError(f"The head of README.md has more than {_MAX_LENGTH} characters")
    try:
        with _guard if len(found[1]) > _MAX_UNGUARDED else nullcontext():
            data = load(found[1], dates=False)
    except yaml.YAMLError as error:
        raise CardError(f"Invalid YAML in the head of README.md: {str(error)[:1000]}") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError("The head of README.md must be a YAML object")
    return cast("dict[str, Any]", _Json().of(cast("object", data)))


class _Json:
    """Converts YAML values to JSON values, with a limit on their expanded size."""

    def __init__(self) -> None:
        self._left = _MAX_WRITTEN

    def of(self, value: object) -> object:
        """Convert a value: keys become texts, non-finite numbers null. The loader limits the depth."""
        if isinstance(value, dict):
            return {self._text(str(name)): self.of(part) for name, part in cast("dict[object, object]", value).items()}
        if isinstance(value, list):
            return [self.of(part) for part in cast("list[object]", value)]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int) and abs(value) >= _NO_INTEGER:  # other readers of JSON take it for a float, too
            return float(value) if abs(value) < _NO_FLOAT else None
        return value if value is None or isinstance(value, int | float | bool) else self._text(str(value))

    def _text(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise CardError(f"The head of README.md stands for more than {_MAX_WRITTEN} characters")
        # A lone half of a surrogate pair, as "\ud800" has it, is no text.
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
