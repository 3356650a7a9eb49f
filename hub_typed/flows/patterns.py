"""Which paths the ``allow_patterns`` and ``ignore_patterns`` of downloads and uploads let through."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

__all__: list[str] = []


def filter_paths(
    paths: Iterable[str], allow_patterns: Iterable[str] | str | None, ignore_patterns: Iterable[str] | str | None
) -> list[str]:
    """The paths that some allowed pattern matches and no ignored one, in their order.

    Args:
        paths: With forward slashes.
        allow_patterns: One or more shell patterns whose ``*`` goes over slashes; ``None``: all paths; none in the list:
            no path. A pattern that ends with a slash stands for all that is in the folder.
        ignore_patterns: The same; they win.
    """
    allowed = _patterns("*" if allow_patterns is None else allow_patterns)
    ignored = _patterns(() if ignore_patterns is None else ignore_patterns)
    return [path for path in paths if _matches(path, allowed) and not _matches(path, ignored)]


def _patterns(given: Iterable[str] | str) -> list[str]:
    several = [given] if isinstance(given, str) else given
    return [f"{pattern}*" if pattern.endswith("/") else pattern for pattern in several]


def _matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
