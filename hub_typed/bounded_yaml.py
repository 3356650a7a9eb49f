"""YAML from anybody: safe to read, and bounded in size, depth and what its references write out to.

PyYAML's own safe loader makes no object of foreign classes, but a text of 300 bytes can cost it all memory: merge keys
(``<<``) and aliases write out to more than they are, brackets nest beyond the stack, numbers have thousands of digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import yaml

__all__ = ["BoundedLoader", "load"]

MAX_LENGTH: Final = 2 << 20
"""Characters of a document."""
MAX_DEPTH: Final = 100
"""Lists and objects within each other, those that are referred to included."""
MAX_NODES: Final = 250_000
"""Values of a document, those that are referred to counted each time."""
MAX_NUMBER: Final = 400
"""Characters of a number: as many as the largest float has digits, and more."""

_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_REFUSED: Final = tuple(f"tag:yaml.org,2002:{name}" for name in ("binary", "omap", "pairs", "set"))
"""What has no counterpart in JSON."""


class BoundedLoader(yaml.SafeLoader):
    """Reads YAML into text, numbers, booleans, dates, lists and objects; ``no`` is Norwegian, as for the Hub."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise yaml.YAMLError(f"it has {len(text):,} characters, and {MAX_LENGTH:,} are read at most")
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[int, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one value; what it writes out to is known before anything is made of it."""
        alias = self.check_event(yaml.AliasEvent)
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs say nothing of it
        mark = event.start_mark
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.constructor.ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if alias and id(node) not in self._sizes:
            raise yaml.constructor.ConstructorError(None, None, "a value holds itself", mark)
        nodes, depth = self._sizes.get(id(node)) or self._measured(node)
        if nodes > MAX_NODES:
            problem = f"it writes out to more than {MAX_NODES:,} values"
            raise yaml.constructor.ConstructorError(None, None, problem, mark)
        if depth > MAX_DEPTH:
            raise yaml.constructor.ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        self._sizes[id(node)] = nodes, depth
        return node

    def _measured(self, node: yaml.Node | None) -> tuple[int, int]:
        """How many values a value is, and how deep, by those it holds, which were measured before."""
        nodes, depth = 1, 0
        if isinstance(node, yaml.SequenceNode):
            parts = [self._sizes[id(part)] for part in node.value]
        elif isinstance(node, yaml.MappingNode):
            parts = [self._sizes[id(part)] for pair in node.value for part in pair]
        else:
            return 1, 1
        for part_nodes, part_depth in parts:
            nodes += part_nodes
            depth = max(depth, part_depth)
        return nodes, depth + 1

    def bounded_number(self, node: yaml.ScalarNode) -> int | float:
        """A number of bounded length; Python's own bound depends on how it was started."""
        if len(node.value) > MAX_NUMBER:
            problem = f"a number has {len(node.value):,} characters"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        make: Callable[[Any], Any] = self.construct_yaml_int if node.tag == _NUMBERS[0] else self.construct_yaml_float
        number: int | float = make(node)
        return number


for _tag in _NUMBERS:
    BoundedLoader.add_constructor(_tag, BoundedLoader.bounded_number)
for _tag in _REFUSED:
    BoundedLoader.add_constructor(_tag, BoundedLoader.construct_undefined)  # type: ignore[type-var]  # the stubs narrow it to its first class

_BOOL: Final = "tag:yaml.org,2002:bool"
_TRUE_OR_FALSE: Final = (_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"))
BoundedLoader.yaml_implicit_resolvers = {
    first: [*([_TRUE_OR_FALSE] if first in "tTfF" else []), *(one for one in resolvers if one[0] != _BOOL)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str, loader: type[BoundedLoader] = BoundedLoader) -> object:
    """What a document says.

    Raises:
        yaml.YAMLError: It cannot be read, or is beyond the bounds.
    """
    try:
        return yaml.load(text, loader)  # noqa: S506  # it is a SafeLoader
    except yaml.YAMLError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        # PyYAML lets those through for values that do not fit their tag: 2024-13-45, !!int "", !!timestamp no.
        raise yaml.YAMLError(str(error)[:200] or type(error).__name__) from error
