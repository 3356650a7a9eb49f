"""Convert the schemas of the spec to classes, unions and shapes of values."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from codegen.spec.document import COMMON, Mapping, Spec, items_of
from codegen.spec.names import is_name, snake

__all__ = ["Class", "Member", "Schemas", "Shape", "Union", "read_schemas"]

SCALARS = {"string": "str", "boolean": "bool", "integer": "int", "number": "float", "null": "None"}


@attrs.frozen
class Shape:
    """Type of a value in JSON and in Python.

    Attributes:
        kind: ``scalar``: the JSON value is used unchanged.
        text: The Python type of a scalar; the Python class of a class.
        name: Name of the schema of a class, union or alias.
        inner: Shape of the items of a list or map; choices of an ``either``; classes of a union.
        nullable: Whether an item of a list or map may be null. Members have their own attribute.
    """

    kind: Literal["scalar", "date", "class", "union", "list", "map", "either"]
    text: str = ""
    name: str = ""
    inner: tuple[Shape, ...] = ()
    nullable: bool = False

    @property
    def plain(self) -> bool:
        """Whether JSON and Python value are the same, including all parts."""
        if self.kind in ("date", "class", "union"):
            return False
        return all(inner.plain for inner in self.inner)

    def annotation(self, prefix: str = "", sequence: str = "list") -> str:
        """Python annotation.

        Args:
            prefix: Prefix of the names of models.
            sequence: Type of lists: ``list`` in results, ``Sequence`` in parameters.
        """
        if self.nullable:
            return f"{attrs.evolve(self, nullable=False).annotation(prefix, sequence)} | None"
        if self.name:
            return prefix + (self.text if self.kind == "class" else self.name)
        inner = [choice.annotation(prefix, sequence) for choice in self.inner]
        if self.kind == "list":
            return f"{sequence}[{inner[0]}]"
        if self.kind == "map":
            return f"dict[str, {inner[0]}]"
        if self.kind == "either":
            return " | ".join(dict.fromkeys(inner))
        return "datetime" if self.kind == "date" else self.text


@attrs.frozen
class Member:
    """A member of an object schema."""

    wire: str
    name: str
    required: bool
    nullable: bool
    const: object
    shape: Shape
    node: Mapping

    @property
    def description(self) -> str:
        """Description, or an empty text."""
        return str(self.node.get("description", "")).strip()

    @property
    def optional(self) -> bool:
        """Whether the attribute may be ``None``."""
        return self.nullable or (not self.required and self.const is None)


@attrs.frozen
class Class:
    """An object schema that becomes a class.

    Attributes:
        name: Name of the schema.
        python: Name of the Python class: the schema's own, or another one's with the same attributes.
        document: The file of the spec.
        open: Whether unknown members are kept.
        strict: Whether an invalid object fails the whole response, even in an optional member.
        mapping: Whether the class is also a dictionary of its JSON members.
    """

    name: str
    python: str
    document: str
    open: bool
    strict: bool
    mapping: bool
    members: tuple[Member, ...]


@attrs.frozen
class Union:
    """One of several classes, discriminated by a member.

    Attributes:
        tag: JSON name of that member; empty if all members together tell.
        cases: Class by value.
        open: Whether objects with unknown values are kept as free-form JSON.
    """

    name: str
    document: str
    tag: str
    cases: dict[str, str]
    open: bool


@attrs.frozen
class Schemas:
    """All schemas of the spec.

    Attributes:
        bodies: Names of the object schemas that are only used as request bodies; their members become parameters.
        views: Names of the schemas that are views of a class; see `codegen.spec.views`.
    """

    spec: Spec
    classes: dict[str, Class]
    unions: dict[str, Union]
    bodies: set[str]
    views: set[str]

    def shape(self, node: Mapping) -> Shape:
        """Return the shape of a schema.

        Raises:
            SpecError: The generator does not support the schema.
        """
        return _shape(self.spec, node)

    def value(self, node: Mapping) -> Shape:
        """Return the shape of a schema whose values may be null."""
        return _item(self.spec, node)

    def members(self, node: Mapping) -> tuple[Member, ...]:
        """Return the members of an object schema."""
        return _members(self.spec, self.spec.resolved(node))

    def models(self, shape: Shape) -> set[str]:
        """Return the names of the schemas in a type."""
        named = {shape.name} if shape.name else set[str]()
        return named.union(*(self.models(inner) for inner in shape.inner))

    def strict(self, shape: Shape) -> bool:
        """Whether an invalid object of the shape fails the whole response."""
        return any(name in self.classes and self.classes[name].strict for name in self.models(shape))

    def python(self, name: str) -> str:
        """Return the name of the Python class, union or alias of a schema."""
        return self.classes[name].python if name in self.classes else name

    @property
    def absent(self) -> set[str]:
        """Names of the schemas without a class of their own: bodies, views, and those that use another one's class."""
        return self.bodies | self.views | {found.name for found in self.classes.values() if found.python != found.name}


