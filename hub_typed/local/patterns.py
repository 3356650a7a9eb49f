"""The patterns of ``.gitattributes`` and ``.gitignore``, as far as the Hub goes by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, TypeAlias

import attrs

__all__ = ["ATTRIBUTES", "Attributes", "Ignore", "lfs_line"]

ATTRIBUTES: Final = ".gitattributes"
MAX_PATTERN: Final = 4096
"""Letters of a pattern, as of a path; a longer one matches nothing."""
_STAR: Final = "*"
_NOTHING: Final = re.compile(r"(?!)")
_TRACKED: Final = "filter=lfs diff=lfs merge=lfs -text"
_CLASSES: Final = {"[:space:]": r" \t\n\r\f\v", "[:digit:]": "0-9", "[:alpha:]": "a-zA-Z", "[:alnum:]": "a-zA-Z0-9"}
_BLANKS: Final = re.compile("[ \t\r]+")
_TOKEN: Final = re.compile(
    r"(?P<any>(?<![^/])\*\*/)"  # a/**/b, **/b: any number of folders
    r"|(?P<rest>(?<=/)\*\*$)"  # a/**: all that is inside
    r"|(?P<star>\*+)|(?P<one>\?)"
    r"|\[(?P<not>[!^]?)(?P<set>\]?(?:\[:\w+:\]|\\.|[^\]\\])*+)\]"
    r"|\\(?P<escaped>.)|(?P<plain>.)"
)


_Segment: TypeAlias = "re.Pattern[str] | None"
"""What one name of a path must be; ``None``: any number of folders."""


@attrs.frozen
class _Pattern:
    segments: tuple[_Segment, ...]
    folders_only: bool

    @classmethod
    def of(cls, text: str) -> _Pattern:
        if len(text) > MAX_PATTERN:
            return cls((_NOTHING,), folders_only=False)
        folders_only = text.endswith("/")
        text = text.removesuffix("/")
        # Without a slash inside, a pattern is meant for names at any depth.
        anywhere = [] if "/" in text else [None]
        return cls((*anywhere, *_translated(text.removeprefix("/"))), folders_only)

    def matches(self, path: str, *, folder: bool = False) -> bool:
        return (folder or not self.folders_only) and self._match(path.split("/"))

    def _match(self, names: list[str]) -> bool:
        """Whether the names fit, from left to right; when one does not, the last ``**`` takes in one more."""
        name = segment = 0
        after_folders = resume = -1
        while name < len(names):
            wanted = self.segments[segment] if segment < len(self.segments) else _NOTHING
            if wanted is None:
                segment += 1
                after_folders, resume = segment, name
            elif wanted.fullmatch(names[name]):
                segment += 1
                name += 1
            elif after_folders >= 0:
                resume += 1
                segment, name = after_folders, resume
            else:
                return False
        return all(rest is None for rest in self.segments[segment:])


class Attributes:
    """Which files the ``.gitattributes`` of a repository hand over to LFS.

    Args:
        read: Gives the text of the ``.gitattributes`` at a path, empty where there is none. It is asked for those that
            matter, once each.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        def rules(folder: str) -> list[tuple[_Pattern, bool]]:
            return _attribute_rules(read(f"{folder}{ATTRIBUTES}"))

        self._rules = cache(rules)

    def lfs(self, path: str) -> bool:
        """Whether this file is a large one; the last rule that knows it decides, of the folder that is nearest."""
        starts = [at + 1 for at, letter in enumerate(path) if letter == "/"]
        for start in (*reversed(starts), 0):
            for pattern, large in reversed(self._rules(path[:start])):
                if pattern.matches(path[start:]):
                    return large
        return False


class Ignore:
    """Which files a ``.gitignore`` keeps out."""

    def __init__(self, text: str) -> None:
        self._rules: list[tuple[_Pattern, bool]] = []
        for line in (line.removesuffix("\r").rstrip(" ") for line in text.split("\n")):
            if line and not line.startswith("#"):
                self._rules.append((_Pattern.of(line.removeprefix("!")), not line.startswith("!")))

    def ignores(self, path: str) -> bool:
        """Whether this file is kept out, by its own name or with a folder above it."""
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(self._decides(folder, folder=True) for folder in above) or self._decides(path, folder=False)

    def _decides(self, path: str, *, folder: bool) -> bool:
        rules = reversed(self._rules)
        return next((ignored for pattern, ignored in rules if pattern.matches(path, folder=folder)), False)


def _attribute_rules(text: str) -> list[tuple[_Pattern, bool]]:
    """The patterns of a ``.gitattributes`` that say something of LFS, and what they say."""
    rules: list[tuple[_Pattern, bool]] = []
    for line in text.split("\n"):
        # Not split(): to git, a no-break space is a letter like others.
        pattern, *attributes = _BLANKS.split(line.strip(" \t\r"))
        filters = [word for word in attributes if word.lstrip("-!").split("=")[0] == "filter"]
        if filters and not pattern.startswith("#"):
            rules.append((_Pattern.of(pattern), filters[-1] == "filter=lfs"))
    return rules


def lfs_line(path: str) -> str:
    """The line of a ``.gitattributes`` that hands over just this file to LFS."""
    escaped = re.sub(r"[ \t\r\n\v\f]", "[[:space:]]", re.sub(r'([\\*?\["#!])', r"\\\1", path))
    # Without a slash it would be meant for files of this name in all folders.
    return f"{escaped if '/' in path else '/' + escaped} {_TRACKED}\n"


def _translated(pattern: str) -> Iterator[_Segment]:
    """The segments of one pattern, between its slashes."""
    parts: list[str] = []  # of one segment: what each letter may be, and stars
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup, token[0]
        if kind == "any":
            yield None
        elif kind == "rest":
            yield None
            parts = [_STAR]
        elif kind == "star":
            parts.append(_STAR)
        elif kind == "one":
            parts.append(".")
        elif kind in ("not", "set"):
            parts.append(_set(token["set"], negated=bool(token["not"])))
        elif text == "/":
            yield _segment(parts)
            parts = []
        else:
            parts.append(re.escape(token["escaped"] or text))
    yield _segment(parts)


def _segment(parts: list[str]) -> re.Pattern[str]:
    """The regular expression of one segment.

    What stands between two stars is found as early as it can be, and for good: each letter is looked at a few times,
    however many stars there are.
    """
    chunks = [""]
    for part in parts:
        if part == _STAR:
            chunks.append("")
        else:
            chunks[-1] += part
    if len(chunks) == 1:
        expression = chunks[0]
    else:
        between = "".join(f"(?>.*?{chunk})" for chunk in chunks[1:-1] if chunk)
        expression = f"{chunks[0]}{between}.*{chunks[-1]}"
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:  # as [z-a], which is no letter at all
        return _NOTHING


def _set(inside: str, *, negated: bool) -> str:
    for name, meaning in _CLASSES.items():
        inside = inside.replace(name, meaning)
    return f"[{'^/' if negated else ''}{inside.replace('[', chr(92) + '[')}]"
