"""Safe YAML loading with limits on size, depth and the expansion of references.

PyYAML's safe loader creates no objects of arbitrary classes, but a text of 300 bytes can exhaust the memory: merge keys
(``<<``) and aliases expand exponentially, brackets nest deeper than the stack, numbers have thousands of digits.
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
"""Most characters of a document."""
MAX_DEPTH: Final = 100
"""Most nested lists and objects, including those behind aliases."""
MAX_NODES: Final = 250_000
"""Most values of a document; aliased values count once per alias."""
MAX_NUMBER: Final = 400
"""Most characters of a number; the largest float has 309 digits."""

MAX_EXPANDED_LENGTH: Final = 2 * MAX_LENGTH
"""Most characters of all values; aliased values count once per alias."""
MAX_MERGES: Final = 100
"""Most merge keys (``<<``) of one object."""
MAX_TAG_DIRECTIVES: Final = 100
"""Most ``%TAG`` directives; libyaml compares each with all earlier ones."""
MAX_RETRY_LENGTH: Final = 1 << 16
"""Most characters of a text that PyYAML's parser, 20 times slower, reads again if libyaml refuses it."""

_MERGE: Final = "tag:yaml.org,2002:merge"
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_REFUSED_TAGS: Final = tuple(f"tag:yaml.org,2002:{name}" for name in ("binary", "omap", "pairs", "set"))
"""Tags whose values have no counterpart in JSON."""


class _Size(NamedTuple):
    """Size of a value with all aliases expanded."""

    nodes: int
    depth: int
    characters: int


class _Bounds(Composer, SafeConstructor, Resolver):
    """Base of the loaders: composes and constructs values, independent of the parser."""

    def __init__(self) -> None:
        self._depth = 0
        self._sizes: dict[int, _Size] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one value and check its expanded size before it is constructed."""
        parser: Any = self  # the subclasses add the parser
        alias = parser.check_event(yaml.AliasEvent)
        mark = parser.peek_event().start_mark
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if alias and id(node) not in self._sizes:
            raise ConstructorError(None, None, "a value contains itself", mark)
        size = self._sizes.get(id(node)) or self._expanded_size(node)
        if size.nodes > MAX_NODES:
            problem = f"it expands to more than {MAX_NODES:,} values"
            raise ConstructorError(None, None, problem, mark)
        if size.characters > MAX_EXPANDED_LENGTH:
            problem = f"it expands to more than {MAX_EXPANDED_LENGTH:,} characters"
            raise ConstructorError(None, None, problem, mark)
        if size.depth > MAX_DEPTH:
            raise ConstructorError(None, None, f"it is more than {MAX_DEPTH} levels deep", mark)
        self._sizes[id(node)] = size
        return node

    def _expanded_size(self, node: yaml.Node | None) -> _Size:
        """Return the expanded size of a value, computed from the sizes of its parts."""
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
        """Apply merge keys, at most `MAX_MERGES`, since PyYAML needs quadratic time for them."""
        merged = sum(key.tag == _MERGE for key, _ in node.value)
        if merged > MAX_MERGES:
            problem = f"an object has {merged:,} merge keys"
            raise ConstructorError(None, None, problem, node.start_mark)
        super().flatten_mapping(node)

    def bounded_number(self, node: yaml.ScalarNode) -> int | float:
        """Construct a number of limited length; the limit of Python itself is configurable."""
        if len(node.value) > MAX_NUMBER:
            problem = f"a number has {len(node.value):,} characters"
            raise ConstructorError(None, None, problem, node.start_mark)
        make: Callable[[Any], Any] = self.construct_yaml_int if node.tag == _NUMBERS[0] else self.construct_yaml_float
        number: int | float = make(node)
        return number


for _tag in _NUMBERS:
    _Bounds.add_constructor(_tag, _Bounds.bounded_number)  # type: ignore[type-var]  # the stubs accept only PyYAML's loaders
for _tag in _REFUSED_TAGS:
    _Bounds.add_constructor(_tag, _Bounds.construct_undefined)  # type: ignore[type-var]  # the stubs accept only the class that defines it

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
    """Loader of text, numbers, booleans, dates, lists and objects; ``no`` is text, as on the Hub."""

    def __init__(self, text: str) -> None:
        yaml.SafeLoader.__init__(self, text)
        _Bounds.__init__(self)


class _TextDatesLoader(BoundedLoader):
    """Loader that keeps dates as text."""

    yaml_implicit_resolvers = _WITHOUT_DATES


_LOADERS: dict[bool, list[Callable[[str], Any]]] = {True: [BoundedLoader], False: [_TextDatesLoader]}

if yaml.__with_libyaml__:

    class _FastLoader(_Bounds, yaml.CSafeLoader):
        """Loader with the parser of libyaml."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            _Bounds.__init__(self)
            self.anchors: dict[Any, yaml.Node] = {}

    class _FastTextDatesLoader(_FastLoader):
        yaml_implicit_resolvers = _WITHOUT_DATES

    _LOADERS[True].insert(0, _FastLoader)
    _LOADERS[False].insert(0, _FastTextDatesLoader)


def load(text: str, *, dates: bool = True) -> object:
    """Load a YAML document.

    Args:
        text: The document.
        dates: Whether to convert dates; otherwise they stay text.

    Raises:
        yaml.YAMLError: The document is invalid, or exceeds a limit.
    """
    if len(text) > MAX_LENGTH:
        raise yaml.YAMLError(f"it has {len(text):,} characters, and at most {MAX_LENGTH:,} are allowed")
    if (directives := text.count("%TAG")) > MAX_TAG_DIRECTIVES:
        raise yaml.YAMLError(f"it has {directives:,} %TAG directives, and at most {MAX_TAG_DIRECTIVES} are allowed")
    *fast, slow = _LOADERS[dates]
    for loader in fast:
        try:
            return _load(text, loader)
        except (ReaderError, ScannerError, ParserError):
            # PyYAML's own parser accepts a little more, and its messages are better.
            if len(text) > MAX_RETRY_LENGTH:
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
        # PyYAML raises these for values that do not match their tag: 2024-13-45, !!int "", !!timestamp no.
        raise yaml.YAMLError(str(error)[:200] or type(error).__name__) from error
