"""Every response is parsed to a value or raises a `ProtocolError` with operation and URL."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hub_typed.errors import ProtocolError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.repos import create_repo
from hub_typed.http.event_streams import events
from hub_typed.http.io import drive, drive_all
from hub_typed.http.pages import page
from hub_typed.http.send import execute
from hub_typed_api.operations import models
from hub_typed_api.wire import Call, Paged, Stream
from tests.contract.document import resolved
from tests.contract.spec import EVERY
from tests.contract.test_answers import content, made
from tests.scripted_hub import ScriptedHub
from tests.wrong import BODIES, VALUES, changed, places, written


def sample(schema: dict[str, Any], depth: int = 0) -> Any:
    """An answer with all members that a schema names, and one item in each list."""
    schema = resolved(schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return sample(next((one for one in branches if one.get("type") != "null"), branches[0]), depth)
    kinds = schema.get("type")
    kind = next((one for one in kinds if one != "null"), None) if isinstance(kinds, list) else kinds
    if kind == "array":
        return [] if depth > 6 else [sample(schema["items"], depth + 1)]
    if kind == "object":
        required = schema.get("required", [])
        members = {
            name: sample(member, depth + 1)
            for name, member in schema.get("properties", {}).items()
            if depth < 6 or name in required
        }
        more = schema.get("additionalProperties")
        return {**members, **({"other": sample(more, depth + 1)} if isinstance(more, dict) and depth < 6 else {})}
    texts = {"date-time": "2024-01-02T03:04:05.000Z"}
    return {"string": texts.get(schema.get("format", ""), "a"), "integer": 1, "number": 1.5, "boolean": True}.get(
        kind or ""
    )


def read(made: Call[Any] | Paged[Any] | Stream[Any], body: bytes) -> None:
    """Read an answer; see that it is a value or the right error."""
    hub = ScriptedHub()
    if isinstance(made, Stream):
        lines = body.replace(b"\r", b" ").replace(b"\n", b" ")
        hub.says(200, b"data: " + lines + b"\n\n", content_type="text/event-stream")
    else:
        hub.says(200, body, content_type="application/json")
    io = hub.io(endpoint="https://hub.test")
    message = ""
    try:
        if isinstance(made, Stream):
            list(drive_all(events(io, made)))
        else:
            drive(page(io, made) if isinstance(made, Paged) else execute(io, made))
    except ProtocolError as error:
        message = str(error)
    if message:
        assert made.request.operation in message
        assert "://" in message or made.request.path in message
        assert len(message) < 5000


WITH_ANSWERS = [one for one in EVERY if content(one)]


@pytest.mark.parametrize("operation", WITH_ANSWERS, ids=lambda operation: operation.name)
@settings(max_examples=1, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_wrong_member_is_a_value_or_a_protocol_error(operation, data):
    call = made(operation, data)
    ((_, found), *_) = content(operation).items()
    right = sample(found.get("schema", {}))
    read(call, written(right))
    step = 1 if "WRONG_ANSWERS" in os.environ else 3  # else each member gets a third of the values
    for position, place in enumerate(places(right)):
        for wrong in [*VALUES.values()][position % step :: step]:
            read(call, written(changed(right, place, wrong)))


@pytest.mark.parametrize("operation", WITH_ANSWERS, ids=lambda operation: operation.name)
@settings(max_examples=1, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_wrong_body_is_a_value_or_a_protocol_error(operation, data):
    call = made(operation, data)
    for body in BODIES.values():
        read(call, body)


def test_the_error_names_operation_url_and_member():
    info = {"_id": "1", "id": ["a"], "private": False}
    hub = ScriptedHub().says(200, info)
    with pytest.raises(ProtocolError) as caught:
        drive(execute(hub.io(), models.model_info("ann/m")))
    assert str(caught.value).startswith(
        "models.model_info: the response of https://hub.test/api/models/ann/m (status 200, application/json) does not "
        "match the spec: 'id' of ModelInfo is a list, not a text."
    )


@pytest.mark.parametrize("url", ["", "http://[", "https://hub.test/", "/a b/c", "x" * 5000, "https://hub.test/a/b/c/d"])
def test_an_address_that_is_none_of_a_repository(url):
    hub = ScriptedHub().says(200, {"url": url, "name": "ann/m", "id": "1"})
    with pytest.raises(ProtocolError, match=r"repos\.create_repo"):
        drive(create_repo(hub.io(), "ann/m"))
    commit = CommitInfo(
        commit_url=f"{url}/commit/1", commit_message="", commit_description="", oid="1", pr_url=f"{url}/x"
    )
    assert commit.pr_num is None
    with pytest.raises(ProtocolError):
        _ = commit.repo_url
