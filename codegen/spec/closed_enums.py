"""Refuse closed enums in answers: the Hub adds values, and an answer with a new one must not fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from codegen.spec.document import Mapping, Spec, items_of

__all__ = ["check_answers"]

_BRANCHES = ("anyOf", "oneOf")


def check_answers(spec: Spec) -> None:
    """Check that no enum of an answer is closed, except the member that a `discriminator` names.

    Schemas that no operation uses are checked, too: payloads of webhooks are received.

    Raises:
        SpecError: An enum has no branch for other values.
    """
    sent: list[Any] = []
    received: list[Any] = []
    for area in spec.areas:
        for _, _, operation in spec.operations(area):
            sent += [*operation.get("parameters", []), operation.get("requestBody")]
            received += operation["responses"].values()
    in_requests = _reachable(spec, sent)
    schemas = [schema for document in spec.documents for schema in spec.schemas(document).values()]
    received += [schema for schema in schemas if id(schema) not in in_requests]
    nodes = _reachable(spec, received)
    opened = {id(branch) for node in nodes.values() if _is_open(node) for branch in _branches(node)}
    opened |= {id(tag) for node in nodes.values() if "discriminator" in node for tag in _tags(spec, node)}
    for node in nodes.values():
        if "enum" in node and isinstance(node["enum"], list) and id(node) not in opened:
            raise node.error(
                "a closed enum in an answer: write anyOf: [{type: string, enum: [...]}, {type: string}]", "enum"
            )


def _reachable(spec: Spec, roots: Iterable[Any]) -> dict[int, Mapping]:
    """Return all nodes below the roots, including those behind references, by identity."""
    found: dict[int, Mapping] = {}
    left = list(roots)
    while left:
        node = left.pop()
        if isinstance(node, Mapping):
            if id(node) in found:
                continue
            found[id(node)] = node
            left += node.values()
            if isinstance(node.get("$ref"), str):
                left.append(spec.resolved(node))
        else:
            left += items_of(node)
    return found


def _branches(node: Mapping) -> list[Mapping]:
    return [branch for word in _BRANCHES for branch in items_of(node.get(word)) if isinstance(branch, Mapping)]


def _is_open(node: Mapping) -> bool:
    """Whether a branch accepts every text."""
    return any(one.get("type") == "string" and one.keys() <= {"type", "description"} for one in _branches(node))


def _tags(spec: Spec, node: Mapping) -> list[Mapping]:
    """Return the members that distinguish the branches of a union."""
    tag = node["discriminator"].get("propertyName")
    properties = [spec.resolved(branch).get("properties", Mapping()) for branch in _branches(node)]
    return [members[tag] for members in properties if tag in members]
