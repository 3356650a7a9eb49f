"""Every response that the OpenAPI document allows is parsed, and serialized again unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from codegen.spec.operations import Operation
from hub_typed.convert import converter
from hub_typed_api.wire import Call, Paged, Response, Stream
from tests.contract.document import succeeded, validate
from tests.contract.spec import EVERY, NODES, arguments, called
from tests.strategies import values

CONVERTER = converter()


def content(operation: Operation) -> dict[str, Any]:
    """What the document says of the answer for the case that all went well, by media type."""
    node = NODES.get(operation.name)
    return succeeded(node).get("content", {}) if node else {}


FIRST = {operation.name: next(iter(content(operation)), "") for operation in EVERY}
WITH_JSON = [one for one in EVERY if "json" in FIRST[one.name] and "ndjson" not in FIRST[one.name]]
WITH_EVENTS = [operation for operation in EVERY if "text/event-stream" in content(operation)]
WITH_TEXT = [operation for operation in EVERY if next(iter(content(operation)), "") in ("text/plain", "text/markdown")]
WITH_NOTHING_TO_READ = [o for o in EVERY if o not in [*WITH_JSON, *WITH_EVENTS, *WITH_TEXT]]
quickly = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def name(operation: Operation) -> str:
    return operation.name


def made(operation: Operation, data: st.DataObject) -> Call[Any] | Paged[Any] | Stream[Any]:
    return called(operation, data.draw(arguments(operation, every=False)))


def answer(body: bytes) -> Response:
    return Response(status=200, headers={}, body=body)


@pytest.mark.parametrize("operation", WITH_JSON, ids=name)
@quickly
@given(data=st.data())
def test_json_is_read_and_written_as_it_came(operation, data):
    ((_, found),) = content(operation).items()
    sent = data.draw(values(found["schema"]))
    validate(found["schema"], sent)
    read = made(operation, data).parse(answer(json.dumps(sent).encode()))
    written = CONVERTER.unstructure(read)
    assert written == (sent[operation.paging.items] if operation.paging and operation.paging.items else sent)


@pytest.mark.parametrize("operation", WITH_EVENTS, ids=name)
@quickly
@given(data=st.data())
def test_an_event_is_read_and_written_as_it_came(operation, data):
    schema = content(operation)["text/event-stream"]["schema"]
    sent = data.draw(values(schema))
    validate(schema, sent)
    assert CONVERTER.unstructure(made(operation, data).parse(sent)) == sent


@pytest.mark.parametrize("operation", WITH_TEXT, ids=name)
@quickly
@given(data=st.data())
def test_text_is_read_as_it_came(operation, data):
    sent = data.draw(st.text(max_size=20))
    assert made(operation, data).parse(answer(sent.encode())) == sent


@pytest.mark.parametrize("operation", WITH_NOTHING_TO_READ, ids=name)
@quickly
@given(data=st.data())
def test_an_answer_that_says_nothing_is_given_whole_or_not_at_all(operation, data):
    sent = answer(data.draw(st.binary(max_size=20)))
    read = made(operation, data).parse(sent)
    assert read is (sent if operation.answer == "whole" else None)
