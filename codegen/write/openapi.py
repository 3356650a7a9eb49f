"""Write the expanded OpenAPI document for other tools."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from codegen.spec.document import COMMON, Mapping, Spec, items_of
from codegen.spec.operations import Operation
from codegen.write.render import write

__all__ = ["write_openapi"]


def write_openapi(spec: Spec, operations: dict[str, list[Operation]], path: Path) -> None:
    """Write one document without references between files and without ``x-hub``.

    OpenAPI path parameters contain no slash: ``{repo_id}`` becomes ``{namespace}/{repo}``, a slug
    ``{namespace}/{slug}``, each repository type gets its own path, and a path with an optional end is written with and
    without it. Operations on absolute URLs from responses have no path and are omitted.
    """
    paths: dict[str, Any] = {}
    for found in operations.values():
        for operation in found:
            if not any(parameter.kind == "url" for parameter in operation.of("path")):
                for variant, taken in _variants(operation):
                    node = _operation(spec, operation, variant, taken)
                    paths.setdefault(variant, {})[operation.method.lower()] = node
    schemas = {
        name: _plain(node)
        for document in spec.documents
        for name, node in spec.schemas(document).items()
        if "view" not in node.get("x-hub", {})
    }
    responses = {
        name: _plain(node)
        for node_name in (COMMON, *spec.areas)
        if node_name in spec.documents
        for name, node in _responses(spec, node_name).items()
    }
    document = {
        "openapi": spec.root["openapi"],
        "info": _plain(spec.root["info"]),
        "servers": _plain(spec.root["servers"]),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    write(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _responses(spec: Spec, document: str) -> dict[str, Any]:
    """Collect the shared responses of one file, under unique names."""
    found = spec.documents[document].get("components", {}).get("responses", {})
    return {_response_name(document, name): node for name, node in found.items()}


def _response_name(document: str, name: str) -> str:
    return name if document == COMMON else f"{document}_{name}"


def _variants(operation: Operation) -> list[tuple[str, set[str]]]:
    """Return the paths of an operation, with their remaining parameters."""
    templates = operation.templates
    for parameter in operation.of("path"):
        place = f"{{{parameter.wire}}}"
        if parameter.kind == "repo_id":
            templates = [text.replace(place, "{namespace}/{repo}") for text in templates]
        elif parameter.kind == "slug":
            templates = [text.replace(place, "{namespace}/{slug}") for text in templates]
        elif parameter.omit:
            templates = [short for text in templates for short in (text.replace(f"/{place}", ""), text)]
    return [(text, set(re.findall(r"\{(\w+)\}", text))) for text in templates]


def _operation(spec: Spec, operation: Operation, variant: str, taken: set[str]) -> dict[str, Any]:
    node = operation.node
    kinds = {parameter.wire: parameter.kind for parameter in operation.of("path")}
    name = operation.name
    if len(_variants(operation)) > 1:
        name += "__" + re.sub(r"\W+", "_", re.sub(r"\{\w+\}", "", variant)).strip("_")
        name += "".join("__at" for parameter in operation.of("path") if parameter.omit and parameter.wire in taken)
    found: dict[str, Any] = {
        "operationId": name,
        "tags": [operation.area],
        "summary": operation.summary,
    }
    if operation.description:
        found["description"] = operation.description
    if operation.deprecated:
        found["deprecated"] = True
    if operation.server:
        found["servers"] = [{"url": operation.server}]
    parameters: list[Any] = []
    for given in node.get("parameters", []):
        parameter = spec.resolved(given)
        wire = parameter["name"]
        if parameter["in"] != "path":
            parameters.append(_flagged(parameter))
        elif kinds[wire] == "repo_id":
            schema = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,96}$"}
            parameters += _halves(("namespace", "repo"), schema)
        elif kinds[wire] == "slug":
            parameters += _halves(("namespace", "slug"), {"type": "string", "minLength": 1})
        elif wire in taken:
            parameters.append({**_plain(parameter), "required": True})
    if parameters:
        found["parameters"] = parameters
    for key in ("requestBody", "responses"):
        if key in node:
            found[key] = _plain(node[key])
    every = spec.root["x-hub"].get("answers", {})
    found["responses"] |= {
        status: _plain(answer) for status, answer in every.items() if status not in found["responses"]
    }
    found["security"] = [{"token": []}, {}] if operation.authenticated else []
    return found


def _shut_out(discriminator: dict[str, Any], branches: list[dict[str, Any]]) -> None:
    """Exclude objects of known kinds from the fallback branch, so that they must match their own."""
    tag = discriminator["propertyName"]
    known = {"required": [tag], "properties": {tag: {"enum": list(discriminator["mapping"])}}}
    for branch in branches:
        if "$ref" not in branch:
            branch["not"] = known


def _halves(names: tuple[str, str], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Split a parameter that contains a slash in two."""
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _flagged(parameter: Mapping) -> dict[str, Any]:
    """Convert a boolean parameter that is sent as a fixed text to that text."""
    found: dict[str, Any] = _plain(parameter)
    flag = parameter.get("x-hub", {}).get("flag", "true")
    return found if flag == "true" else {**found, "schema": {"type": "string", "const": flag}}


def _plain(node: Any) -> Any:
    """Return a node without ``x-hub``, with references into the one document."""
    if isinstance(node, Mapping):
        found: dict[str, Any] = {key: _plain(value) for key, value in node.items() if key != "x-hub"}
        if isinstance(found.get("$ref"), str):
            file, _, pointer = found["$ref"].partition("#")
            if pointer.startswith("/components/responses/"):
                home = Path(file).stem if file else node.path.stem
                name = _response_name(home, pointer.rpartition("/")[2])
                found["$ref"] = f"#/components/responses/{name}"
            else:
                found["$ref"] = f"#{pointer}"
        if isinstance(found.get("mapping"), dict) and "propertyName" in found:
            found["mapping"] = {value: f"#{target.partition('#')[2]}" for value, target in found["mapping"].items()}
        if "discriminator" in found and "anyOf" in found:
            _shut_out(found["discriminator"], found["anyOf"])
        return found
    return [_plain(item) for item in items_of(node)] if isinstance(node, list) else node
