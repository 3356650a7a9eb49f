"""Front matter of a card: parsing and line-wise editing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self, cast

import attrs
import yaml

from hub_typed.cards.bounded_yaml import BoundedLoader, load
from hub_typed.cards.evaluation import CardValue
from hub_typed.errors import CardError

__all__: list[str] = []

_BREAK = r"(?:\r\n|\r|\n)"
_OPENING = re.compile(rf"\ufeff?\s*---[ \t]*{_BREAK}")
_CLOSING = re.compile(rf"(?<=[\r\n])---[ \t]*(?:{_BREAK}|\Z)")
_ANY_BREAK = re.compile(_BREAK)
_RARE_BREAK = re.compile(r"[\x85\u2028\u2029]")
_LINE_WIDTH = 1 << 30
"""Columns of a line; large enough that no line is folded."""


@attrs.frozen
class FrontMatter:
    """A card split into four parts that add up to its whole text.

    Attributes:
        opening: The ``---`` line before the YAML, and everything before that line.
        block: The YAML, including its last line break.
        closing: The ``---`` line after the YAML.
        body: The rest of the card.
    """

    opening: str
    block: str
    closing: str
    body: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Split a card; ``None`` if it has no front matter."""
        opened = _OPENING.match(text)
        closed = _CLOSING.search(text, opened.end()) if opened else None
        if opened is None or closed is None:
            return None
        begin, end = opened.end(), closed.start()
        return cls(text[:begin], text[begin:end], closed[0], text[closed.end() :])

    @property
    def first_line(self) -> int:
        """Line number of the first line of the YAML, from 1."""
        return len(_ANY_BREAK.findall(self.opening)) + 1


def first_line_break(text: str) -> str:
    """Return the first line break of a text; a line feed if there is none."""
    match = _ANY_BREAK.search(text)
    return match[0] if match else "\n"


def parse(block: str, source: str, first_line: int = 1) -> dict[str, CardValue] | None:
    """Parse a YAML block; ``None`` if it is empty.

    Args:
        source: Name of the card in messages.
        first_line: Line number of the block's first line in the card.

    Raises:
        CardError: The block is not a YAML object; the message begins with the source and the line.
    """
    try:
        data = load(block)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        reason = error.problem or error.context or "it cannot be parsed"
        raise CardError(f"{source}:{line}: the metadata is not valid YAML: {reason}.") from error
    except yaml.reader.ReaderError as error:
        line = first_line + len(_ANY_BREAK.findall(block[: error.position]))
        raise CardError(
            f"{source}:{line}: the metadata contains a character that YAML forbids: {error.reason}."
        ) from error
    except yaml.YAMLError as error:
        raise CardError(f"{source}:{first_line}: the metadata cannot be parsed: {error}.") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError(f"{source}:{first_line}: the metadata must be a YAML object, as 'license: mit'.")
    for name in cast("dict[object, object]", data):
        if not isinstance(name, str):
            line = first_line + line_of_member(block, str(name))
            raise CardError(f"{source}:{line}: the name {name!r} of a metadata member is not text: put it in quotes.")
    return cast("dict[str, CardValue]", data)


def line_of_member(block: str, name: str) -> int:
    """Return the line number of a member in its block, from 0; 0 if it is not found."""
    entry = _entries(block).get(name)
    return len(_ANY_BREAK.findall(block[: entry.start])) if entry else 0


class _Dumper(yaml.SafeDumper):
    """YAML dumper without anchors, which some readers do not support."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is PyYAML's
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Represent a text, in double quotes if it contains line breaks that some parsers treat as spaces."""
    style = '"' if _RARE_BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]  # the stubs are incomplete


_Dumper.add_representer(str, _text)


def dump(members: Mapping[str, CardValue], newline: str = "\n", *, flow: bool = False) -> str:
    """Dump members as YAML, in their order.

    Raises:
        CardError: A value has a type that YAML cannot represent.
    """
    try:
        text: str = yaml.dump(  # pyright: ignore[reportUnknownMemberType]  # the stubs are incomplete
            dict(members),
            None,
            _Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=_LINE_WIDTH,
            default_flow_style=flow,
        )
    except (yaml.representer.RepresenterError, RecursionError) as error:
        raise CardError(
            f"The values of a card must be texts, numbers, booleans, dates, lists or objects: {error}."
        ) from error
    return text.replace("\n", newline)


def equal_in_yaml(one: CardValue, other: CardValue) -> bool:
    """Whether two values are written the same in YAML, where 1, 1.0 and true differ."""
    return dump({"": one}) == dump({"": other})


