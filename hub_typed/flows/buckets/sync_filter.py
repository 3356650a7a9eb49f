"""Choice of the files to synchronize, by patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Literal, Self

import attrs

from hub_typed.disk.folders import read_file

__all__: list[str] = []

Sign = Literal["+", "-"]


@attrs.frozen
class Rule:
    """A pattern, and whether paths that match it are included (``+``) or excluded (``-``)."""

    sign: Sign
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, sign: Sign, pattern: str) -> Self:
        """Compile a pattern; upper and lower case differ on all systems, and a backslash stands for a slash."""
        return cls(sign, re.compile(translate(pattern.replace("\\", "/"))))


@attrs.frozen
class PathFilter:
    """Rules of which the first one that matches a path decides.

    Attributes:
        rules: The rules.
        default: Whether a path that no rule matches is included.
    """

    rules: tuple[Rule, ...] = ()
    default: bool = True

    @classmethod
    def of(cls, include: Iterable[str], exclude: Iterable[str], filter_from: str | None) -> Self:
        """Build a filter.

        Args:
            include: Patterns; if there are any, other paths are excluded.
            exclude: Patterns; they precede those of ``include``.
            filter_from: File of rules, which precede both; see `read_rules`.

        Raises:
            OSError: The file cannot be read.
            ValueError: The file is not UTF-8.
        """
        included = [Rule.of("+", pattern) for pattern in include]
        rules = read_rules(filter_from) if filter_from is not None else []
        return cls((*rules, *(Rule.of("-", pattern) for pattern in exclude), *included), not included)

    def includes(self, path: str) -> bool:
        """Return whether a path is included."""
        for rule in self.rules:
            if rule.pattern.match(path):
                return rule.sign == "+"
        return self.default


def read_rules(file: str) -> list[Rule]:
    """Read rules from a file: a pattern in each line, after ``+`` (or nothing) or ``-``; ``#`` begins a comment line.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not UTF-8.
    """
    rules: list[Rule] = []
    for line in read_file(file, follow=True).decode().splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        sign: Sign = "-" if text[0] == "-" else "+"
        rules.append(Rule.of(sign, text[1:].strip() if text[0] in "+-" else text))
    return rules
