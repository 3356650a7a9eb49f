"""Patterns of ``.gitattributes`` and ``.gitignore``, as far as the Hub applies them.

Patterns are untrusted input, so matching never backtracks to an earlier star: it takes at most time proportional to the
length of the path times that of the pattern.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, TypeAlias

import attrs

from hub_typed.local.errors import unprocessable

__all__ = ["ATTRIBUTES", "IGNORE", "Attributes", "Ignore", "lfs_line"]

ATTRIBUTES: Final = ".gitattributes"
IGNORE: Final = ".gitignore"
MAX_PATTERN: Final = 2048
"""Maximum characters of a pattern; longer ones match nothing. Git ignores longer lines of ``.gitattributes``, too."""
MAX_SECONDS: Final = 20.0
"""Maximum number of seconds to match all files of one request with all patterns."""
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
    """The pattern is malformed, and matches nothing, as in git."""


@attrs.frozen
class _Pattern:
    """A pattern, split at its slashes.

    Attributes:
        parts: Matchers of the folders and the name; ``None`` stands for any number of folders.
        anywhere: Whether it matches names at any depth.
        folders_only: Whether it matches only folders.
    """

    parts: tuple[Callable[[str], object] | None, ...]
    anywhere: bool
    folders_only: bool

    def matches(self, path: Sequence[str], *, folder: bool = False) -> bool:
        """Whether the pattern matches the parts of a path."""
        if self.folders_only and not folder:
            return False
        if self.anywhere:
            name = self.parts[0]
            return name is not None and name(path[-1]) is not None
        return _matches(self.parts, path)


def _matches(parts: Sequence[Callable[[str], object] | None], path: Sequence[str]) -> bool:
    """Match parts. Backtracking to the last ``None`` (``**``) alone is enough, and bounds the time."""
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
        parts = _parts(text.removeprefix("/")) if len(text) <= MAX_PATTERN else [_NEVER]
    except _MalformedError:
        parts = [_NEVER]
    if anywhere:
        parts = parts[-1:]  # "**" alone is "*"
    return _Pattern(tuple(parts), anywhere, folders_only)


def _parts(pattern: str) -> list[Callable[[str], object] | None]:
    """Compile the parts between slashes.

    Raises:
        _MalformedError: A bracket or a backslash is not complete.
    """
    parts: list[Callable[[str], object] | None] = []
    # The text between stars, as regular expressions.
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
    if pattern[start:] == "**":  # everything inside
        parts.append(None)
    parts.append(_part(pieces))
    return parts


def _part(pieces: list[str]) -> Callable[[str], object]:
    """Compile one part from the expressions between its stars."""
    first, *inner = pieces
    if not inner:
        return re.compile(first, re.DOTALL).fullmatch
    last = inner.pop()
    # The first match of a piece is as good as any later one, so atomic groups lose no match.
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in inner if piece) + f".*{last}", re.DOTALL).fullmatch


def _set(pattern: str, at: int) -> tuple[str, int]:
    """Return the regular expression of a bracket expression, and the position after it.

    Args:
        pattern: The whole pattern.
        at: Position after the opening bracket.

    Raises:
        _MalformedError: The expression is not closed, or names an unknown character class.
    """
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    inside: list[str] = []
    before = ""  # possible start of a range
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
    """Return a character of a bracket expression, and the position of the next one."""
    at += pattern[at : at + 1] == "\\"
    if at >= len(pattern):
        raise _MalformedError
    return pattern[at], at + 1


def _class(pattern: str, at: int) -> str:
    """Return the name of a character class at a position; empty if there is none."""
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


class _TimeLimit:
    """Time limit for matching many paths with many patterns.

    A commit is made under the lock of the repository, so other writers wait for it.
    """

    def __init__(self) -> None:
        self._end = time.monotonic() + MAX_SECONDS

    def check(self) -> None:
        """Check that there is time left.

        Raises:
            HubResponseError: 422, the limit is exceeded.
        """
        if time.monotonic() > self._end:
            raise unprocessable(f"{ATTRIBUTES} or .gitignore has too many patterns for so many files")


_Rules: TypeAlias = list[tuple[_Pattern, bool]]
"""Patterns of one file, and what a match means; the last line first."""


class Attributes:
    """LFS rules of the ``.gitattributes`` files of a repository.

    Args:
        read: Function that returns the text of the ``.gitattributes`` at a path; empty if it does not exist. It is
            called at most once for each file, and only if needed.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        self._time_limit = _TimeLimit()

        def rules(folder: str) -> _Rules:
            return _attribute_rules(read(f"{folder}{ATTRIBUTES}"))[::-1]

        self._rules = cache(rules)

    def lfs(self, path: str) -> bool:
        """Whether a file is stored with LFS; the last matching rule of the nearest folder decides.

        Raises:
            HubResponseError: 422, matching all files takes too long.
        """
        parts = path.split("/")
        folder = path
        for depth in range(len(parts) - 1, -1, -1):
            folder = folder.rpartition("/")[0]
            if not (rules := self._rules(f"{folder}/" if folder else "")):
                continue
            below = parts[depth:]
            for pattern, large in rules:
                self._time_limit.check()
                if pattern.matches(below):
                    return large
        return False


