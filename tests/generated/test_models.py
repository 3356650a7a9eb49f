"""The models and their codec, held against the schemas of the OpenAPI document: nothing is lost, nothing is made up."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_typed.convert import converter
from hub_typed_api import models
from hub_typed_api.codec import hooks
from hub_typed_api.codec.commits import structure_commit_line
from hub_typed_api.codec.tree import structure_repo_file, structure_tree_entry
from hub_typed_api.coerce import date, date_text

SCHEMAS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent.parent / "generated" / "openapi.json").read_text()
)["components"]["schemas"]
HOOKS = hooks()
CONVERTER = converter()
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
    """What the Hub may send under a schema: also members, and values of an open enum, that nobody has heard of."""
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
        return st.lists(values(schema["items"]), max_size=2)
    if kinds == "object":
        return objects(schema)
    return DATES if schema.get("format") == "date-time" else SCALARS.get(kinds, JSON)


@cache
def named(name: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: values(SCHEMAS[name]))


def objects(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a schema; a member that may be null is left out instead, which says the same."""
    if "properties" not in schema:
        inner = schema.get("additionalProperties")
        return st.dictionaries(st.text(max_size=5), values(inner), max_size=2) if inner else FREE
    members = {
        wire: values(member).filter(lambda value: value is not None) for wire, member in schema["properties"].items()
    }
    always = {wire for wire in schema.get("required", []) if not nullable(schema["properties"][wire])}
    always |= {wire for wire, member in schema["properties"].items() if "const" in member}
    known = st.fixed_dictionaries(
        {wire: members[wire] for wire in members if wire in always},
        optional={wire: members[wire] for wire in members if wire not in always},
    )
    if schema.get("additionalProperties") is False:
        return known
    unknown = FREE.map(lambda free: {wire: value for wire, value in free.items() if wire not in members})
    return st.builds(lambda some, more: {**some, **more}, known, unknown)


def nullable(schema: dict[str, Any]) -> bool:
    return "null" in schema.get("type", []) or any(map(nullable, schema.get("anyOf", [])))


def members_of(model: type) -> dict[str, str]:
    """Names on the wire by names in Python."""
    return {field.name: field.metadata.get("wire", field.name) for field in attrs.fields(model)}


every_model = pytest.mark.parametrize("model", HOOKS, ids=lambda model: model.__name__)


def test_every_object_of_the_document_is_a_model_or_the_parameters_of_a_request():
    objects = {name for name, schema in SCHEMAS.items() if "properties" in schema}
    bodies = objects - {model.__name__ for model in HOOKS}
    assert objects - bodies == {model.__name__ for model in HOOKS}
    assert all(SCHEMAS[name]["additionalProperties"] is False for name in bodies)
    assert not any(hasattr(models, name) for name in bodies)


@every_model
def test_a_model_has_the_members_of_its_schema(model):
    schema = SCHEMAS[model.__name__]
    extra = [] if schema.get("additionalProperties") is False else ["*"]
    assert sorted(members_of(model).values()) == sorted([*schema["properties"], *extra])


@every_model
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_read_is_written_as_it_came(model, data):
    structure, unstructure = HOOKS[model]
    sent = data.draw(named(model.__name__))
    before = copy.deepcopy(sent)
    read = structure(sent)
    assert unstructure(read) == before
    assert sent == before
    assert isinstance(read, model)
    assert CONVERTER.structure(sent, model) == read
    assert CONVERTER.unstructure(read) == before


@every_model
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_null_and_absent_are_the_same(model, data):
    structure, _ = HOOKS[model]
    sent = data.draw(named(model.__name__))
    schema = SCHEMAS[model.__name__]
    absent = [wire for wire in schema["properties"] if wire not in sent and wire not in schema.get("required", [])]
    assert structure({**sent, **dict.fromkeys(absent)}) == structure(sent)


