"""Front matter of a card: parsing it, and editing it line by line."""

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
_WIDE = 1 << 30
"""Columns of a line: none is folded."""


@attrs.frozen
class Front:
    """A card split into parts, which together are the whole text.

    Attributes:
        opening: The line before the YAML, and what stands before it.
        block: The YAML, with the break of its last line.
        closing: The line after it.
        body: The rest.
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
        """Number of the first line of the YAML."""
        return len(_ANY_BREAK.findall(self.opening)) + 1


def line_break(text: str) -> str:
    """Return the first line break of a text; that of Unix if it has none."""
    found = _ANY_BREAK.search(text)
    return found[0] if found else "\n"


# --- read


def read(block: str, source: str, first_line: int = 1) -> dict[str, CardValue] | None:
    """Parse a YAML block; ``None`` if it is empty.

    Args:
        source: What the messages call the card.
        first_line: Number of the first line of the block there.

    Raises:
        CardError: It is no YAML object; the message begins with the card and the line.
    """
    try:
        data = load(block)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        why = error.problem or error.context or "it cannot be read"
        raise CardError(f"{source}:{line}: the metadata are no YAML: {why}.") from error
    except yaml.reader.ReaderError as error:
        line = first_line + len(_ANY_BREAK.findall(block[: error.position]))
        raise CardError(f"{source}:{line}: the metadata hold a character that YAML forbids: {error.reason}.") from error
    except yaml.YAMLError as error:
        raise CardError(f"{source}:{first_line}: the metadata cannot be read: {error}.") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError(f"{source}:{first_line}: the metadata must be members and their values, as 'license: mit'.")
    for name in cast("dict[object, object]", data):
        if not isinstance(name, str):
            line = first_line + line_of(block, str(name))
            raise CardError(
                f"{source}:{line}: the metadata have a member {name!r}, which is no text: put it in quotes."
            )
    return cast("dict[str, CardValue]", data)


def line_of(block: str, name: str) -> int:
    """Return the line of a member in its block, from 0; 0 if it is not found."""
    entry = _entries(block).get(name)
    return len(_ANY_BREAK.findall(block[: entry.start])) if entry else 0


# --- written


class _Dumper(yaml.SafeDumper):
    """YAML dumper without anchors, which some readers do not support."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is that of PyYAML
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Represent a text, in double quotes if it has line breaks that readers take for spaces."""
    style = '"' if _RARE_BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]  # the stubs say too little


_Dumper.add_representer(str, _text)


def dumped(members: Mapping[str, CardValue], newline: str = "\n", *, flow: bool = False) -> str:
    """Dump members as YAML, in their order.

    Raises:
        CardError: A value is of a class that YAML does not know.
    """
    try:
        text: str = yaml.dump(  # pyright: ignore[reportUnknownMemberType]  # the stubs say too little of the width
            dict(members), None, _Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=flow
        )
    except (yaml.representer.RepresenterError, RecursionError) as error:
        raise CardError(f"A card holds texts, numbers, dates, lists and objects of these: {error}.") from error
    return text.replace("\n", newline)


def same(one: CardValue, other: CardValue) -> bool:
    """Whether two values are equal in YAML, where 1, 1.0 and true differ."""
    return dumped({"": one}) == dumped({"": other})


def rewritten(block: str, wanted: Mapping[str, CardValue], newline: str) -> str:
    """Edit a block to have the wanted members; lines of unchanged members are kept."""
    there = read(block, "the card") or {}
    changed = {name: value for name, value in wanted.items() if name not in there or not same(there[name], value)}
    removed = there.keys() - wanted.keys()
    if not changed and not removed:
        return block
    result = _edited(block, changed, removed, newline)
    # Anchors, merged and repeated members reach beyond their lines, and some blocks have no lines of members at all.
    try:
        right = result is not None and _says(read(result, "the card") or {}, wanted)
    except CardError:
        right = False
    return result if right and result is not None else dumped(wanted, newline)


def _says(found: Mapping[str, CardValue], wanted: Mapping[str, CardValue]) -> bool:
    return found.keys() == wanted.keys() and all(same(found[name], value) for name, value in wanted.items())


def _edited(block: str, changed: Mapping[str, CardValue], removed: set[str], newline: str) -> str | None:
    """Edit the lines of some members; ``None`` if members have no lines of their own."""
    entries = _entries(block)
    if not entries and block.strip() and read(block, "the card") is not None:
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
        block += dumped(added, newline)
    return block


@attrs.frozen
class _Entry:
    """Position of a member in its block.

    Attributes:
        start: Where its name begins.
        column: How far it is indented.
        value: Where its value begins.
        stop: Where its value ends; comments after it do not belong to it.
        style: How the value is written: in ``lines``, or as a ``scalar`` or ``flow`` that can be replaced by itself.
    """

    start: int
    column: int
    value: int
    stop: int
    style: str

    def lines(self, block: str) -> tuple[int, int]:
        """First and last line."""
        if self.stop and block[self.stop - 1] in "\r\n":  # a text of several lines ends with its last one
            return self.start - self.column, self.stop
        following = _ANY_BREAK.search(block, self.stop)
        return self.start - self.column, following.end() if following else len(block)

    def with_value(self, block: str, name: str, value: CardValue, newline: str) -> tuple[int, int, str]:
        """Return what to replace, and with what, to set the value."""
        old = block[self.value : self.stop]
        if self.style != "lines" and not _ANY_BREAK.search(old):
            flow = self.style == "flow"
            new = dumped({"k": value}, flow=flow)
            new = new.strip()[1:-1] if flow else new  # {k: [a, b]}
            new = new.removeprefix("k:").strip(" ").removesuffix("\n")
            if "\n" not in new:
                return self.value, self.stop, new if old else f" {new}"
        start, stop = self.lines(block)
        lines = dumped({name: value}).split("\n")[:-1]
        return start, stop, "".join(" " * self.column + line + newline for line in lines)


def _entries(block: str) -> dict[str, _Entry]:
    """Members that have lines of their own, by name; of duplicates the last, which counts."""
    found: dict[str, _Entry] = {}
    nodes = _nodes(block)
    try:
        for key, value in zip(nodes, nodes, strict=False):
            if key.text is not None:
                found[key.text] = _Entry(key.start, key.column, value.start, value.stop, value.style)
    except yaml.YAMLError:  # libyaml, which read it, takes a little more
        return {}
    return found


@attrs.define
class _Node:
    """A name or a value directly in the block."""

    start: int
    column: int
    stop: int
    style: str
    text: str | None


def _nodes(block: str) -> Iterator[_Node]:
    """Names and values in turn; none if the block is not written in lines."""
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
            if node is not None and start.index < stop.index:  # a bracket; what is written in lines has none
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