class Ignore:
    """Rules of the ``.gitignore`` files of a repository.

    Args:
        read: Function that returns the text of the ``.gitignore`` at a path, as for `Attributes`.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        self._time_limit = _TimeLimit()
        self._folders: dict[str, bool] = {}

        def rules(folder: str) -> _Rules:
            return _ignore_rules(read(f"{folder}{IGNORE}"))[::-1]

        self._rules = cache(rules)

    def ignores(self, path: str) -> bool:
        """Whether a file is ignored, by itself or by a parent folder; files in an ignored folder cannot be included.

        Raises:
            HubResponseError: 422, matching all files takes too long.
        """
        parts = path.split("/")
        rules: list[tuple[int, _Rules]] = []
        folder = ""
        for depth, part in enumerate(parts):
            if found := self._rules(folder):
                rules.insert(0, (depth, found))
            folder += f"{part}/"
        return self._ignores_folder(parts[:-1], rules) or self._decides(parts, rules, folder=False)

    def _ignores_folder(self, parts: list[str], rules: list[tuple[int, _Rules]]) -> bool:
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in self._folders:
                self._folders[folder] = self._decides(parts[:depth], rules, folder=True)
            if self._folders[folder]:
                return True
        return False

    def _decides(self, parts: list[str], rules: list[tuple[int, _Rules]], *, folder: bool) -> bool:
        """Whether the last matching rule of the nearest folder ignores a path.

        Args:
            rules: Depth and rules of each folder that has some, the deepest first.
        """
        for depth, found in rules:
            below = parts[depth:]
            if not below:
                continue
            for pattern, ignored in found:
                self._time_limit.check()
                if pattern.matches(below, folder=folder):
                    return ignored
        return False


def _ignore_rules(text: str) -> list[tuple[_Pattern, bool]]:
    """Return the patterns of a ``.gitignore``, and whether they ignore or include."""
    lines = [_without_blanks(line.removesuffix("\r")) for line in text.split("\n")]
    return [(_pattern(line.removeprefix("!")), not line.startswith("!")) for line in lines if line and line[0] != "#"]


def _without_blanks(line: str) -> str:
    """Strip the trailing spaces of a line, except an escaped one."""
    left = line.rstrip(" ")
    quoted = (len(left) - len(left.rstrip("\\"))) % 2 == 1
    return f"{left} " if quoted and left != line else left


def _attribute_rules(text: str) -> list[tuple[_Pattern, bool]]:
    """Return the patterns of a ``.gitattributes`` that set or unset LFS."""
    rules: list[tuple[_Pattern, bool]] = []
    for line in text.split("\n"):
        # Not split(): git treats a no-break space as an ordinary character.
        pattern, *attributes = _BLANKS.split(line.strip(" \t\r"))
        filters = [word for word in attributes if word.lstrip("-!").split("=")[0] == "filter"]
        if filters and not pattern.startswith("#"):
            rules.append((_pattern(pattern), filters[-1] == "filter=lfs"))
    return rules


def lfs_line(path: str) -> str:
    """Return the line of a ``.gitattributes`` that stores exactly this file with LFS."""
    escaped = re.sub(r"[ \t\r\n\v\f]", "[[:space:]]", re.sub(r'([\\*?\["#!])', r"\\\1", path))
    # Without a slash, it would match files of this name in all folders.
    return f"{escaped if '/' in path else '/' + escaped} {_TRACKED}\n"
