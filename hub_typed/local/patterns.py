"""The patterns of ``.gitattributes`` and ``.gitignore``, as far as the Hub goes by them.

They come from whoever may write to a repository, so no match goes back to an earlier star: it costs at most the length
of the path times that of the pattern.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final

import attrs

from hub_typed.local.faults import unprocessable

__all__ = ["ATTRIBUTES", "Attributes", "Ignore", "lfs_line"]

ATTRIBUTES: Final = ".gitattributes"
LONGEST: Final = 2048
"""Characters of a pattern; a longer one matches nothing. To git, a longer line of ``.gitattributes`` says nothing."""
PATIENCE: Final = 20.0
"""Seconds that all patterns and files of one request may take."""
_TRACKED: Final = "filter=lfs diff=lfs merge=lfs -text"
_BLANKS: Final = re.compile("[ \t\r]+")
_CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_TOKEN: Final = re.compile(
    r"(?P<star>\*+)|(?P<one>\?)|(?P<set>\[)|(?P<slash>\\?/)|\\(?P<escaped>.)|(?P<plain>.)", re.DOTALL
)
_NEVER: Final = re.compile(r"(?!)").fullmatch


class _MalformedError(Exception):
    """git takes a pattern for one that matches nothing."""


@attrs.frozen
class _Pattern:
    """A pattern, taken apart at its slashes.

    Attributes:
        parts: What matches each folder and the name; ``None`` stands for any number of folders.
        anywhere: Whether it is meant for names at any depth.
        folders_only: Whether it is meant for folders.
    """

    parts: tuple[Callable[[str], object] | None, ...]
    anywhere: bool
    folders_only: bool

    def matches(self, path: Sequence[str], *, folder: bool = False) -> bool:
        """Whether it matches the parts of a path."""
        if self.folders_only and not folder:
            return False
        if self.anywhere:
            name = self.parts[0]
            return name is not None and name(path[-1]) is not None
        return _matches(self.parts, path)


def _matches(parts: Sequence[Callable[[str], object] | None], path: Sequence[str]) -> bool:
    """Whether parts match; the last ``None`` alone ever takes another folder, which suffices."""
    at = here = 0
    retry = -1, 0
    while here < len(path):
        part = parts[at] if at < len(parts) else _NEVER
        if part is None:
            at += 1
            retry = at, here
        elif part(path[here]):
            at += 1
            here += 1
        elif retry[0] >= 0:
            retry = retry[0], retry[1] + 1
            at, here = retry
        else:
            return False
    return at == len(parts)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> _Pattern:
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    anywhere = "/" not in text
    try:
        parts = _parts(text.removeprefix("/")) if len(text) <= LONGEST else [_NEVER]
    except _MalformedError:
        parts = [_NEVER]
    if anywhere:
        parts = parts[-1:]  # "**" alone is "*"
    return _Pattern(tuple(parts), anywhere, folders_only)


def _parts(pattern: str) -> list[Callable[[str], object] | None]:
    """What matches each part between slashes.

    Raises:
        _MalformedError: It has a bracket or a backslash without an end.
    """
    parts: list[Callable[[str], object] | None] = []
    # What stands between stars, as regular expressions.
    pieces = [""]
    start = at = 0
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        assert found is not None
        at = found.end()
        kind, text = found.lastgroup, found[0]
        if kind == "slash":
            parts.append(None if pattern[start : at - 1] == "**" else _part(pieces))
            pieces, start = [""], at
        elif kind == "star":
            pieces.append("")
        elif kind == "one":
            pieces[-1] += "."
        elif kind == "set":
            expression, at = _set(pattern, at)
            pieces[-1] += expression
        elif text == "\\":
            raise _MalformedError
        else:
            pieces[-1] += re.escape(found["escaped"] or text)
    if pattern[start:] == "**":  # all that is inside
        parts.append(None)
    parts.append(_part(pieces))
    return parts


def _part(pieces: list[str]) -> Callable[[str], object]:
    """What matches a folder or a name, with stars between the pieces."""
    first, *inner = pieces
    if not inner:
        return re.compile(first, re.DOTALL).fullmatch
    last = inner.pop()
    # The first place where a piece fits is as good as any later one: nothing is lost by not going back.
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in inner if piece) + f".*{last}", re.DOTALL).fullmatch


def _set(pattern: str, at: int) -> tuple[str, int]:
    """The regular expression of a bracket, and where it ends.

    Args:
        pattern: The whole pattern.
        at: Where its inside begins.

    Raises:
        _MalformedError: It has no end, or names a class that there is not.
    """
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    inside: list[str] = []
    before = ""  # what a range may begin with
    first = True
    while first or pattern[at : at + 1] != "]":
        first = False
        escaped = pattern[at : at + 1] == "\\"
        letter, at = _letter(pattern, at)
        if not escaped and letter == "-" and before and pattern[at : at + 1] not in ("", "]"):
            end, at = _letter(pattern, at)
            inside += [f"{re.escape(before)}-{re.escape(end)}"] if before <= end else []
            before = ""
        elif not escaped and letter == "[" and (named := _class(pattern, at)):
            inside.append(_CLASSES[named])
            at += len(named) + 3
            before = ""
        else:
            inside.append(re.escape(letter))
            before = letter
    if not inside:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{''.join(inside)}]", at + 1


def _letter(pattern: str, at: int) -> tuple[str, int]:
    """The letter that stands somewhere in a bracket, and where the next one is."""
    at += pattern[at : at + 1] == "\\"
    if at >= len(pattern):
        raise _MalformedError
    return pattern[at], at + 1


def _class(pattern: str, at: int) -> str:
    """The name of the class that begins after this bracket inside another; empty, where it is a bracket by itself."""
    if pattern[at : at + 1] != ":":
        return ""
    end = pattern.find("]", at + 1)
    if end < 0:
        raise _MalformedError
    name = pattern[at + 1 : end - 1]
    if end < at + 2 or pattern[end - 1] != ":":
        return ""
    if name not in _CLASSES:
        raise _MalformedError
    return name


class _Patience:
    """Ends the work on patterns that takes too long: there may be very many of them, and of paths.

    Work on a commit holds up others who write to the repository, which need not be one of who sends it.
    """

    def __init__(self) -> None:
        self._end = time.monotonic() + PATIENCE

    def check(self) -> None:
        """See whether there is time left.

        Raises:
            HubFault: 422, there is none.
        """
        if time.monotonic() > self._end:
            raise unprocessable(f"{ATTRIBUTES} or .gitignore has too many patterns for so many files")


class Attributes:
    """Which files the ``.gitattributes`` of a repository hand over to LFS.

    Args:
        read: Gives the text of the ``.gitattributes`` at a path, empty where there is none. It is asked for those that
            matter, once each.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        self._patience = _Patience()

        def rules(folder: str) -> list[tuple[_Pattern, bool]]:
            return _attribute_rules(read(f"{folder}{ATTRIBUTES}"))[::-1]

        self._rules = cache(rules)

    def lfs(self, path: str) -> bool:
        """Whether this file is a large one; the last rule that knows it decides, of the folder that is nearest.

        Raises:
            HubFault: 422, all these files take too long.
        """
        parts = path.split("/")
        folder = path
        for depth in range(len(parts) - 1, -1, -1):
            folder = folder.rpartition("/")[0]
            if not (rules := self._rules(f"{folder}/" if folder else "")):
                continue
            below = parts[depth:]
            for pattern, large in rules:
                self._patience.check()
                if pattern.matches(below):
                    return large
        return False


