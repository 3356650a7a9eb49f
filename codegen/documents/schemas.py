"""Bring schemas into the form of the spec: objects with names, no ``allOf``, and branches that can be told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codegen.documents.merge import STRUCTURE, merged
from codegen.documents.names import Names, class_name, plain_text
from codegen.documents.read import Derived, Documents, child, derived
from codegen.documents.unions import PREFIX, union_of
from codegen.spec.document import Mapping, SpecError, items_of

__all__ = ["Components"]

TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
NULL: dict[str, Any] = {"type": "null"}
BOUNDARY = ""
"""Stands between a class and its members, which may be of the class again."""


class Components:
    """The schemas of a description, by the names of their classes.

    Attributes:
        schemas: In the form of the spec.
        named: Class of each schema that has a name in the documents, by file and pointer.
    """

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.schemas: dict[str, Mapping] = {}
        self.named: dict[tuple[Path, str], str] = {}
        self.failed: dict[str, SpecError] = {}
        self._making: list[str] = []
        self.names = Names()
        for document in documents.roots.values():
            for name in child(child(document, "components"), "schemas"):
                self._name(document.path, f"/components/schemas/{name.replace('~', '~0').replace('/', '~1')}", name)

    def _name(self, path: Path, pointer: str, name: str) -> str:
        key = (path, pointer)
        if key not in self.named:
            self.named[key] = self.names.cls(name)
        return self.named[key]

    def shape(self, node: Mapping, name: str) -> Mapping:
        """Return a schema for use within another one or an operation; objects with members are put among the classes.

        Args:
            name: Name of the class, if it becomes one.

        Raises:
            SpecError: The schema cannot be generated.
        """
        if "$ref" in node:
            return self._reference(node)
        found = self._body(node, name)
        return self.hoisted(found, name) if _needs_name(found) else found

    def hoisted(self, found: Mapping, name: str) -> Mapping:
        """Put a schema among the classes, and return a reference to it."""
        known = self.names.cls(name)
        self.schemas[known] = found
        return derived(found, {"$ref": PREFIX + known, "description": found.get("description", "")})

    def final(self, node: Mapping) -> Mapping:
        """Follow the references of a schema in the form of the spec."""
        while "$ref" in node:
            node = self.schemas[str(node["$ref"]).removeprefix(PREFIX)]
        return node

    def becomes_class(self, node: Mapping) -> bool:
        """Whether a schema that is being made becomes a class."""
        found = merged(self.documents, node.origin if isinstance(node, Derived) else node)
        return bool(found.get("properties")) and not _branches(found) and not _takes_null(found)

    def _reference(self, node: Mapping) -> Mapping:
        path, pointer, target = self.documents.followed(node)
        name = self._name(path, pointer, pointer.rpartition("/")[2] or path.stem)
        if name in self.failed:
            raise self.failed[name]
        if name not in self.schemas:
            self._make(name, target)
        elif name in self._making and BOUNDARY not in self._making[self._making.index(name) :]:
            return derived(node, _described(node))  # a type that is a part of itself can only be any value
        found = derived(node, {"$ref": PREFIX + name, **_described(node)})
        null = derived(node, NULL)
        return derived(node, {"anyOf": [found, null], **_described(node)}) if node.get("nullable") else found

    def _make(self, name: str, target: Mapping) -> None:
        self.schemas[name] = derived(target, {"x-open": True})  # stands for it while it is made
        depth = len(self._making)
        self._making.append(name)
        try:
            self.schemas[name] = self._body(target, name)
        except SpecError as error:
            self.failed[name] = error
            del self.schemas[name]
            raise
        finally:
            del self._making[depth:]

    def _body(self, node: Mapping, name: str) -> Mapping:
        """Return a schema that is no reference; it may be an object with members."""
        alone = _alone(node)
        if alone is not None:  # one schema with a description or null added
            inner = self.shape(alone, name)
            branches = [inner, *([derived(node, NULL)] if node.get("nullable") else [])]
            return derived(node, {"anyOf": branches, **(_described(node) or _described(inner))})
        node = merged(self.documents, node)
        about = _described(node)
        null = [derived(node, NULL)] if _takes_null(node) else []
        branches = _branches(node)
        if branches:
            kinds = [self.shape(branch, _option(name, branch, at)) for at, branch in enumerate(branches, 1)]
            if all(kind.get("type") == "null" for kind in kinds):
                return derived(node, {**NULL, **about})
            found = union_of(self, node, kinds, name)
            return derived(node, {**found, **about}) if not null else self._nullable(found, null, name, about)
        found = self._plain(node, name)
        return self._nullable(found, null, name, about) if null else found

    def _nullable(self, found: Mapping, null: list[Mapping], name: str, about: dict[str, Any]) -> Mapping:
        if _needs_name(found):
            found = self.hoisted(found, f"{name}Value" if class_name(name) in self.schemas else name)
        inner = found.get("anyOf") if set(found) <= {"anyOf", "description"} else None
        return derived(found, {"anyOf": [*(inner or [found]), *null], **about})

    def _plain(self, node: Mapping, name: str) -> Mapping:
        about = _described(node)
        kinds = [kind for kind in _types(node) if kind != "null"]
        values = [value for value in items_of(node["enum"]) if value is not None] if "enum" in node else None
        if "const" in node and node["const"] is not None:
            values = [node["const"]]
        if len(kinds) > 1:
            one = {key: value for key, value in node.items() if key not in ("type", "enum", "nullable")}
            options = [self.shape(derived(node, {**one, "type": kind}), name) for kind in kinds]
            return derived(node, {**union_of(self, node, options, name), **about})
        kind = kinds[0] if kinds else _implied(node)
        if values and all(map(_may_be_literal, values)) and kind not in ("array", "object"):
            kind = {str: "string", bool: "boolean", int: "integer"}[type(values[0])]
            if all(type(value) is type(values[0]) for value in values):
                return derived(node, {"type": kind, "enum": list(dict.fromkeys(values)), **about})
        if kind == "object":
            return self._object(node, name)
        if kind == "array":
            items = node.get("items")
            inner = self.shape(items, f"{name}Item") if isinstance(items, Mapping) else derived(node, {})
            return derived(node, {"type": "array", "items": inner, **about})
        found = {"type": kind} if kind else {}
        if kind == "string" and node.get("format") in ("date-time", "binary"):
            found["format"] = str(node["format"])
        return derived(node, {**found, **about})

    def _object(self, node: Mapping, name: str) -> Mapping:
        about = _described(node)
        properties = node.get("properties")
        values = node.get("additionalProperties")
        if not properties:
            known = values if isinstance(values, Mapping) else derived(node, {})
            inner = self.shape(known, f"{name}Value")
            return derived(node, {"type": "object", "additionalProperties": inner, **about})
        names = Names()
        members: dict[str, Any] = {}
        unsent: set[str] = set()
        self._making.append(BOUNDARY)
        for wire, schema in properties.items():
            if not isinstance(schema, Mapping):
                continue  # `true` and `false`, which say nothing
            target = self.documents.resolved(schema)
            found = self.shape(schema, f"{name}{class_name(wire)}")
            words = {"name": names.member(wire)}
            members[wire] = derived(schema, {**found, "x-hub": derived(schema, words)})
            if target.get("readOnly"):
                members[wire]["readOnly"] = True
            if target.get("readOnly") or target.get("writeOnly"):
                unsent.add(wire)
        self._making.pop()
        required = [wire for wire in dict.fromkeys(items_of(node.get("required"))) if wire in members]
        for wire in required:
            values_of = members[wire].get("enum")
            if isinstance(values_of, list) and len(items_of(values_of)) == 1 and isinstance(values_of[0], str):
                members[wire] = derived(members[wire], {**members[wire], "const": values_of[0]})
                del members[wire]["enum"]
        whole: dict[str, Any] = {"type": "object", "properties": derived(properties, members), **about}
        whole["required"] = [wire for wire in required if wire not in unsent]
        if values is False:
            whole["additionalProperties"] = False
        elif values is not None:
            whole["x-free"] = True
        return derived(node, whole)


def _may_be_literal(value: object) -> bool:
    """Whether checkers of types take a value as a literal; large numbers they do not."""
    return isinstance(value, str | bool) or (isinstance(value, int) and abs(value) < 2**63)


def _needs_name(node: Mapping) -> bool:
    return "properties" in node or "discriminator" in node


def _described(node: Mapping) -> dict[str, Any]:
    text = plain_text(node.get("description"))
    return {"description": text} if text else {}


def _types(node: Mapping) -> list[str]:
    kinds = node.get("type")
    found: list[Any] = items_of(kinds) if isinstance(kinds, list) else [kinds] if kinds is not None else []
    for kind in found:
        if kind not in TYPES:
            raise node.error(f"there is no type {kind!r}", "type")
    return found


def _takes_null(node: Mapping) -> bool:
    if node.get("nullable") is True or ("const" in node and node["const"] is None):
        return True
    return ("null" in _types(node) and _types(node) != ["null"]) or None in items_of(node.get("enum"))


def _implied(node: Mapping) -> str | None:
    """Return the type that is meant where none is given."""
    if "properties" in node or "additionalProperties" in node:
        return "object"
    if "items" in node:
        return "array"
    return "null" if _types(node) == ["null"] else None


def _branches(node: Mapping) -> list[Mapping]:
    found = [one for word in ("oneOf", "anyOf") for one in items_of(node.get(word)) if isinstance(one, Mapping)]
    return found if any(STRUCTURE & one.keys() for one in found) else []


def _alone(node: Mapping) -> Mapping | None:
    """Return the only schema of ``allOf``, if nothing else says what the value is."""
    parts = items_of(node.get("allOf"))
    only = len(parts) == 1 and isinstance(parts[0], Mapping) and not (STRUCTURE - {"allOf", "type"}) & node.keys()
    return parts[0] if only else None


def _option(name: str, branch: Mapping, at: int) -> str:
    title = branch.get("title")
    return f"{name}{class_name(title)}" if isinstance(title, str) and title else f"{name}Option{at}"
