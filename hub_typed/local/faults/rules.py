"""Rules: which requests have which fault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import count
from random import Random
from typing import Final

import attrs

from hub_typed.local.faults.checks import number, optional, text, whole_number
from hub_typed.local.faults.model import Fault

__all__ = ["CONTROL", "Faults", "Rule"]

CONTROL: Final = "control."
"""Start of the names of the operations that change the faults, which have none themselves and are not counted."""
METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""Methods of HTTP that requests may have."""


@attrs.define(eq=False, kw_only=True)
class Rule:
    """A fault, and the requests that have it.

    Attributes:
        id: Number of the rule.
        fault: What happens.
        operation: Pattern of the operation, as ``Exchange.operation`` names it: ``commits.create_commit``,
            ``storage.upload*``. Patterns are those of `fnmatch`, where ``*`` also matches dots and slashes.
        path: Pattern of the percent-encoded path, without the query: ``/owner/name/resolve/*``.
        method: Pattern of the HTTP method.
        skip: Number of matching requests that are spared first.
        times: Maximum number of requests that have the fault, at least 1; ``None`` for all.
        probability: Share of the other matching requests that have the fault, greater than 0 and at most 1.
        seed: Start of the random numbers; the same seed spares the same requests.
        matched: Number of requests that matched so far, and had no fault of an earlier rule.
        count: Number of requests that had the fault so far.
    """

    id: int
    fault: Fault
    operation: str = attrs.field(default="*", validator=text)
    path: str = attrs.field(default="*", validator=text)
    method: str = attrs.field(default="*", validator=text)
    skip: int = attrs.field(default=0, validator=whole_number())
    times: int | None = attrs.field(default=None, validator=optional(whole_number(1)))
    probability: float = attrs.field(default=1.0, validator=number(1, positive=True))
    seed: int = attrs.field(default=0, validator=whole_number())
    matched: int = attrs.field(default=0, init=False)
    count: int = attrs.field(default=0, init=False)
    _random: Random = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311, for tests

    def fires(self, operation: str, method: str, path: str) -> bool:
        """Whether a request has the fault; counts it. The lock of `Faults` protects the counts."""
        if not (
            fnmatchcase(operation, self.operation)
            and fnmatchcase(path, self.path)
            and fnmatchcase(method.upper(), self.method.upper())
        ):
            return False
        self.matched += 1
        if self.matched <= self.skip or (self.times is not None and self.count >= self.times):
            return False
        if self._random.random() >= self.probability:
            return False
        self.count += 1
        return True


class Faults:
    """Faults of a Hub, for tests of how clients react: ``hub.faults``.

    A request has the fault of the first rule that applies to it, in order of addition; others do not count it.

    Example:
        rule = hub.faults.add(Status(503), operation="commits.create_commit", times=2)
        api.upload_file(...)
        assert rule.count == 2

    Args:
        operation_of: Returns the operation of a method and a path; empty if there is none.
        operations: Returns the names of all operations.
    """

    def __init__(self, operation_of: Callable[[str, str], str], operations: Callable[[], Collection[str]]) -> None:
        self._operation_of = operation_of
        self._operations = operations
        self._rules: list[Rule] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        *,
        operation: str = "*",
        path: str = "*",
        method: str = "*",
        skip: int = 0,
        times: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> Rule:
        """Let requests have a fault; the arguments and the result are described at `Rule`.

        Raises:
            ValueError: An argument is invalid, or no request can match: there is no such operation or method, or the
                path does not begin with a slash.
        """
        rule = Rule(
            id=next(self._ids),
            fault=fault,
            operation=operation,
            path=path,
            method=method,
            skip=skip,
            times=times,
            probability=probability,
            seed=seed,
        )
        names = [name for name in self._operations() if not name.startswith(CONTROL)]
        _check_pattern("operation", operation, names)
        _check_pattern("method", method.upper(), METHODS)
        if path and path[0] not in "/*?[":
            raise ValueError(f"No path matches {path!r}: paths begin with a slash")
        with self._lock:
            self._rules = [*self._rules, rule]
        return rule

    def remove(self, rule: Rule) -> None:
        """Remove a rule; one that was removed already is ignored."""
        with self._lock:
            self._rules = [one for one in self._rules if one is not rule]

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules = []

    @property
    def rules(self) -> list[Rule]:
        """The rules in order of addition."""
        return list(self._rules)

    def choose(self, method: str, path: str) -> Fault | None:
        """Return the fault of a request, and count it; ``None`` if it has none.

        Args:
            path: Percent-encoded path.
        """
        if not self._rules:
            return None
        operation = self._operation_of(method, path)
        if operation.startswith(CONTROL):
            return None
        with self._lock:
            return next((rule.fault for rule in self._rules if rule.fires(operation, method, path)), None)


def _check_pattern(kind: str, pattern: str, known: Collection[str]) -> None:
    if pattern != "*" and not any(fnmatchcase(name, pattern) for name in known):
        close = get_close_matches(pattern, known, n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(f"No {kind} of this Hub matches {pattern!r}{hint}")
