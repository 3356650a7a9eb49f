"""The models and their codec, held against the schemas of the OpenAPI document: nothing is lost, nothing is made up."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hub_typed.convert import converter
from hub_typed_api import models
from hub_typed_api.codec import hooks
from hub_typed_api.codec.commits import structure_commit_line
from hub_typed_api.codec.tree import structure_repo_file, structure_tree_entry
from hub_typed_api.coerce import date, date_text
from hub_typed_api.mapping import Mapped
from tests.strategies import SCHEMAS, named

HOOKS = hooks()
CONVERTER = converter()
SHARED = {"LfsPointer"}
"""Schemas that use the class of another schema."""


def members_of(model: type) -> dict[str, str]:
    """Names on the wire by names in Python."""
    return {field.name: field.metadata.get("wire", field.name) for field in attrs.fields(model)}


every_model = pytest.mark.parametrize("model", HOOKS, ids=lambda model: model.__name__)


def test_every_object_of_the_document_is_a_model_or_the_parameters_of_a_request():
    objects = {name for name, schema in SCHEMAS.items() if "properties" in schema}
    bodies = objects - {model.__name__ for model in HOOKS} - SHARED
    assert objects - bodies - SHARED == {model.__name__ for model in HOOKS}
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
        assert isinstance(one, dict) or repr(other) == repr(one)  # a dictionary shows the order of the response
    shown = [
        f"{field.alias}={getattr(one, field.name)!r}" if field.repr else f"{field.alias}=***"
        for field in attrs.fields(model)
        if getattr(one, field.name) is not None
    ]
    if isinstance(one, dict):  # an account, which is also its JSON
        assert one == unstructure(one)
    else:
        assert repr(one) == f"{model.__name__}({', '.join(shown)})"
        assert (one == unstructure(one)) is isinstance(one, Mapped)
    with pytest.raises(TypeError):
        hash(one)
    for field in attrs.fields(model):
        changed = attrs.evolve(one, **({} if isinstance(one, dict) else {field.alias: getattr(one, field.name)}))
        assert changed == one
        setattr(changed, field.name, object())
        assert changed != one
        setattr(changed, field.name, getattr(one, field.name))
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
def test_a_date_is_written_in_utc_to_the_millisecond_or_as_exactly_as_it_is(moment, minutes):
    there = timezone(timedelta(minutes=minutes))
    moment = max(min(moment, datetime(9998, 1, 1)), datetime(2, 1, 1))  # noqa: DTZ001
    text = date_text(moment.replace(tzinfo=there))
    assert len(text) == (27 if moment.microsecond % 1000 else 24)
    assert text.endswith("Z")
    assert date(text) == moment.replace(tzinfo=there)


def test_a_date_without_a_zone_is_taken_for_utc():
    assert date_text(datetime(2024, 2, 29, 12)) == "2024-02-29T12:00:00.000Z"  # noqa: DTZ001


@pytest.mark.parametrize(
    "model",
    [
        models.XetToken(cas_url="https://cas", access_token="hidden", exp=1),
        models.OAuthToken(access_token="hidden", refresh_token="hidden", id_token="hidden"),
        models.LoginToken(token_="hidden"),
        models.SpaceSecretInput(key="K", value="hidden"),
        models.LfsAction(href="https://storage/hidden", header={"Authorization": "hidden"}),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_secret_is_not_shown(model):
    assert "hidden" not in repr(model)
    assert "***" in repr(model)
    assert pickle.loads(pickle.dumps(model)) == model
