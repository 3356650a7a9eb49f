"""Merge ``allOf`` into one schema."""

from __future__ import annotations

from typing import Any

from codegen.documents.read import Documents, derived
from codegen.spec.document import Mapping, items_of

__all__ = ["STRUCTURE", "merged"]

STRUCTURE = {
    *("type", "properties", "items", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "additionalProperties"),
    "format",
}
"""Words that say what a value is; the others limit or describe it."""
_CHOICES = ("oneOf", "anyOf")


def merged(documents: Documents, node: Mapping) -> Mapping:
    """Return a schema without ``allOf``, and without members beside branches: each branch has them.

    Raises:
        SpecError: Parts have several choices, or contain themselves.
    """
    found = _merged(documents, node, ())
    choices = [word for word in _CHOICES if any(STRUCTURE & one.keys() for one in _branches(found, word))]
    around = {key: found[key] for key in found if key not in (*_CHOICES, "nullable", "description", "title")}
    if not choices or not ({"properties", "items"} & around.keys()):
        return found
    if len(choices) > 1:
        raise node.error("oneOf and anyOf beside each other, with members: write one of them")
    base = derived(node, {key: value for key, value in around.items() if key != "discriminator"})
    branches = _branches(found, choices[0])
    options = [
        branch
        if _extends(documents, branch, node)
        else derived(branch, {"allOf": [base, branch], **_title(documents, branch)})
        for branch in branches
    ]
    kept = ("nullable", "description", *(["discriminator"] if options == branches else []))
    return derived(node, {choices[0]: options, **{key: found[key] for key in kept if key in found}})


def _extends(documents: Documents, branch: Mapping, node: Mapping) -> bool:
    """Whether a branch of a schema has the members of the schema by its own ``allOf``."""
    parts = items_of(documents.resolved(branch).get("allOf"))
    return any(isinstance(part, Mapping) and documents.resolved(part) is node for part in parts)


def _title(documents: Documents, branch: Mapping) -> dict[str, str]:
    if "$ref" in branch:
        return {"title": documents.target(branch)[1].rpartition("/")[2]}
    return {"title": str(branch["title"])} if branch.get("title") else {}


def _branches(node: Mapping, word: str) -> list[Mapping]:
    return [one for one in items_of(node.get(word)) if isinstance(one, Mapping)]


def _merged(documents: Documents, node: Mapping, around: tuple[int, ...]) -> Mapping:
    if "allOf" not in node:
        return node
    if id(node) in around:
        raise node.error("allOf contains itself", "allOf")
    own = derived(node, {key: value for key, value in node.items() if key != "allOf"})
    parts = [documents.resolved(part) for part in items_of(node["allOf"]) if isinstance(part, Mapping)]
    found: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    required: list[Any] = []
    nulls = [_merged(documents, part, (*around, id(node))) for part in parts]
    inside = (*around, id(node))
    for part in [*nulls, own]:
        for key, value in part.items():
            if key in _CHOICES and any(id(documents.resolved(one)) in inside for one in _branches(part, key)):
                continue  # a part that lists what extends it: this is one of them
            if key == "properties":
                for wire, schema in value.items():
                    properties[wire] = _both(properties.get(wire), schema)
            elif key == "required":
                required += items_of(value)
            elif key in _CHOICES and found.get(key) and found[key] != value:
                raise node.error(f"several parts of allOf have {key}", "allOf")
            elif key == "type" and found.get("type") not in (None, value):
                found[key] = _common(node, found[key], value)
            elif (
                key not in ("nullable", "discriminator", "title", "description", "readOnly", "writeOnly") or part is own
            ):
                found[key] = value
    if properties:
        found["properties"] = derived(node, properties)
    if required:
        found["required"] = list(dict.fromkeys(required))
    if nulls and all(part.get("nullable") for part in nulls):
        found["nullable"] = True
    texts = [part["description"] for part in nulls if part.get("description")]
    if texts:
        found.setdefault("description", texts[0])
    return derived(node, found)


def _both(first: Any, second: Any) -> Any:
    """Return the schema of a member that two parts have."""
    if first is None or first == second or not isinstance(first, Mapping):
        return second
    if not isinstance(second, Mapping) or not STRUCTURE & second.keys():
        return first
    return derived(second, {"allOf": [first, second]}) if STRUCTURE & first.keys() else second


def _common(node: Mapping, first: Any, second: Any) -> Any:
    """Return the types that two parts allow."""
    sets = [items_of(one) if isinstance(one, list) else [one] for one in (first, second)]
    both = [kind for kind in sets[0] if kind in sets[1]]
    if not both and set(sets[0]) | set(sets[1]) == {"integer", "number"}:
        both = ["integer"]
    if not both:
        raise node.error(f"no value is {first!r} and {second!r}", "allOf")
    return both[0] if len(both) == 1 else both
