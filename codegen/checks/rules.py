"""Rules that explain intended differences, in a YAML file, and what they do not explain.

A file is a list of rules. Each has a ``reason`` and patterns, all of which must match (``*`` is a wildcard, a list
contains alternatives). The first matching rule explains a difference, so narrow rules precede wide ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs
import yaml

from codegen.spec.document import items_of

__all__ = ["Explained", "Rule", "RuleError", "explain", "read_rules"]

F = TypeVar("F")


class RuleError(Exception):
    """A rule is malformed."""


@attrs.frozen
class Rule:
    """A rule that explains differences.

    Attributes:
        patterns: Alternative patterns by attribute of a difference; ``*`` is a wildcard.
    """

    reason: str
    patterns: Mapping[str, tuple[str, ...]]

    def fits(self, difference: object) -> bool:
        """Whether the rule explains a difference."""
        return all(
            any(_fits(pattern, str(getattr(difference, word))) for pattern in patterns)
            for word, patterns in self.patterns.items()
        )

    def stale(self, differences: Sequence[object]) -> list[str]:
        """Return the reason, if the rule explains none of some differences, or else each pattern that fits none."""
        if not differences:
            return [self.reason]
        return [
            f"{self.reason} ({word}: {pattern})"
            for word, patterns in self.patterns.items()
            for pattern in patterns
            if not any(_fits(pattern, str(getattr(difference, word))) for difference in differences)
        ]


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def read_rules(path: Path, words: Sequence[str]) -> list[Rule]:
    """Return the rules in a file.

    Args:
        words: Attributes that a rule may have patterns for.

    Raises:
        RuleError: A rule is malformed.
    """
    rules: list[Rule] = []
    nodes: list[Mapping[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    for number, node in enumerate(nodes, start=1):
        patterns = {word: items_of(value) or [value] for word, value in node.items() if word != "reason"}
        if not node.get("reason") or not patterns or not set(patterns) <= set(words):
            raise RuleError(f"{path}: rule {number}: a rule has a reason, and patterns for some of {', '.join(words)}")
        rules.append(Rule(str(node["reason"]), {word: tuple(map(str, texts)) for word, texts in patterns.items()}))
    return rules


@attrs.frozen
class Explained(Generic[F]):
    """What rules explain.

    Attributes:
        explained: Differences by reason.
        unexplained: Differences that no rule matches.
        stale: Rules that explain nothing, and patterns that match nothing.
    """

    explained: dict[str, list[F]]
    unexplained: list[F]
    stale: list[str]

    @property
    def status(self) -> int:
        """Exit status of the program that compares."""
        return 1 if self.unexplained or self.stale else 0

    def faults(self) -> list[str]:
        """Return what is wrong, a line each."""
        lines = [f"explains nothing: {stale}" for stale in self.stale]
        return lines + [f"unexplained: {difference}" for difference in self.unexplained]

    def told(self) -> list[str]:
        """Return the explained differences, by reason."""
        lines: list[str] = []
        for reason, found in self.explained.items():
            lines += [f"{reason} ({len(found)})", *(f"  {difference}" for difference in found)]
        return lines


def explain(differences: Iterable[F], rules: Sequence[Rule]) -> Explained[F]:
    """Explain differences by the first rule that fits."""
    explained: defaultdict[int, list[F]] = defaultdict(list)
    unexplained: list[F] = []
    for difference in differences:
        number = next((number for number, rule in enumerate(rules) if rule.fits(difference)), None)
        (unexplained if number is None else explained[number]).append(difference)
    return Explained(
        {rules[number].reason: found for number, found in sorted(explained.items())},
        unexplained,
        [stale for number, rule in enumerate(rules) for stale in rule.stale(explained[number])],
    )
