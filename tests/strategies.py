"""What the schemas of the OpenAPI document allow, as hypothesis strategies."""

from __future__ import annotations

import json
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

__all__ = ["DOCUMENT", "SCHEMAS", "named", "objects", "values"]

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent.parent / "generated" / "openapi.json").read_text())
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
SCALARS = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": st.integers(),
    "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "string": st.text(max_size=8),
}
JSON = st.recursive(
    st.one_of(*SCALARS.values()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FREE = st.dictionaries(st.text(max_size=5), JSON, max_size=2)
DATES = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat(timespec="milliseconds")[:23] + "Z")


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What may be sent under a schema: also members, and values of an open enum, that nobody has heard of."""
    if "$ref" in schema:
        return named(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return st.one_of([values(branch) for branch in branches])
    if isinstance(kinds := schema.get("type"), list):
        return st.one_of([values({**schema, "type": kind}) for kind in kinds])
    if kinds == "array":
        least = schema.get("minItems", 0)
        return st.lists(values(schema["items"]), min_size=least, max_size=max(least, 2))
    if kinds == "object":
        return objects(schema)
    if kinds == "integer" and ("minimum" in schema or "maximum" in schema):
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kinds == "string":
        return texts(schema)
    return SCALARS.get(kinds, JSON)


def texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """Texts of a schema."""
    if schema.get("format") == "date-time":
        return DATES
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=max(least, 8))


@cache
def named(name: str) -> st.SearchStrategy[Any]:
    """What may be sent under a schema of the document."""
    return st.deferred(lambda: values(SCHEMAS[name]))


def objects(schema: dict[str, Any], always: frozenset[str] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a schema; a member that may be null, and need not be there, is left out instead: it says the same.

    Args:
        schema: Of an object.
        always: Members that are always there; those that the schema requires, if not given.
    """
    if "properties" not in schema:
        inner = schema.get("additionalProperties")
        return st.dictionaries(st.text(max_size=5), values(inner), max_size=2) if inner else FREE
    required = set(schema.get("required", []))
    members = {
        wire: values(member) if wire in required else values(member).filter(lambda value: value is not None)
        for wire, member in schema["properties"].items()
    }
    if always is None:
        always = frozenset(required | {wire for wire, member in schema["properties"].items() if "const" in member})
    known = st.fixed_dictionaries(
        {wire: members[wire] for wire in members if wire in always},
        optional={wire: members[wire] for wire in members if wire not in always},
    )
    if schema.get("additionalProperties") is False:
        return known
    unknown = FREE.map(lambda free: {wire: value for wire, value in free.items() if wire not in members})
    return st.builds(lambda some, more: {**some, **more}, known, unknown)
