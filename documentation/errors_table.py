"""Table of the error classes: base classes and meaning."""

from __future__ import annotations

from inspect import cleandoc, isclass

from documentation.tables import table
from hub_typed import errors

__all__ = ["errors_table"]


def errors_table() -> str:
    """Write a row for each error class, the general ones first."""
    found: list[type[BaseException]] = [
        value for name in errors.__all__ if isclass(value := getattr(errors, name)) and issubclass(value, Exception)
    ]
    found.sort(key=lambda error: ([base.__name__ for base in reversed(error.__mro__)], error.__name__))
    return table(("class", "is a", "meaning"), [_row(error) for error in found])


def _row(error: type[BaseException]) -> tuple[str, str, str]:
    bases = ", ".join(f"`{base.__name__}`" for base in error.__bases__)
    meaning = cleandoc(error.__doc__ or "").partition("\n\n")[0]
    return f"[`{error.__name__}`][{error.__module__}.{error.__name__}]", bases, meaning.replace("``", "`")