def rewrite(block: str, wanted: Mapping[str, CardValue], newline: str) -> str:
    """Edit a block so that it has exactly the given members; lines of unchanged members are kept."""
    current = parse(block, "the card") or {}
    changed = {
        name: value for name, value in wanted.items() if name not in current or not equal_in_yaml(current[name], value)
    }
    removed = current.keys() - wanted.keys()
    if not changed and not removed:
        return block
    result = _edit(block, changed, removed, newline)
    # Editing lines fails with anchors, merge keys, duplicate members and flow style; then the whole block is rewritten.
    try:
        is_correct = result is not None and _equal_members(parse(result, "the card") or {}, wanted)
    except CardError:
        is_correct = False
    return result if is_correct and result is not None else dump(wanted, newline)


def _equal_members(actual: Mapping[str, CardValue], wanted: Mapping[str, CardValue]) -> bool:
    return actual.keys() == wanted.keys() and all(equal_in_yaml(actual[name], value) for name, value in wanted.items())


def _edit(block: str, changed: Mapping[str, CardValue], removed: set[str], newline: str) -> str | None:
    """Edit the lines of some members; ``None`` if the members are not on lines of their own."""
    entries = _entries(block)
    if not entries and block.strip() and parse(block, "the card") is not None:
        return None
    edits: list[tuple[int, int, str]] = []
    added: dict[str, CardValue] = {}
    for name, value in changed.items():
        if name in entries:
            edits.append(entries[name].with_value(block, name, value, newline))
        else:
            added[name] = value
    edits += [(*entries[name].lines(block), "") for name in removed if name in entries]
    for start, stop, text in sorted(edits, reverse=True):
        block = block[:start] + text + block[stop:]
    if added:
        block += dump(added, newline)
    return block


@attrs.frozen
class _Entry:
    """Position of a member in its block.

    Attributes:
        start: Offset of its name.
        column: Indentation of its name.
        value: Offset of its value.
        stop: Offset of the end of its value; comments after it do not count.
        style: ``lines`` for a value in block style; ``scalar`` or ``flow`` for one that can be replaced on its own.
    """

    start: int
    column: int
    value: int
    stop: int
    style: str

    def lines(self, block: str) -> tuple[int, int]:
        """Return the offsets of the beginning of its first line and the end of its last."""
        if self.stop and block[self.stop - 1] in "\r\n":  # the value includes the last line break
            return self.start - self.column, self.stop
        following = _ANY_BREAK.search(block, self.stop)
        return self.start - self.column, following.end() if following else len(block)

    def with_value(self, block: str, name: str, value: CardValue, newline: str) -> tuple[int, int, str]:
        """Return the start and stop offsets of the text to replace, and the new text, to set the value."""
        old = block[self.value : self.stop]
        if self.style != "lines" and not _ANY_BREAK.search(old):
            flow = self.style == "flow"
            new = dump({"k": value}, flow=flow)
            new = new.strip()[1:-1] if flow else new  # {k: [a, b]}
            new = new.removeprefix("k:").strip(" ").removesuffix("\n")
            if "\n" not in new:
                return self.value, self.stop, new if old else f" {new}"
        start, stop = self.lines(block)
        lines = dump({name: value}).split("\n")[:-1]
        return start, stop, "".join(" " * self.column + line + newline for line in lines)


def _entries(block: str) -> dict[str, _Entry]:
    """Return the members on lines of their own, by name; the last one of duplicates, as YAML parsers do."""
    entries: dict[str, _Entry] = {}
    nodes = _nodes(block)
    try:
        for key, value in zip(nodes, nodes, strict=False):
            if key.text is not None:
                entries[key.text] = _Entry(key.start, key.column, value.start, value.stop, value.style)
    except yaml.YAMLError:  # libyaml accepted it, but PyYAML's own parser is stricter
        return {}
    return entries


@attrs.define
class _Node:
    """A name or a value at the top level of the block."""

    start: int
    column: int
    stop: int
    style: str
    text: str | None


def _nodes(block: str) -> Iterator[_Node]:
    """Yield names and values alternately; nothing if the block is not in block style."""
    depth = 0
    node: _Node | None = None
    for event in yaml.parse(block, BoundedLoader):
        if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        start, stop = event.start_mark, event.end_mark
        assert start is not None
        assert stop is not None
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if node is not None and start.index < stop.index:  # a closing bracket; block style has none
                node.stop = stop.index
        else:
            if depth == 0 and not (isinstance(event, yaml.MappingStartEvent) and not event.flow_style):
                return
            if depth == 1:
                scalar = isinstance(event, yaml.ScalarEvent)
                flow = isinstance(event, yaml.CollectionStartEvent) and event.flow_style
                style = "scalar" if scalar else "flow" if flow else "lines"
                text = event.value if isinstance(event, yaml.ScalarEvent) else None
                node = _Node(start.index, start.column, stop.index, style, text)
            elif node is not None and isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
                node.stop = stop.index
            depth += isinstance(event, yaml.CollectionStartEvent)
        if depth == 1 and node is not None:
            yield node
            node = None
