"""Validation of requests against the OpenAPI document, with HTTP, OpenAPI and JSON Schema but without the generator."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode

import attrs
from jsonschema.validators import extend
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from hub_typed_api.wire import Request, Source
from tests.strategies import DOCUMENT

__all__ = ["Judged", "judged", "resolved", "succeeded", "validate"]

PLACE = re.compile(r"\{(\w+)\}")
OURS = {"content-type", "accept"}
"""Headers that say how bodies are written, and no parameters."""
USUAL = {"", "application/json", "application/octet-stream", "application/x-ndjson", "text/plain", "text/markdown"}
"""Media types of answers that come without being asked for."""
TEMPLATES = sorted(
    ((re.compile(PLACE.sub("([^/]+)", path.replace(".", "[.]"))), path) for path in DOCUMENT["paths"]),
    key=lambda entry: entry[0].groups,
)
"""The paths, the most concrete first, as OpenAPI wants it."""


@attrs.frozen
class Judged:
    """A request that the document allows.

    Attributes:
        operation: Its ``operationId``.
        parameters: What its path, query and headers say, by place and name.
        body: Its body; the lines of one that has a value on each; nothing if it has none.
    """

    operation: str
    parameters: Mapping[tuple[str, str], Any]
    body: Any


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a node stands for."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _referred(validator: Any, ref: str, value: Any, _schema: object) -> Any:
    """What is wrong by the schema that a reference stands for; all of them lead into the document."""
    return validator.descend(value, resolved({"$ref": ref}))


VALIDATOR = extend(OAS31Validator, {"$ref": _referred})(DOCUMENT, format_checker=oas31_format_checker)
"""`evolve` gives it one schema of the document."""


def validate(schema: dict[str, Any], value: Any) -> None:
    """Raise ValidationError if a schema of the document forbids a value."""
    VALIDATOR.evolve(schema=schema).validate(value)


def succeeded(operation: dict[str, Any]) -> dict[str, Any]:
    """The answer of an operation for the case that all went well; nothing where that is a redirect."""
    return next((resolved(answer) for status, answer in operation["responses"].items() if status[0] == "2"), {})


def judged(request: Request) -> Judged:
    """A request, taken apart as the document says; an AssertionError or ValidationError if it does not allow it."""
    operation, places = _found(request)
    servers = [server["url"] for server in operation.get("servers", [{"url": ""}])]
    assert [request.server] == servers
    sent = {("path", name): value for name, value in places.items()}
    query = parse_qs(urlencode(request.query), keep_blank_values=True)
    sent |= {("query", name): texts for name, texts in query.items()}
    sent |= {("header", name): value for name, value in request.headers.items() if name not in OURS}
    declared = {_key(parameter): parameter for parameter in map(resolved, operation.get("parameters", []))}
    assert sent.keys() <= declared.keys()
    assert {key for key, parameter in declared.items() if parameter.get("required")} <= sent.keys()
    read = {key: _read(declared[key], value) for key, value in sent.items()}
    for key, value in read.items():
        validate(declared[key]["schema"], value)
    answered = next(iter(succeeded(operation).get("content", {})), "")
    accept = request.headers.get("accept")
    assert accept == answered or (accept is None and answered in USUAL)
    return Judged(operation["operationId"], read, _body(operation, request))


def _key(parameter: dict[str, Any]) -> tuple[str, str]:
    name = parameter["name"]
    return parameter["in"], name.lower() if parameter["in"] == "header" else name


def _found(request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    """The operation of the most concrete path that fits, and what stands in its places, decoded."""
    method = request.method.lower()
    for pattern, path in TEMPLATES:
        if method in DOCUMENT["paths"][path] and (fits := pattern.fullmatch(request.path)):
            places = zip(PLACE.findall(path), map(unquote, fits.groups()), strict=True)
            return DOCUMENT["paths"][path][method], dict(places)
    raise AssertionError(f"the document has no {request.method} {request.path}")


def _read(parameter: dict[str, Any], sent: str | list[str]) -> Any:
    """The value of a parameter, by the styles that OpenAPI gives it: ``simple``, and ``form`` in the query."""
    schema = resolved(parameter["schema"])
    if schema.get("type") != "array":
        (text,) = sent if isinstance(sent, list) else [sent]
        return _scalar(schema, text)
    texts = sent if isinstance(sent, list) else [sent]
    if parameter.get("explode") is False:
        (joined,) = texts
        texts = joined.split(",")
    return [_scalar(resolved(schema["items"]), text) for text in texts]


def _scalar(schema: dict[str, Any], text: str) -> Any:
    """A text as what the schema takes it for."""
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "number"):
        return json.loads(text)
    return text


def _body(operation: dict[str, Any], request: Request) -> Any:
    if "requestBody" not in operation:
        assert request.body is None
        assert "content-type" not in request.headers
        return None
    ((media_type, content),) = resolved(operation["requestBody"])["content"].items()
    assert request.body is not None
    body = b"".join(request.body.open()) if isinstance(request.body, Source) else request.body
    if media_type == "application/octet-stream":
        assert "content-type" not in request.headers
        return body
    if media_type == "*/*":
        assert "content-type" in request.headers
        return body
    assert request.headers["content-type"] == media_type
    if media_type == "application/x-ndjson":
        lines = [json.loads(line) for line in body.splitlines()]
        for line in lines:
            validate(content["schema"], line)
        return lines
    value = _form(content["schema"], body) if media_type == "application/x-www-form-urlencoded" else json.loads(body)
    validate(content["schema"], value)
    return value


def _form(schema: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The object that a form stands for; a list has its name repeated."""
    found: dict[str, Any] = {}
    members = resolved(schema).get("properties", {})
    for name, text in parse_qsl(body.decode(), keep_blank_values=True):
        member = resolved(members.get(name, {"type": "string"}))
        if member.get("type") == "array":
            found.setdefault(name, []).append(_scalar(resolved(member["items"]), text))
        else:
            assert name not in found
            found[name] = _scalar(member, text)
    return found