class Ignore:
    """Which files a ``.gitignore`` keeps out."""

    def __init__(self, text: str) -> None:
        self._patience = _Patience()
        self._rules: list[tuple[_Pattern, bool]] = []
        self._folders: dict[str, bool] = {}
        for line in text.split("\n"):
            rule = _without_blanks(line.removesuffix("\r"))
            if rule and not rule.startswith("#"):
                self._rules.append((_pattern(rule.removeprefix("!")), not rule.startswith("!")))

    def ignores(self, path: str) -> bool:
        """Whether this file is kept out, by its own name or with a folder above it.

        Raises:
            HubFault: 422, all these files take too long.
        """
        parts = path.split("/")
        return self._ignores_folder(parts[:-1]) or self._decides(parts, folder=False)

    def _ignores_folder(self, parts: list[str]) -> bool:
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in self._folders:
                self._folders[folder] = self._decides(parts[:depth], folder=True)
            if self._folders[folder]:
                return True
        return False

    def _decides(self, path: Sequence[str], *, folder: bool) -> bool:
        for pattern, ignored in reversed(self._rules):
            self._patience.check()
            if pattern.matches(path, folder=folder):
                return ignored
        return False


def _without_blanks(line: str) -> str:
    """A line without the blanks at its end, but for one after a backslash."""
    left = line.rstrip(" ")
    quoted = (len(left) - len(left.rstrip("\\"))) % 2 == 1
    return f"{left} " if quoted and left != line else left


def _attribute_rules(text: str) -> list[tuple[_Pattern, bool]]:
    """The patterns of a ``.gitattributes`` that say something of LFS, and what they say."""
    rules: list[tuple[_Pattern, bool]] = []
    for line in text.split("\n"):
        # Not split(): to git, a no-break space is a letter like others.
        pattern, *attributes = _BLANKS.split(line.strip(" \t\r"))
        filters = [word for word in attributes if word.lstrip("-!").split("=")[0] == "filter"]
        if filters and not pattern.startswith("#"):
            rules.append((_pattern(pattern), filters[-1] == "filter=lfs"))
    return rules


def lfs_line(path: str) -> str:
    """The line of a ``.gitattributes`` that hands over just this file to LFS."""
    escaped = re.sub(r"[ \t\r\n\v\f]", "[[:space:]]", re.sub(r'([\\*?\["#!])', r"\\\1", path))
    # Without a slash it would be meant for files of this name in all folders.
    return f"{escaped if '/' in path else '/' + escaped} {_TRACKED}\n"
