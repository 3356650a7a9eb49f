"""YAML from anybody: safe to read, and bounded in size, depth and what its references write out to.

PyYAML's own safe loader makes no object of foreign classes, but a text of 300 bytes can cost it all memory: merge keys
(``<<``) and aliases write out to more than they are, brackets nest beyond the stack, numbers have thousands of digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import yaml
from yaml.composer import Composer
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.parser import ParserError
from yaml.reader import ReaderError
from yaml.resolver import Resolver
from yaml.scanner import ScannerError

__all__ = ["BoundedLoader", "load"]

MAX_LENGTH: Final = 2 << 20
"""Characters of a document."""
MAX_DEPTH: Final = 100
"""Lists and objects within each other, those that are referred to included."""
MAX_NODES: Final = 250_000
"""Values of a document, those that are referred to counted each time."""
MAX_NUMBER: Final = 400
"""Characters of a number: as many as the largest float has digits, and more."""

MAX_WRITTEN: Final = 2 * MAX_LENGTH
"""Characters of all values, those that are referred to counted each time."""
MAX_MERGES: Final = 100
"""Merge keys (``<<``) of one object."""
MAX_TAG_DIRECTIVES: Final = 100
"""Directives that name tags (``%TAG``): libyaml compares each with all before it."""
MAX_READ_TWICE: Final = 1 << 16
"""Characters of a text that, where libyaml refuses it, PyYAML's own parser reads again: it is 20 times slower."""

_MERGE: Final = "tag:yaml.org,2002:merge"
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_REFUSED: Final = tuple(f"tag:yaml.org,2002:{name}" for name in ("binary", "omap", "pairs", "set"))
"""What has no counterpart in JSON."""


class _Size(NamedTuple):
    """What a value writes out to."""

    nodes: int
    depth: int
    characters: int


class _Bounds(Composer, SafeConstructor, Resolver):
    """What both loaders have in common: values are composed and made here, whichever parser reads the text."""

    def __init__(self) -> None:
        self._depth = 0
        self._sizes: dict[int, _Size] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one value; what it writes out to is known before anything is made of it."""
        parser: Any = self  # which it is together with one of the two
        alias = parser.check_event(yaml.AliasEvent)
        mark = parser.peek_event().start_mark
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if alias and id(node) not in self._sizes:
            raise ConstructorError(None, None, "a value holds itself", mark)
        size = self._sizes.get(id(node)) or self._measured(node)
        if size.nodes > MAX_NODES:
            problem = f"it writes out to more than {MAX_NODES:,} values"
            raise ConstructorError(None, None, problem, mark)
        if size.characters > MAX_WRITTEN:
            problem = f"it writes out to more than {MAX_WRITTEN:,} characters"
            raise ConstructorError(None, None, problem, mark)
        if size.depth > MAX_DEPTH:
            raise ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        self._sizes[id(node)] = size
        return node

    def _measured(self, node: yaml.Node | None) -> _Size:
        """What a value writes out to, by those it holds, which were measured before."""
        if isinstance(node, yaml.SequenceNode):
            parts = [self._sizes[id(part)] for part in node.value]
        elif isinstance(node, yaml.MappingNode):
            parts = [self._sizes[id(part)] for pair in node.value for part in pair]
        else:
            return _Size(1, 1, len(node.value) if node else 0)
        nodes, depth, characters = 1, 0, 0
        for part in parts:
            nodes += part.nodes
            characters += part.characters
            depth = max(depth, part.depth)
        return _Size(nodes, depth + 1, characters)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put what is merged into an object; PyYAML takes each merge key out by itself, moving all that follow."""
        merged = sum(key.tag == _MERGE for key, _ in node.value)
        if merged > MAX_MERGES:
            problem = f"an object has {merged:,} merge keys"
            raise ConstructorError(None, None, problem, node.start_mark)
        super().flatten_mapping(node)

    def bounded_number(self, node: yaml.ScalarNode) -> int | float:
        """A number of bounded length; Python's own bound depends on how it was started."""
        if len(node.value) > MAX_NUMBER:
            problem = f"a number has {len(node.value):,} characters"
            raise ConstructorError(None, None, problem, node.start_mark)
        make: Callable[[Any], Any] = self.construct_yaml_int if node.tag == _NUMBERS[0] else self.construct_yaml_float
        number: int | float = make(node)
        return number


