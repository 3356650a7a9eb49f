"""What docstrings say of attributes."""

from __future__ import annotations

import re
from inspect import cleandoc

__all__ = ["attribute_meanings"]


def attribute_meanings(cls: type) -> dict[str, str]:
    """Read what the docstring of a class says of each attribute, as Markdown."""
    text = cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", text, re.MULTILINE)
    return {name: " ".join(meaning.split()).replace("``", "`") for name, meaning in found}