def read_schemas(spec: Spec) -> Schemas:
    """Read all schemas of the spec.

    Raises:
        SpecError: The generator does not support a schema.
    """
    bodies = _only_bodies(spec)
    classes: dict[str, Class] = {}
    unions: dict[str, Union] = {}
    views: set[str] = set()
    for document in spec.documents:
        for name, node in spec.schemas(document).items():
            if "view" in node.get("x-hub", {}):
                if "properties" in node:
                    raise node.error(f"the view {name!r} has the members of its class, and no properties", "properties")
                views.add(name)
            elif _is_class(node):
                if name not in bodies:
                    opened = node.get("additionalProperties") is not False
                    words = node.get("x-hub", {})
                    classes[name] = Class(
                        name=name,
                        python=_python(node, name),
                        document=document,
                        open=opened,
                        strict=bool(words.get("strict")),
                        mapping="JsonObject" in words.get("behaviour", ()),
                        members=_members(spec, node),
                    )
            elif "discriminator" in node:
                unions[name] = _union(spec, document, name, node)
            else:
                _shape(spec, node)
    for found in classes.values():
        _check_class(spec, found, classes)
        _check_positional(spec, found)
    return Schemas(spec, classes, unions, bodies, views)


def _python(node: Mapping, name: str) -> str:
    return str(node.get("x-hub", {}).get("class", name))


def _check_class(spec: Spec, found: Class, classes: dict[str, Class]) -> None:
    """Check that the class that a schema shares with another one has the same attributes."""
    if found.python == found.name:
        return
    words: Mapping = spec.schemas(found.document)[found.name]["x-hub"]
    other = classes.get(found.python)
    if other is None or other.python != other.name or other.document not in (found.document, COMMON):
        raise words.error(f"x-hub class: there is no class {found.python!r} in this file or {COMMON}.yaml", "class")
    if {(one.name, one.optional) for one in found.members} != {(one.name, one.optional) for one in other.members}:
        raise words.error(f"x-hub class: the attributes of {found.name!r} and {found.python!r} differ", "class")


def _is_class(node: Mapping) -> bool:
    return node.get("type") == "object" and "properties" in node


def _check_positional(spec: Spec, found: Class) -> None:
    """Check that positional arguments are attributes, and that no required one follows an optional one."""
    words: Mapping = spec.schemas(found.document)[found.name].get("x-hub", Mapping())
    by_name = {member.name: member for member in found.members}
    positional: list[str] = items_of(words.get("positional"))
    for name in positional:
        if name not in by_name:
            raise words.error(f"x-hub positional: {name!r} is no attribute of {found.name!r}", "positional")
    optional = [not by_name[name].required and by_name[name].const is None for name in positional]
    if optional != sorted(optional):
        raise words.error("x-hub positional: an optional attribute precedes a required one", "positional")


def _only_bodies(spec: Spec) -> set[str]:
    """Return schemas that are only used by JSON or form bodies."""
    roots: set[int] = set()
    for area in spec.areas:
        for _, _, operation in spec.operations(area):
            body = operation.get("requestBody", {})
            for kind, content in body.get("content", {}).items():
                if (
                    "ndjson" not in kind
                    and "whole" not in body.get("x-hub", {})
                    and isinstance(content.get("schema"), Mapping)
                ):
                    roots.add(id(content["schema"]))
    used: set[str] = set()
    named: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, Mapping):
            if isinstance(node.get("$ref"), str) and "/schemas/" in node["$ref"]:
                (named if id(node) in roots else used).add(node["$ref"].rpartition("/")[2])
            for child in node.values():
                walk(child)
        for child in items_of(node):
            walk(child)

    for document in spec.documents.values():
        walk(document)
    return named - used


def _members(spec: Spec, node: Mapping) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    properties: Mapping = node.get("properties", Mapping())
    required = node.get("required", [])
    for wire in required:
        if wire not in properties:
            raise node.error(f"required names {wire!r}, which is no member", "required")
    for wire, schema in properties.items():
        name = str(schema.get("x-hub", {}).get("name") or snake(wire))
        if not is_name(name):
            raise properties.error(
                f"{wire!r} becomes {name!r}, which is no name in Python; give it an x-hub name", wire
            )
        if name in found or name == "extra":
            other = f"that of {found[name].wire!r}" if name in found else "the place of unknown members"
            raise properties.error(f"{wire!r} becomes {name!r}, which is {other}; give it another x-hub name", wire)
        found[name] = Member(
            wire=wire,
            name=name,
            required=wire in required,
            nullable=_nullable(spec, schema),
            const=schema.get("const"),
            shape=_shape(spec, schema),
            node=schema,
        )
    return tuple(found.values())


