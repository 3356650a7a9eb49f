"""Requests generated from the OpenAPI document alone receive responses that the document allows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hub_typed.local.handlers.refs import Refs
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed_api import models
from hub_typed_api.wire import Source
from tests.contract.spec import EVERY
from tests.local.not_served import NOT_SERVED
from tests.wild.conftest import ENDPOINT, Place
from tests.wild.guided import guided, name_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
AREAS = {operation.name: operation.area for operation in EVERY}
GUIDED = guided()


def chosen() -> dict[str, tuple[str, str]]:
    """Paths and methods of the operations that are served, by name.

    Of those that each type of repository has, it is now one type, now another.
    """
    variants: dict[str, list[tuple[str, str]]] = {}
    for path, item in GUIDED["paths"].items():
        for method, operation in item.items():
            name = name_of(operation)
            if "servers" in operation or f"{AREAS[name]}.{name}" in NOT_SERVED:
                continue
            if AREAS[name] != "access" or "spaces" not in path:  # which cannot be gated
                variants.setdefault(name, []).append((path, method))
    return {name: every[place % len(every)] for place, (name, every) in enumerate(variants.items())}


CHOSEN = chosen()
NOT_THERE = {
    "check_inference_endpoint_access",
    "get_agent_harnesses",
    "get_bucket_resource_group",
    "get_collection_resource_group",
    "get_repo_resource_group",
    "revoke_org_token_by_id",
    "revoke_org_token_value",
    "stream_job_metrics",
    "update_job_expose",
}
"""Operations on what this Hub does not have: a list of agents, tokens with a known id or value, a bucket, a collection
or a repository in a resource group, a job that still runs, an Inference Endpoint."""
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"mode": "all", "deterministic": True, "max-examples": 5, "database": "none"},
        "phases": {"examples": {"enabled": False}, "coverage": {"unexpected-methods": []}},
    }
)
DOCUMENT = schemathesis.openapi.from_dict(GUIDED, config=CONFIG)
SERVED = DOCUMENT.include(lambda context: (context.operation.path, context.operation.method) in CHOSEN.values())
QUIETLY = settings(suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])


@schemathesis.serializer("application/x-ndjson")
def lines(_context: object, value: object) -> bytes:
    """A body of lines, and one that should be and is not."""
    every: Iterable[object] = value if isinstance(value, list) else [value]
    return "".join(json.dumps(line) + "\n" for line in every).encode()


def answered(place: Place, case: schemathesis.Case) -> schemathesis.Response:
    """What the Hub answers, without a socket between."""
    request = requests.Request(**case.as_transport_kwargs(ENDPOINT)).prepare()
    url = urlsplit(str(request.url))
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    given = {
        name.lower(): value if isinstance(value, str) else value.decode("latin-1")
        for name, value in request.headers.items()
    }
    answer = place.hub.answer(
        IncomingRequest(
            method=str(request.method),
            path=url.path,
            query=url.query,
            headers={"authorization": f"Bearer {place.token}", **given},
            body=io.BytesIO(body),
            size=len(body),
            origin=ENDPOINT,
            storage_origin=f"{ENDPOINT}:81",
        )
    )
    content = b"".join(answer.body.open()) if isinstance(answer.body, Source) else answer.body
    headers = {name: [value] for name, value in answer.headers.items()}
    return schemathesis.Response(answer.status, headers, content, request, 0.0, verify=False)


def example(name: str) -> schemathesis.Case:
    """The request that the examples of an operation make up."""
    path, method = CHOSEN[name]
    operation = GUIDED["paths"][path][method]
    given: dict[str, dict[str, object]] = {"path": {}, "query": {}}
    for parameter in operation.get("parameters", []):
        if parameter.get("required"):
            given[parameter["in"]][parameter["name"]] = parameter.get("example", "other")
    case = DOCUMENT[path][method.upper()].Case(path_parameters=given["path"], query=given["query"])
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        case.media_type = "image/png" if media_type == "*/*" else media_type
        case.body = body.get("example", b"bytes")
    return case


@SERVED.parametrize()
@QUIETLY
def test_made_up_requests_are_answered_as_the_document_says(case, place):
    case.validate_response(answered(place, case), checks=CHECKS)


@pytest.mark.parametrize("name", CHOSEN)
def test_an_example_of_each_operation_succeeds(name, place):
    response = answered(place, example(name))

    if name in NOT_THERE:
        assert response.status_code in (400, 404, 406, 409)
    else:
        assert response.status_code < 400, response.text
    example(name).validate_response(response, checks=CHECKS)


@pytest.mark.parametrize(
    "broken",
    [
        lambda *_, **__: models.GitRefs([models.GitRefInfo(5, "", "")], [], []),
        lambda *_, **__: 1 / 0,
        lambda *_, **__: None,
    ],
    ids=["wrong answer", "error", "no answer"],
)
def test_a_broken_handler_is_found_out(place, monkeypatch, request, broken):
    misfits = request.getfixturevalue("_misfits")
    monkeypatch.setattr(Refs, "list_repo_refs", broken)
    case = example("list_repo_refs")

    with pytest.raises(FailureGroup):
        case.validate_response(answered(place, case), checks=CHECKS)
    assert misfits
    misfits.clear()
