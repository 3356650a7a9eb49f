"""Requests of the generated functions are valid by the OpenAPI document and contain the given arguments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from codegen.spec.operations import Operation
from tests.contract.document import judged
from tests.contract.spec import EVERY, NODES, arguments, called

IN_DOCUMENT = [operation for operation in EVERY if operation.name in NODES]


def parameters(operation: Operation, sent: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """What must be found in path, query and headers."""
    found: dict[tuple[str, str], Any] = {}
    for parameter in operation.parameters:
        if parameter.wire == "content-type":  # which belongs to the body
            continue
        key = (parameter.where, parameter.wire.lower() if parameter.where == "header" else parameter.wire)
        if parameter.const is not None:
            found[key] = parameter.const
        elif parameter.kind == "revision" and parameter.name not in sent:
            found[key] = parameter.default
        elif parameter.where not in ("path", "query", "header") or parameter.name not in sent:
            continue
        elif parameter.kind in ("repo_id", "slug"):
            halves = ("namespace", "repo" if parameter.kind == "repo_id" else "slug")
            found |= {("path", half): text for half, text in zip(halves, sent[parameter.name].split("/"), strict=True)}
        elif parameter.kind not in ("repo_type", "web_type"):
            found[key] = parameter.flag if parameter.flag not in (None, "true") else sent[parameter.name]
    return found


def body(operation: Operation, sent: dict[str, Any]) -> Any:
    """What must be found in the body; a member that was not given is not there."""
    if whole := [
        parameter for parameter in operation.given if parameter.where in ("object", "list", "lines", "content")
    ]:
        return sent[whole[0].name]
    members = {p.wire: sent[p.name] for p in operation.of("body") if p.name in sent}
    return members if operation.body in ("json", "form") else None


@pytest.mark.parametrize("every", [True, False], ids=["every", "least"])
@pytest.mark.parametrize("operation", IN_DOCUMENT, ids=lambda operation: operation.name)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_request_is_what_the_document_says(operation, every, data):
    sent = data.draw(arguments(operation, every=every))
    request = called(operation, sent).request
    found = judged(request)
    assert found.operation.partition("__")[0] == operation.name
    assert found.parameters == parameters(operation, sent)
    assert found.body == body(operation, sent)


def test_the_document_lacks_only_what_has_no_path_of_its_own():
    lacking = {operation.name for operation in EVERY} - NODES.keys()
    assert lacking == {operation.name for operation in EVERY if any(p.kind == "url" for p in operation.given)}