@every_model
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_model_is_a_value(model, data):
    structure, unstructure = HOOKS[model]
    sent = data.draw(named(model.__name__))
    one = structure(sent)
    for other in (
        structure(sent),
        copy.copy(one),
        copy.deepcopy(one),
        pickle.loads(pickle.dumps(one)),
        attrs.evolve(one),
    ):
        assert other is not one
        assert other == one
        assert repr(other) == repr(one)
    shown = [f"{name}={getattr(one, name)!r}" for name in members_of(model) if getattr(one, name) is not None]
    assert repr(one) == f"{model.__name__}({', '.join(shown)})"
    assert one != unstructure(one)
    with pytest.raises(TypeError):
        hash(one)
    for name in members_of(model):
        changed = attrs.evolve(one, **{name: object()})
        assert changed != one
        setattr(changed, name, getattr(one, name))
        assert changed == one


FILE = {"type": "file", "path": "a/b", "size": 3, "oid": "abc"}


def test_what_nobody_has_heard_of_is_kept_at_every_depth():
    sent = {
        **FILE,
        "lfs": {"oid": "def", "size": 3, "pointerSize": 9, "new": [1]},
        "newer": {"deep": None},
        "newest": None,
    }
    read = structure_repo_file(sent)
    assert read.extra == {"newer": {"deep": None}, "newest": None}
    assert read.lfs is not None
    assert read.lfs.extra == {"new": [1]}
    assert structure_repo_file(FILE).extra is None


def test_a_new_value_of_an_enum_is_kept():
    read = structure_repo_file({**FILE, "securityFileStatus": {"status": "quarantined"}})
    assert read.security is not None
    assert read.security.status == "quarantined"


def test_an_unknown_kind_of_entry_is_left_as_it_is():
    assert structure_tree_entry({**FILE, "type": "link"}) == {**FILE, "type": "link"}


def test_an_unknown_kind_of_line_is_named():
    with pytest.raises(ValueError, match="there is no CommitLine of key 'renamedFile'"):
        structure_commit_line({"key": "renamedFile", "value": {}})


def test_a_missing_member_is_named():
    with pytest.raises(KeyError, match="'oid'"):
        structure_repo_file({"type": "file", "path": "a/b", "size": 3})


def test_a_pickle_names_no_module_beneath_the_models():
    pickled = pickle.dumps(structure_repo_file(FILE))
    assert b"hub_typed_api.model\n" in pickled or b"hub_typed_api.model\x94" in pickled
    assert b"hub_typed_api.models" not in pickled


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29T12:30:45.678Z", datetime(2024, 2, 29, 12, 30, 45, 678000, UTC)),
        ("2024-02-29T12:30:45Z", datetime(2024, 2, 29, 12, 30, 45, 0, UTC)),
        ("2024-02-29T12:30:45.123456789Z", datetime(2024, 2, 29, 12, 30, 45, 123456, UTC)),
        ("2024-02-29T13:30:45.1+01:00", datetime(2024, 2, 29, 12, 30, 45, 100000, UTC)),
        ("2024-02-29T12:30:45", datetime(2024, 2, 29, 12, 30, 45)),  # noqa: DTZ001
    ],
)
def test_dates_as_servers_write_them(text, moment):
    assert date(text) == moment
    assert date_text(date(text)) == date_text(moment)


@given(st.datetimes(), st.integers(-12 * 60, 14 * 60))
def test_a_date_is_written_in_utc_to_the_millisecond(moment, minutes):
    there = timezone(timedelta(minutes=minutes))
    moment = max(min(moment, datetime(9998, 1, 1)), datetime(2, 1, 1))  # noqa: DTZ001
    text = date_text(moment.replace(tzinfo=there))
    assert len(text) == 24
    assert text.endswith("Z")
    assert timedelta(0) <= moment.replace(tzinfo=there) - date(text) < timedelta(milliseconds=1)


def test_a_date_without_a_zone_is_taken_for_utc():
    assert date_text(datetime(2024, 2, 29, 12)) == "2024-02-29T12:00:00.000Z"  # noqa: DTZ001
