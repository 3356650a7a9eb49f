"""Matching of paths with ``allow_patterns`` and ``ignore_patterns``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

__all__: list[str] = []


def filter_paths(
    paths: Iterable[str], allow_patterns: Iterable[str] | str | None, ignore_patterns: Iterable[str] | str | None
) -> list[str]:
    """Filter paths by patterns: allowed by at least one pattern, ignored by none; the order is kept.

    Args:
        paths: With forward slashes.
        allow_patterns: One or more shell patterns whose ``*`` goes over slashes; ``None``: all paths; none in the list:
            no path. A pattern that ends with a slash stands for all that is in the folder.
        ignore_patterns: The same; they win.
    """
    allowed = None if allow_patterns is None else _matcher(allow_patterns)
    ignored = None if ignore_patterns is None else _matcher(ignore_patterns)
    return [path for path in paths if (allowed is None or allowed(path)) and not (ignored and ignored(path))]


def _matcher(given: Iterable[str] | str) -> Callable[[str], object]:
    """Build a function that matches a path against patterns as `fnmatch.fnmatchcase` does.

    `fnmatch.translate` makes each star but the last an atomic group, so a match never goes back to an earlier star and
    costs at most the length of the path times that of the pattern.
    """
    several = [given] if isinstance(given, str) else given
    patterns = [f"{pattern}*" if pattern.endswith("/") else pattern for pattern in several]
    if not patterns:
        return lambda _: None
    return re.compile("|".join(f"(?:{_translated(pattern)})" for pattern in patterns)).match


def _translated(pattern: str) -> str:
    """Translate a pattern as `fnmatch.translate` does, in linear time for unclosed brackets."""
    classes, end, rest = pattern.rpartition("]")
    if "[" not in rest:
        return translate(pattern)
    letter = next(letter for letter in map(chr, range(0x4E00, 0xA000)) if letter not in pattern)
    return translate(classes + end + rest.replace("[", letter)).replace(letter, r"\[")
