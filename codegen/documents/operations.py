"""Bring operations into the form of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from codegen.documents.names import Names, class_name, plain_text, url_text
from codegen.documents.read import child, derived
from codegen.documents.schemas import Components
from codegen.spec.document import METHODS, Mapping, items_of
from codegen.spec.names import snake

__all__ = ["operation_name", "operation_of"]

BESIDES = ("summary", "description", "servers", "parameters", "$ref")
"""Members of a path that are no methods."""
IGNORED = ("accept", "content-type", "authorization")
"""Headers that are no parameters, as OpenAPI says."""
JSON = re.compile(r"(application|text)/([\w.+-]+\+)?json\b")
BINARY = "application/octet-stream"
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def operation_name(path: str, method: str, node: Mapping) -> str:
    """Return the operationId, or method and path in its place."""
    given = node.get("operationId")
    return snake(str(given)) if given else snake(f"{method} {path.replace('{', 'by ')}")


def operation_of(components: Components, path: str, item: Mapping, method: str, node: Mapping, name: str) -> Mapping:
    """Return an operation in the form of the spec.

    Raises:
        SpecError: The operation cannot be generated.
    """
    if method not in METHODS:
        raise item.error(f"operations of the method {method} are not supported", method)
    names = Names()
    parameters = [_parameter(components, one, names, name) for one in _parameters(components, item, node)]
    found: dict[str, Any] = {
        "operationId": name,
        "summary": _summary(node) or f"Send ``{method.upper()} {path}``.",
        "description": _description(node),
        "parameters": parameters,
        "responses": _responses(components, node, name),
    }
    if "requestBody" in node and (body := _body(components, node["requestBody"], names, name)):
        found["requestBody"] = body
    for key in ("deprecated", "security"):
        if key in node:
            found[key] = node[key]
    if servers := items_of(node.get("servers") or item.get("servers")):
        found["servers"] = [derived(node, {"url": _absolute(servers[0])})]
    return derived(node, found)


def server_url(server: Mapping) -> str:
    """Return the URL of a server, with the defaults of its variables."""
    url = str(server.get("url", ""))
    for name, variable in child(server, "variables").items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url_text(url)


def _absolute(server: Mapping) -> str:
    url = server_url(server)
    if not url.startswith(("https://", "http://")) or "{" in url:
        raise server.error(f"the operation has a server of its own, {url!r}, which is no whole URL", "url")
    return url


def _summary(node: Mapping) -> str:
    text = plain_text(node.get("summary") or node.get("description"))
    return " ".join(text.partition("\n\n")[0].split()).strip(" `*")


def _description(node: Mapping) -> str:
    text = plain_text(node.get("description"))
    return text if node.get("summary") else text.partition("\n\n")[2]


def _parameters(components: Components, item: Mapping, node: Mapping) -> list[Mapping]:
    found: dict[tuple[str, str], Mapping] = {}
    for given in [*items_of(item.get("parameters")), *items_of(node.get("parameters"))]:
        one = components.documents.resolved(given)
        where, wire = str(one.get("in")), str(one.get("name"))
        if where not in STYLES:
            raise one.error(f"the parameter {wire!r} stands in {where!r}", "in")
        if where != "header" or wire.lower() not in IGNORED:
            found[where, wire.lower() if where == "header" else wire] = one
    return list(found.values())


def _parameter(components: Components, node: Mapping, names: Names, operation: str) -> Mapping:
    wire, where = str(node["name"]), str(node["in"])
    content = node.get("content")
    schema = (
        next(iter(content.values())).get("schema") if isinstance(content, Mapping) and content else node.get("schema")
    )
    known = schema if isinstance(schema, Mapping) else derived(node, {"type": "string"})
    shape = components.shape(known, class_name(f"{operation} {wire}"))
    style = "json" if content else str(node.get("style") or STYLES[where])
    explode = node.get("explode", style == "form")
    if style not in ("deepObject", "json"):
        shape = _without_objects(components, shape)
    kinds = _kinds(components, shape)
    if "object" in kinds and style not in ("deepObject", "json"):
        raise node.error(f"the parameter {wire!r} is an object of style {style}: write deepObject", "style")
    if style not in (STYLES[where], "deepObject", "json", "spaceDelimited", "pipeDelimited"):
        raise node.error(f"the parameter {wire!r} has the style {style}, which is not supported", "style")
    words = {"name": names.member(wire)}
    if where == "query" and style in ("spaceDelimited", "pipeDelimited"):
        words["style"] = {"spaceDelimited": " ", "pipeDelimited": "|"}[style]
    elif style == "json" or (where == "query" and not explode and "array" in kinds):
        words["style"] = "json" if style == "json" else ","
    return derived(
        node,
        {
            "name": wire,
            "in": where,
            "required": bool(node.get("required")) or where == "path",
            "description": plain_text(node.get("description")),
            "schema": shape,
            "x-hub": derived(node, words),
        },
    )


def _without_objects(components: Components, shape: Mapping) -> Mapping:
    """Return a parameter of several kinds without objects, which the style cannot send."""
    branches = [one for one in items_of(shape.get("anyOf")) if "object" not in _kinds(components, one)]
    return derived(shape, {**shape, "anyOf": branches}) if branches else shape


def _kinds(components: Components, shape: Mapping) -> set[str]:
    final = components.final(shape)
    branches: list[Mapping] = items_of(final.get("anyOf"))
    if branches:
        return set[str]().union(*(_kinds(components, branch) for branch in branches))
    return {"object"} if "discriminator" in final else {str(final.get("type"))}


def _body(components: Components, given: Mapping, names: Names, operation: str) -> Mapping | None:
    node = components.documents.resolved(given)
    content: Mapping = child(node, "content")
    kinds = [kind for kind in content if JSON.match(kind)] or [
        kind for kind in ("multipart/form-data", "application/x-www-form-urlencoded") if kind in content
    ]
    kind = next(iter([*kinds, *content]), None)
    if kind is None:
        raise node.error("the body has no media type", "content")
    media = content[kind]
    schema = media.get("schema")
    required = bool(node.get("required"))
    if not kinds:
        name = "*/*" if "*" in kind else kind
        words: dict[str, Any] = {"binary": True, "name": names.member("body"), "optional": not required}
        return derived(
            node,
            {
                "content": derived(content, {name: derived(media, {"schema": derived(media, {})})}),
                "x-hub": derived(node, words),
            },
        )
    known = schema if isinstance(schema, Mapping) else derived(media, {})
    shape = components.shape(known, class_name(f"{operation} body"))
    final = components.final(shape)
    if "properties" in final and (
        kind in ("multipart/form-data", "application/x-www-form-urlencoded") or _is_flat(final, required)
    ):
        members = {
            wire: derived(member, {**member, "x-hub": derived(member, {"name": names.member(wire)})})
            for wire, member in final["properties"].items()
            if not member.get("readOnly")
        }
        flat = derived(final, {**final, "properties": derived(final, members)})
        if not required:
            flat["required"] = []
        words = {"deep": _is_deep(media)}
        shape = components.hoisted(flat, class_name(f"{operation} members"))
    elif not JSON.match(kind):
        if final.get("type") == "object" and not known.get("additionalProperties"):
            return None  # a form without members
        raise media.error(f"the body {kind} is no object with properties", "schema")
    else:
        words = {"whole": names.member("body"), "optional": not required}
    description = plain_text(node.get("description"))
    found = {"content": derived(content, {kind: derived(media, {"schema": shape})}), "description": description}
    return derived(node, {**found, "x-hub": derived(node, words)})


def _is_flat(final: Mapping, required: bool) -> bool:
    """Whether the members of a JSON object become parameters."""
    return required and not final.get("x-free")


def _is_deep(media: Mapping) -> bool:
    encodings: Iterable[Mapping] = child(media, "encoding").values()
    return any(one.get("style") == "deepObject" for one in encodings)


def _responses(components: Components, node: Mapping, operation: str) -> Mapping:
    given: Mapping = child(node, "responses")
    good = {str(status): one for status, one in given.items() if re.fullmatch(r"2\d\d|2XX", str(status), re.IGNORECASE)}
    if not good and "default" in given:
        good = {"200": given["default"]}
    found: dict[str, Any] = {}
    for status, one in good.items():
        response = components.documents.resolved(one)
        known = "200" if not status.isdigit() else status
        if known not in found:
            found[known] = _response(
                components, response, class_name(f"{operation} response {'' if status in ('200', '201') else status}")
            )
    if not found:  # what it answers is for the caller to read
        found["200"] = derived(
            given, {"content": derived(given, {BINARY: derived(given, {"schema": derived(given, {})})})}
        )
    return derived(given, found)


def _response(components: Components, node: Mapping, name: str) -> Mapping:
    content: Mapping = child(node, "content")
    if not content:
        return derived(node, {})
    kind = next((one for one in content if JSON.match(one)), "")
    if not kind and any(one.startswith("text/event-stream") for one in content):
        raise content.error("event streams are not supported", "text/event-stream")
    kind = kind or next((one for one in content if one == "*/*" and _is_json(content[one])), "")
    if kind:
        schema = content[kind].get("schema")
        known = schema if isinstance(schema, Mapping) else derived(content, {})
        media, shape = "application/json" if kind == "*/*" else kind.partition(";")[0], components.shape(known, name)
    else:
        is_text = all(one.startswith("text/") for one in content)
        media, shape = "text/plain" if is_text else BINARY, derived(content, {})
    return derived(node, {"content": derived(content, {media: derived(content, {"schema": shape})})})


def _is_json(media: Mapping) -> bool:
    schema = media.get("schema")
    return isinstance(schema, Mapping) and schema.get("format") != "binary" and schema.get("type") != "string"