def _nullable(spec: Spec, node: Mapping) -> bool:
    node = spec.resolved(node)
    kinds = node.get("type")
    if isinstance(kinds, list):
        return "null" in kinds
    return kinds == "null" or any(
        _nullable(spec, branch) for branch in [*node.get("anyOf", []), *node.get("oneOf", [])]
    )


def _union(spec: Spec, document: str, name: str, node: Mapping) -> Union:
    tag = node["discriminator"].get("propertyName")
    mapping = node["discriminator"].get("mapping", {})
    branches: list[Mapping] = items_of(node.get("oneOf")) or items_of(node.get("anyOf"))
    named = {branch["$ref"].rpartition("/")[2] for branch in branches if "$ref" in branch}
    cases = {value: str(target).rpartition("/")[2] for value, target in mapping.items()}
    if set(cases.values()) != named:
        raise node.error(f"the mapping of {name!r} and its branches do not name the same schemas", "discriminator")
    for case in cases.values():
        schema = next(spec.schemas(d)[case] for d in spec.documents if case in spec.schemas(d))
        if tag and tag not in schema.get("properties", {}):
            raise node.error(f"{case!r} has no member {tag!r} to tell it by", "discriminator")
    return Union(name, document, tag, cases, open=any("$ref" not in branch for branch in branches))


def _shape(spec: Spec, node: Mapping) -> Shape:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        target = spec.resolved(node)
        if _is_class(target):
            return Shape("class", _python(target, name), name)
        if "discriminator" in target:
            mapping = target["discriminator"].get("mapping", {})
            cases = dict.fromkeys(str(case).rpartition("/")[2] for case in mapping.values())
            return Shape("union", name=name, inner=tuple(Shape("class", case, case) for case in cases))
        shape = _shape(spec, target)
        return shape if shape.kind in ("class", "union") else attrs.evolve(shape, name=name)
    if "const" in node:
        return Shape("scalar", f"Literal[{node['const']!r}]")
    if "enum" in node:
        return Shape("scalar", f"Literal[{', '.join(map(repr, node['enum']))}]")
    branches = node.get("anyOf") or node.get("oneOf")
    if branches:
        return _either(node, [_shape(spec, branch) for branch in branches])
    kind = node.get("type")
    if isinstance(kind, list):
        return _either(node, [_shape(spec, _with_type(node, one)) for one in items_of(kind)])
    if kind == "object":
        return _object(spec, node)
    if kind == "array":
        if not isinstance(node.get("items"), Mapping):
            raise node.error("an array says what its items are", "type")
        return Shape("list", inner=(_item(spec, node["items"]),))
    if kind == "string" and node.get("format") == "date-time":
        return Shape("date")
    if kind in SCALARS:
        return Shape("scalar", SCALARS[kind])
    if kind is None:
        return Shape("scalar", "Any")
    raise node.error(f"there is no type {kind!r}", "type")


def _item(spec: Spec, node: Mapping) -> Shape:
    shape = _shape(spec, node)
    return attrs.evolve(shape, nullable=_nullable(spec, node) and shape.text not in ("Any", "None"))


def _with_type(node: Mapping, kind: str) -> Mapping:
    found = Mapping({**node, "type": kind})
    found.path, found.line, found.lines = node.path, node.line, node.lines
    return found


def _object(spec: Spec, node: Mapping) -> Shape:
    if "properties" in node:
        raise node.error("an object with properties needs a name: move it to components/schemas and refer to it")
    values = node.get("additionalProperties")
    if not isinstance(values, Mapping) or not values:
        return Shape("map", inner=(Shape("scalar", "Any"),))
    return Shape("map", inner=(_item(spec, values),))


def _either(node: Mapping, choices: list[Shape]) -> Shape:
    flat = [one for choice in choices for one in (choice.inner if choice.kind == "either" else (choice,))]
    some = [choice for choice in flat if choice.text != "None"]
    if len(some) == 1:
        return some[0]
    if not all(choice.plain for choice in some):
        objects = [choice for choice in some if choice.kind in ("class", "union", "map")]
        lists = [choice for choice in some if choice.kind == "list"]
        if any(choice.kind == "date" for choice in some):
            raise node.error("a date is not one branch of several: leave out `format: date-time`, so that it is a text")
        if len(objects) > 1 or len(lists) > 1:
            raise node.error("these branches cannot be told apart: use a discriminator")
    return Shape("either", inner=tuple(some))
