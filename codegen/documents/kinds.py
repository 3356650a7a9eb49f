"""Check that the parts of a document are mappings and lists where OpenAPI says so."""

from __future__ import annotations

from typing import Any

from codegen.documents.read import Documents
from codegen.spec.document import Mapping, items_of

__all__ = ["Checked"]

_KINDS: dict[str, dict[str, str]] = {
    "document": {"info": "info", "servers": "[server]", "paths": "{}", "components": "components"},
    "components": {"schemas": "{}", "securitySchemes": "{scheme}"},
    "server": {"variables": "{variable}"},
    "variable": {"enum": "[]"},
    "path item": {"parameters": "[]", "servers": "[server]"},
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "{response}",
        "servers": "[server]",
        "tags": "[]",
        "security": "[]",
    },
    "parameter": {"schema": "schema", "content": "{media type}"},
    "body": {"content": "{media type}"},
    "response": {"content": "{media type}"},
    "media type": {"schema": "schema", "encoding": "{encoding}"},
    "schema": {
        "properties": "{schema}",
        "allOf": "[schema]",
        "oneOf": "[schema]",
        "anyOf": "[schema]",
        "items": "schema",
        "additionalProperties": "schema",
        "required": "[]",
        "enum": "[]",
        "discriminator": "discriminator",
    },
    "discriminator": {"mapping": "{}"},
}
"""Members of each object: the object there, ``[...]`` for a list of them, ``{...}`` for a mapping."""
_NEEDED = {"parameter": ("name", "in"), "scheme": ("type",)}
_LOOSE = ("items", "additionalProperties")
"""Members of schemas that other versions of JSON Schema write in other ways; they say nothing then."""


class Checked:
    """The parts of documents that were checked."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._right: set[int] = set()

    def check(self, node: Mapping, kind: str) -> None:
        """Check an object with all that it refers to.

        Raises:
            SpecError: A part is something else than OpenAPI says.
        """
        self._check([(node, kind)])

    def check_member(self, node: Mapping, key: str, kind: str) -> None:
        """Check a member of an object with all that it refers to.

        Raises:
            SpecError: It, or a part of it, is something else than OpenAPI says.
        """
        self._check(_parts(node, key, kind))

    def _check(self, left: list[tuple[Any, str]]) -> None:
        passed: set[int] = set()
        while left:
            node, kind = left.pop()
            if not isinstance(node, Mapping) or id(node) in self._right or id(node) in passed:
                continue
            passed.add(id(node))
            if isinstance(node.get("$ref"), str):
                left.append((self._documents.resolved(node), kind))
                continue
            for key in _NEEDED.get(kind, ()):
                if not isinstance(node.get(key), str):
                    raise node.error(f"a {kind} has a text {key!r}", key)
            for key, inner in _KINDS.get(kind, {}).items():
                if key in node:
                    left += _parts(node, key, inner)
        self._right |= passed


def _parts(node: Mapping, key: str, kind: str) -> list[tuple[Any, str]]:
    """Return the objects of a member with their kind."""
    value: Any = node[key]
    inner = kind.strip("[]{}")
    if kind.startswith("["):
        if not isinstance(value, list):
            raise node.error(f"{key!r} must be a list", key)
        values = items_of(value)
    elif kind.startswith("{"):
        if not isinstance(value, Mapping):
            raise node.error(f"{key!r} must be a mapping", key)
        values = [one for name, one in value.items() if isinstance(one, Mapping) or not name.startswith("x-")]
    else:
        values = [] if key in _LOOSE and not isinstance(value, Mapping) else [value]
    if not inner:
        return []
    if not all(isinstance(one, Mapping) or (inner == "schema" and isinstance(one, bool)) for one in values):
        wanted = "a mapping" if kind == inner else "a list of mappings" if kind[0] == "[" else "a mapping of mappings"
        raise node.error(f"{key!r} must be {wanted}", key)
    return [(one, inner) for one in values]
