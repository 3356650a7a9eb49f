"""Handlers receive only arguments of the declared types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from hub_typed.local.server.arguments import TypeChecked, matches_type
from hub_typed.local.server.responses import to_response_error
from hub_typed_api import models
from hub_typed_api.codec.repos import structure_created_repo, unstructure_created_repo

ITEM = models.CollectionItemInput(type="model", id="a/b")
NOW = datetime(2024, 1, 1, tzinfo=UTC)


class Declared:
    """Handlers like a generated base class."""

    def read(self, call: object, *, name: str, size: int | None = None) -> object: ...
    def each(self, call: object, *, lines: Iterator[models.CollectionItemInput]) -> object: ...


class Handlers(Declared):
    def read(self, call: object, **given: object) -> object:
        return given

    def each(self, call: object, *, lines: Iterator[models.CollectionItemInput]) -> object:
        return [line.id for line in lines]


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (Any, ...),
        (str, ""),
        (str | None, None),
        (int, 5),
        (float, 5),
        (float, 0.5),
        (bool, True),
        (datetime, NOW),
        (Literal["a", "b"], "b"),
        (list[str | None], ["a", None]),
        (Sequence[str], []),
        (dict[str, int], {"a": 1}),
        (Mapping[str, Any], {"a": []}),
        (models.CollectionItemInput, ITEM),
        (Sequence[models.CollectionItemInput], [ITEM]),
    ],
    ids=str,
)
def test_what_is_of_a_type_fits(hint, value):
    assert matches_type(hint, value)


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (str, None),
        (str, {}),
        (str | None, 5),
        (int, True),
        (int, 0.5),
        (float, "1"),
        (bool, 1),
        (datetime, "2024-01-01"),
        (Literal["a", "b"], "c"),
        (Literal[False], 0),
        (list[str], "abc"),
        (list[str | None], ["a", 5]),
        (Sequence[str], ("a",)),
        (dict[str, int], {"a": "1"}),
        (dict[str, int], []),
        (models.CollectionItemInput, {"type": "model", "id": "a/b"}),
        (models.CollectionItemInput, models.CollectionItemInput(type="model", id={})),
        (models.LfsDeletions, models.LfsDeletions(sha=[{}])),
    ],
    ids=str,
)
def test_what_is_not_of_a_type_does_not(hint, value):
    assert not matches_type(hint, value)


def test_an_integer_is_one_to_javascript():
    assert matches_type(int | None, (1 << 53) - 1)
    assert not matches_type(int | None, 1 << 53)
    assert not matches_type(float, -(10**400))


def test_handlers_are_held_to_what_the_generated_class_declares():
    handlers = TypeChecked(Handlers())

    assert handlers.read(None, name="a", size=None) == {"name": "a", "size": None}
    with pytest.raises(ValueError, match=r"^size has the wrong type"):
        handlers.read(None, name="a", size="1")


def test_lines_are_looked_at_when_they_are_read():
    def lines():
        yield ITEM
        yield models.CollectionItemInput(type=[], id="a/b")
        raise AssertionError("read too far")

    with pytest.raises(ValueError, match=r"^lines has the wrong type"):
        TypeChecked(Handlers()).each(None, lines=lines())
    assert TypeChecked(Handlers()).each(None, lines=iter([ITEM])) == ["a/b"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/validate-yaml", {"content": {}, "repoType": "model"}),
        ("POST", "/api/models/ada/m/branch/b", {"startingPoint": [None]}),
        ("POST", "/api/models/ada/m/tag/main", {"tag": {}}),
        ("POST", "/api/models/ada/m/super-squash/main", {"message": [None]}),
        ("POST", "/api/models/ada/m/preupload/main", {"files": [], "gitIgnore": [None]}),
        ("POST", "/api/models/ada/m/preupload/main", {"files": [{"path": "a", "size": "1", "sample": ""}]}),
        ("POST", "/api/models/ada/m/lfs-files/batch", {"deletions": {"sha": [{}]}}),
        ("POST", "/api/login", {"username": {}, "password": ""}),
        ("POST", "/api/repos/create", {"name": 5}),
        ("POST", "/api/repos/create", {"name": "n", "private": "yes"}),
    ],
)
def test_a_body_of_the_wrong_types_is_refused(ada, method, path, body):
    answer = ada(method, path, body)

    assert answer.status == 400
    said = answer.json()["error"]
    assert said.endswith(("has the wrong type", "'size' of PreuploadFile is a text, not a whole number"))


def test_so_is_a_line_of_a_commit(ada):
    assert ada.commit("models/ada/m", ("deletedFolder", {"path": {}})).status == 400
    assert ada.commit("models/ada/m", ("file", {"path": "a", "content": 5})).status == 400


def test_an_answer_that_cannot_be_written_is_the_hubs_own_fault():
    with pytest.raises(AttributeError) as written:
        unstructure_created_repo(None)
    with pytest.raises(KeyError) as read:
        structure_created_repo({})

    assert [to_response_error(one.value).status for one in (written, read)] == [500, 400]
