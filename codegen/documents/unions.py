"""Branches of ``oneOf`` and ``anyOf``: how values of each are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from codegen.documents.read import child, derived
from codegen.spec.document import Mapping, items_of

__all__ = ["PREFIX", "union_of"]

PREFIX = "#/components/schemas/"


class Components(Protocol):
    """The schemas of a description; see `codegen.documents.schemas.Components`."""

    schemas: dict[str, Mapping]
    named: dict[tuple[Path, str], str]

    def final(self, node: Mapping) -> Mapping: ...
    def hoisted(self, found: Mapping, name: str) -> Mapping: ...
    def becomes_class(self, node: Mapping) -> bool: ...


def union_of(components: Components, node: Mapping, kinds: list[Mapping], name: str) -> Mapping:
    """Return the schema for a value of one of several kinds.

    Objects are told apart by a discriminator, by a member with one value in each, or by their members. Lists become
    one list of all kinds of items, and dates beside other kinds stay text.

    Raises:
        SpecError: A branch is not known yet, because it contains the union.
    """
    flat = [one for kind in kinds for one in _flat(components, kind)]
    objects: dict[str, Mapping] = {}
    maps: list[Mapping] = []
    lists: list[Mapping] = []
    others: list[Mapping] = []
    null: list[Mapping] = []
    for kind in flat:
        final = components.final(kind)
        if "x-open" in final and not components.becomes_class(final):
            return derived(node, {})  # a union that contains itself can only be any value
        if "properties" in final or "x-open" in final:
            objects[str(kind["$ref"]).removeprefix(PREFIX)] = kind
        elif final.get("type") == "object":
            maps.append(final)
        elif final.get("type") == "array":
            lists.append(kind)
        elif final.get("type") == "null":
            null.append(kind)
        elif not final.keys() - {"description"}:
            return derived(node, {})  # any value
        else:
            others.append(kind)
    several = len(flat) - len(null) > 1
    if several:
        others = [_without_date(components, kind) for kind in others]
    found = [
        *_distinct(others),
        *_one_list(components, node, lists, name),
        *_one_object(components, node, objects, maps),
    ]
    if len(found) == 1 and not null:
        return found[0]
    if any("discriminator" in kind for kind in found):
        found = [components.hoisted(kind, f"{name}Object") if "discriminator" in kind else kind for kind in found]
    return derived(node, {"anyOf": [*found, *null[:1]]})


def _flat(components: Components, kind: Mapping) -> list[Mapping]:
    """Return the kinds of a kind that is itself one of several."""
    final = components.final(kind)
    branches: list[Mapping] = items_of(final.get("anyOf")) or items_of(final.get("oneOf"))
    if not branches:
        return [kind]
    return [one for branch in branches for one in _flat(components, branch)]


def _distinct(kinds: list[Mapping]) -> list[Mapping]:
    found: list[Mapping] = []
    for kind in kinds:
        if kind not in found:
            found.append(kind)
    return found


def _without_date(components: Components, kind: Mapping) -> Mapping:
    final = components.final(kind)
    return derived(kind, {"type": "string"}) if final.get("format") == "date-time" else kind


def _one_list(components: Components, node: Mapping, lists: list[Mapping], name: str) -> list[Mapping]:
    if len(lists) < 2:
        return lists
    items = union_of(components, node, [components.final(kind)["items"] for kind in lists], f"{name}Item")
    items = components.hoisted(items, f"{name}Item") if "discriminator" in items else items
    return [derived(node, {"type": "array", "items": items})]


def _one_object(
    components: Components, node: Mapping, objects: dict[str, Mapping], maps: list[Mapping]
) -> list[Mapping]:
    if not objects:
        return (
            maps
            if len(_distinct(maps)) < 2
            else [derived(node, {"type": "object", "additionalProperties": derived(node, {})})]
        )
    if len(objects) == 1 and not maps:
        return list(objects.values())
    tag = _given(components, node, objects) or _found(components, objects)
    words = derived(node, tag or {"propertyName": "", "mapping": {name: PREFIX + name for name in objects}})
    branches = [derived(node, {"$ref": PREFIX + name}) for name in objects]
    return [derived(node, {"oneOf": [*branches, derived(node, {"type": "object"})], "discriminator": words})]


def _given(components: Components, node: Mapping, objects: dict[str, Mapping]) -> dict[str, Any] | None:
    """Read the discriminator of the document; ``None`` if it cannot tell all objects apart."""
    words = node.get("discriminator")
    if not isinstance(words, Mapping) or not words.get("propertyName"):
        return None
    tag = str(words["propertyName"])
    by_class = {cls: pointer.rpartition("/")[2] for (_, pointer), cls in components.named.items()}
    originals = {by_class[cls]: cls for cls in objects if cls in by_class}
    mapping: dict[str, str] = {}
    for value, target in child(words, "mapping").items():
        cls = originals.get(str(target).rpartition("/")[2])
        if cls:
            mapping[value] = PREFIX + cls
    for original, cls in originals.items():
        if PREFIX + cls not in mapping.values():
            mapping[original] = PREFIX + cls
    complete = set(mapping.values()) == {PREFIX + cls for cls in objects}
    has_tag = all(tag in components.schemas[cls].get("properties", {}) for cls in objects)
    return {"propertyName": tag, "mapping": mapping} if complete and has_tag else None


def _found(components: Components, objects: dict[str, Mapping]) -> dict[str, Any] | None:
    """Find a member that has one value of its own in each object."""
    members: list[Mapping] = [components.schemas[cls].get("properties", Mapping()) for cls in objects]
    for tag in members[0]:
        values = [one[tag].get("const") if tag in one else None for one in members]
        if None not in values and len(set(values)) == len(values):
            mapping = {str(value): PREFIX + cls for value, cls in zip(values, objects, strict=True)}
            return {"propertyName": tag, "mapping": mapping}
    return None
