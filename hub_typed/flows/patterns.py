"""Matching of paths with ``allow_patterns`` and ``ignore_patterns``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

__all__: list[str] = []


def filter_paths(
    paths: Iterable[str], allow_patterns: Iterable[str] | str | None, ignore_patterns: Iterable[str] | str | None
) -> list[str]:
    """Return the paths that match an allowed pattern and no ignored one, in order.

    Args:
        paths: Paths with forward slashes.
        allow_patterns: Shell patterns; ``*`` also matches slashes, and a pattern that ends with a slash matches
            everything in the folder. ``None`` allows all paths, an empty list none.
        ignore_patterns: Shell patterns of the same form; they take precedence.
    """
    allowed = None if allow_patterns is None else _matcher(allow_patterns)
    ignored = None if ignore_patterns is None else _matcher(ignore_patterns)
    return [path for path in paths if (allowed is None or allowed(path)) and not (ignored and ignored(path))]


def _matcher(given: Iterable[str] | str) -> Callable[[str], object]:
    """Return a function that matches a path against patterns as `fnmatch.fnmatchcase` does.

    `fnmatch.translate` makes each star but the last an atomic group, so a match never goes back to an earlier star and
    costs at most the length of the path times that of the pattern.
    """
    given_patterns = [given] if isinstance(given, str) else given
    patterns = [f"{pattern}*" if pattern.endswith("/") else pattern for pattern in given_patterns]
    if not patterns:
        return lambda _: None
    return re.compile("|".join(f"(?:{_translated(pattern)})" for pattern in patterns)).match


def _translated(pattern: str) -> str:
    """Translate a pattern as `fnmatch.translate` does, but in linear time for unclosed brackets."""
    classes, end, rest = pattern.rpartition("]")
    if "[" not in rest:
        return translate(pattern)
    placeholder = next(char for char in map(chr, range(0x4E00, 0xA000)) if char not in pattern)
    return translate(classes + end + rest.replace("[", placeholder)).replace(placeholder, r"\[")