for _tag in _NUMBERS:
    _Bounds.add_constructor(_tag, _Bounds.bounded_number)  # type: ignore[type-var]  # the stubs know PyYAML's loaders alone
for _tag in _REFUSED:
    _Bounds.add_constructor(_tag, _Bounds.construct_undefined)  # type: ignore[type-var]  # the stubs narrow it to its first class

_BOOL: Final = "tag:yaml.org,2002:bool"
_TRUE_OR_FALSE: Final = (_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"))
_Bounds.yaml_implicit_resolvers = {
    first: [*([_TRUE_OR_FALSE] if first in "tTfF" else []), *(one for one in resolvers if one[0] != _BOOL)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_DATE: Final = "tag:yaml.org,2002:timestamp"
_WITHOUT_DATES: Final = {
    first: [one for one in resolvers if one[0] != _DATE] for first, resolvers in _Bounds.yaml_implicit_resolvers.items()
}


class BoundedLoader(_Bounds, yaml.SafeLoader):
    """Reads YAML into text, numbers, booleans, dates, lists and objects; ``no`` is Norwegian, as for the Hub."""

    def __init__(self, text: str) -> None:
        yaml.SafeLoader.__init__(self, text)
        _Bounds.__init__(self)


class _TextDatesLoader(BoundedLoader):
    """The same, but a date stays the text it is."""

    yaml_implicit_resolvers = _WITHOUT_DATES


_LOADERS: dict[bool, list[Callable[[str], Any]]] = {True: [BoundedLoader], False: [_TextDatesLoader]}

if yaml.__with_libyaml__:

    class _FastLoader(_Bounds, yaml.CSafeLoader):
        """The same, read by libyaml."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            _Bounds.__init__(self)
            self.anchors: dict[Any, yaml.Node] = {}

    class _FastTextDatesLoader(_FastLoader):
        yaml_implicit_resolvers = _WITHOUT_DATES

    _LOADERS[True].insert(0, _FastLoader)
    _LOADERS[False].insert(0, _FastTextDatesLoader)


def load(text: str, *, dates: bool = True) -> object:
    """What a document says.

    Args:
        text: The document.
        dates: Whether dates become dates; else they stay text.

    Raises:
        yaml.YAMLError: It cannot be read, or is beyond the bounds.
    """
    if len(text) > MAX_LENGTH:
        raise yaml.YAMLError(f"it has {len(text):,} characters, and {MAX_LENGTH:,} are read at most")
    if (directives := text.count("%TAG")) > MAX_TAG_DIRECTIVES:
        raise yaml.YAMLError(f"it has {directives:,} directives %TAG, and {MAX_TAG_DIRECTIVES} are read at most")
    *fast, slow = _LOADERS[dates]
    for loader in fast:
        try:
            return _load(text, loader)
        except (ReaderError, ScannerError, ParserError):
            # PyYAML's own parser takes a little more, and its messages are better.
            if len(text) > MAX_READ_TWICE:
                raise
    return _load(text, slow)


def _load(text: str, loader: Callable[[str], Any]) -> object:
    try:
        reading = loader(text)
        try:
            data: object = reading.get_single_data()
            return data
        finally:
            reading.dispose()
    except yaml.YAMLError:
        raise
    except UnicodeEncodeError as error:
        position, character = error.start, ord(text[error.start])
        raise ReaderError("the text", position, character, "utf-8", "half of a surrogate pair") from error
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        # PyYAML lets those through for values that do not fit their tag: 2024-13-45, !!int "", !!timestamp no.
        raise yaml.YAMLError(str(error)[:200] or type(error).__name__) from error
