"""Schemas of values in any OpenAPI document, with names or inline."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, TypeAlias

import attrs

__all__ = ["Node", "Value", "resolved", "value_of"]

Node: TypeAlias = Mapping[str, Any]
FORMATS = {"date-time", "binary"}
"""Formats that are told apart; a date is another thing than a text."""
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@attrs.frozen
class Value:
    """Description of a value by its schemas.

    Attributes:
        name: Name of the schema, or alternatives separated by ``|``; empty if it has none.
        kinds: Allowed JSON types and some formats; empty if unrestricted.
        known: Values of an enum.
        members: Schemas of an object's members; several if alternatives differ.
        required: Members that are always present.
        items: Schemas of the items of a list.
        entries: Schemas of the values of a map.
    """

    name: str = ""
    kinds: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    members: Mapping[str, tuple[Node, ...]] = attrs.field(factory=dict[str, "tuple[Node, ...]"])
    required: frozenset[str] = frozenset()
    items: tuple[Node, ...] = ()
    entries: tuple[Node, ...] = ()


def resolved(document: Node, node: Node) -> Node:
    """Return the node itself, or the target of its ``$ref``."""
    while "$ref" in node:
        found: Any = document
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def value_of(document: Node, *schemas: Node) -> Value:
    """Return the description of a value that matches any of the schemas."""
    return reduce(_or, [_one(document, schema) for schema in schemas], Value())


def _one(document: Node, schema: Node) -> Value:
    if "$ref" in schema:
        value = _one(document, resolved(document, schema))
        return value if value.name else attrs.evolve(value, name=str(schema["$ref"]).rpartition("/")[2])
    if "anyOf" in schema or "oneOf" in schema:
        return value_of(document, *schema.get("anyOf", ()), *schema.get("oneOf", ()))
    if "allOf" in schema:
        parts = [_one(document, part) for part in schema["allOf"]]
        return attrs.evolve(reduce(_or, parts), required=frozenset[str]().union(*(part.required for part in parts)))
    named = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
    told = schema.get("type")
    kinds = [told] if isinstance(told, str) else told or {KINDS[type(value)] for value in named}
    entries: Any = schema.get("additionalProperties")
    return Value(
        kinds=frozenset(
            schema["format"] if kind == "string" and schema.get("format") in FORMATS else kind for kind in kinds
        ),
        known=frozenset(value for value in named if isinstance(value, str)),
        members={name: (member,) for name, member in schema.get("properties", {}).items()},
        required=frozenset(schema.get("required", ())),
        items=(schema["items"],) if "items" in schema else (),
        entries=(entries,) if entries not in (None, True, False, {}) else (),
    )


def _or(one: Value, other: Value) -> Value:
    """Return the description of a value that matches either description."""
    objects = [value.required for value in (one, other) if value.members]
    return Value(
        name="|".join(dict.fromkeys(value.name for value in (one, other) if value.name)),
        kinds=one.kinds | other.kinds,
        known=one.known | other.known,
        members={
            name: one.members.get(name, ()) + other.members.get(name, ())
            for name in dict.fromkeys([*one.members, *other.members])
        },
        required=objects[0].intersection(*objects[1:]) if objects else frozenset(),
        items=one.items + other.items,
        entries=one.entries + other.entries,
    )
