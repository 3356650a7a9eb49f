"""Load spec/ and report errors with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import attrs
import yaml

from codegen.runtime import behaviour
from codegen.spec.names import is_name, snake
from codegen.spec.target import HUB, Target

__all__ = ["METHODS", "Mapping", "Spec", "SpecError", "load"]

METHODS = ("get", "head", "post", "put", "patch", "delete")
COMMON = "common"
BESIDE = ("hub", "differences")
"""Files of the spec's folder that are no documents of it."""

VOCABULARY: dict[str, dict[str, type | tuple[object, ...]]] = {
    "operation": {
        "expose": (True,),
        "paginate": object,
        "retry": (True, False),
        "repeated": dict,
        "redirect": ("relative",),
        "raises": list,
        "replays": (True,),
        "views": dict,
    },
    "parameter": {
        "name": str,
        "pass": ("positional", "keyword"),
        "default": str,
        "flag": str,
        "path": ("segment", "repo_type", "web_type", "repo_id", "revision", "slug", "file", "entry", "url"),
        "omit": (True,),
    },
    "schema": {
        "behaviour": list,
        "class": str,
        "items": dict,
        "positional": list,
        "strict": (True,),
        "view": str,
    },
    "member": {"name": str, "argument": str, "pass": ("positional", "keyword"), "secret": (True,)},
    "document": {"areas": list, "answers": dict},
}
"""The words of ``x-hub`` by where they stand, each with its values or the type of its value; see spec/README.md."""
KEYS = {
    "document": (
        *("openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security", "tags"),
        "externalDocs",
    ),
    "info": ("title", "summary", "description", "termsOfService", "contact", "license", "version"),
    "components": (
        *("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"),
        *("callbacks", "pathItems"),
    ),
    "server": ("url", "description", "variables"),
    "operation": (
        *("operationId", "summary", "description", "deprecated", "tags", "externalDocs"),
        *("parameters", "requestBody", "responses", "security", "servers"),
    ),
    "parameter": (
        *("name", "in", "description", "required", "deprecated", "schema", "content", "style", "explode"),
        *("allowReserved", "allowEmptyValue", "example", "examples"),
    ),
    "request body": ("description", "content", "required"),
    "response": ("description", "headers", "content", "links"),
    "header": (
        *("description", "required", "deprecated", "schema", "content", "style", "explode", "example", "examples"),
    ),
    "media type": ("schema", "example", "examples", "encoding"),
    "discriminator": ("propertyName", "mapping"),
    "schema": (
        *("type", "enum", "const", "title", "description", "default", "deprecated", "example", "examples", "format"),
        *("properties", "required", "additionalProperties", "items", "anyOf", "oneOf", "allOf", "not", "discriminator"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "minLength"),
        *("maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
        *("readOnly", "writeOnly", "contentMediaType", "contentEncoding", "externalDocs"),
    ),
}
"""The members of OpenAPI's objects."""
WANTED: dict[object, str] = {str: "text", list: "a list", dict: "a mapping"}


class SpecError(Exception):
    """The spec has an error; the message starts with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


class Mapping(dict[str, Any]):
    """A YAML mapping with its file and lines.

    Attributes:
        path: The file.
        line: The first line.
        lines: The line of each key.
    """

    path: Path
    line: int
    lines: dict[str, int]

    def error(self, message: str, key: str | None = None) -> SpecError:
        """Build an error at this mapping or one of its keys."""
        return SpecError(self.path, self.lines.get(key, self.line) if key else self.line, message)


class Loader(yaml.CSafeLoader):
    """YAML loader that keeps line numbers and refuses duplicate keys."""

    path: Path


def mapping_of(loader: Loader, node: yaml.MappingNode) -> Mapping:
    """Construct a mapping with its lines."""
    found = Mapping()
    found.path, found.line, found.lines = loader.path, node.start_mark.line + 1, {}
    construct = cast("Callable[..., Any]", loader.construct_object)  # pyright: ignore[reportUnknownMemberType]  # types-PyYAML leaves it open
    for key_node, value_node in node.value:
        key = str(construct(key_node))
        if key in found:
            raise SpecError(loader.path, key_node.start_mark.line + 1, f"{key!r} stands here twice")
        found[key] = construct(value_node, deep=True)
        found.lines[key] = key_node.start_mark.line + 1
    return found


Loader.add_constructor("tag:yaml.org,2002:map", mapping_of)


def read(path: Path) -> Mapping:
    """Read one file of the spec.

    Raises:
        SpecError: The file is missing, or is not a YAML mapping.
    """
    if not path.exists():
        raise SpecError(path, 1, "there is no such file")
    loader = Loader(path.read_text(encoding="utf-8"))
    loader.path = path
    try:
        data = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(path, line, str(error.problem)) from error
    finally:
        loader.dispose()
    if not isinstance(data, Mapping):
        raise SpecError(path, 1, "this is no mapping")
    return data


@attrs.frozen
class Spec:
    """The whole spec, checked.

    Attributes:
        root: hub.yaml.
        documents: The other files by name, ``common`` first, then the areas in order.
        target: The package to generate.
    """

    root: Mapping
    documents: dict[str, Mapping]
    target: Target = HUB

    @property
    def areas(self) -> list[str]:
        """Names of the areas."""
        return [name for name in self.documents if name != COMMON]

    def schemas(self, document: str) -> Mapping:
        """Schemas of one file, by class name."""
        return _child(self.documents[document], "components", "schemas")

    def operations(self, area: str) -> Iterator[tuple[str, str, Mapping]]:
        """Path, method and operation, in the order of the file."""
        for path, item in _child(self.documents[area], "paths").items():
            for method in item:
                yield path, method, item[method]

    def resolved(self, node: Mapping) -> Mapping:
        """Resolve a ``$ref``; other nodes are returned as they are."""
        passed: list[Mapping] = []
        while "$ref" in node:
            if any(node is one for one in passed):
                raise node.error(f"$ref {node['$ref']!r} leads round in a circle", "$ref")
            passed.append(node)
            node = self._referred(node)
        return node

    def reference(self, reference: str) -> str:
        """Return a ``$ref`` as it is written in its file."""
        return reference

    def _referred(self, node: Mapping) -> Mapping:
        reference = node["$ref"]
        file, _, pointer = str(reference).partition("#")
        area = Path(file).stem if file else node.path.stem
        if area not in self.documents:
            raise node.error(f"$ref {reference!r}: there is no file {file!r} among the areas", "$ref")
        order = list(self.documents)
        if node.path.stem in order and order.index(area) > order.index(node.path.stem):
            raise node.error(f"$ref {reference!r}: an area refers only to itself and to those listed before it", "$ref")
        found: Any = self.documents[area]
        for part in pointer.strip("/").split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise node.error(f"$ref {reference!r} leads nowhere", "$ref")
        return found


def _child(node: Mapping, *names: str) -> Mapping:
    for name in names:
        child = node.get(name)
        if child is None:
            child = Mapping()
            child.path, child.line, child.lines = node.path, node.line, {}
        if not isinstance(child, Mapping):
            raise node.error(f"{name!r} must be a mapping", name)
        node = child
    return node


def load(folder: Path) -> Spec:
    """Load and check the spec in a folder.

    Raises:
        SpecError: The spec is invalid.
    """
    root = read(folder / "hub.yaml")
    areas = items_of(_child(root, "x-hub").get("areas"))
    if not areas:
        raise root.error("x-hub must list the areas")
    names = [COMMON] if (folder / f"{COMMON}.yaml").exists() else []
    names += [str(area) for area in areas]
    for name in names:
        if not (folder / f"{name}.yaml").exists():
            raise root.error(f"there is no {name}.yaml for the area {name!r}", "x-hub")
    for extra in sorted({path.stem for path in folder.glob("*.yaml")} - {*names, *BESIDE}):
        raise SpecError(folder / f"{extra}.yaml", 1, "this file is not among the areas of hub.yaml")
    spec = Spec(root, {name: read(folder / f"{name}.yaml") for name in names})
    _check_words(root, "document")
    _check_frame(root)
    for document in spec.documents.values():
        _check_references(spec, document)
        _check_document(document)
    _check_unique(spec)
    return spec


def _walk(node: Any) -> Iterator[Mapping]:
    if isinstance(node, Mapping):
        yield node
        for child in node.values():
            yield from _walk(child)
    for child in items_of(node):
        yield from _walk(child)


def items_of(node: Any) -> list[Any]:
    """Return the items of a YAML list; empty for other nodes."""
    return list(cast("Iterable[Any]", node)) if isinstance(node, list) else []


def _check_references(spec: Spec, document: Mapping) -> None:
    for node in _walk(document):
        if "$ref" in node and isinstance(node["$ref"], str):
            spec.resolved(node)


def _check_document(document: Mapping) -> None:
    """Check that every ``x-hub`` is in an allowed place, with allowed keys."""
    places: dict[int, str] = {}
    parameters = list(_child(document, "components", "parameters").values())
    for item in _child(document, "paths").values():
        for method, operation in item.items():
            if method not in METHODS:
                raise item.error(f"{method!r} is no method: shared parameters are written as $ref", method)
            for word in ("operationId", "summary", "responses"):
                if not operation.get(word):
                    raise item.error(f"the operation has no {word}", method)
            if snake(operation["operationId"]) != operation["operationId"]:
                raise operation.error(f"{operation['operationId']!r} is no name in snake case", "operationId")
            places[id(operation)] = "operation"
            parameters += operation.get("parameters", [])
    places |= {id(parameter): "parameter" for parameter in parameters}
    for schema in _child(document, "components", "schemas").values():
        places[id(schema)] = "schema"
        places |= {id(member): "member" for member in _child(schema, "properties").values()}
    for node in _walk(document):
        if "x-hub" in node:
            _check_words(node, places.get(id(node), ""))
        if places.get(id(node)) in ("operation", "parameter"):
            _check_keys(node, places[id(node)])
    _check_contents(document)


def _check_frame(document: Mapping) -> None:
    """Check the members of a document around its operations, responses and schemas."""
    _check_keys(document, "document")
    for place in ("info", "components"):
        _check_keys(_child(document, place), place)
    operations = [one for item in _child(document, "paths").values() for one in item.values()]
    for server in [server for node in [document, *operations] for server in items_of(node.get("servers"))]:
        _check_keys(server, "server")


def _check_contents(document: Mapping) -> None:
    """Check the members of bodies, responses and schemas."""
    _check_frame(document)
    responses = list(_child(document, "components", "responses").values())
    bodies: list[Mapping] = []
    for item in _child(document, "paths").values():
        for operation in item.values():
            responses += _child(operation, "responses").values()
            bodies += [operation["requestBody"]] if "requestBody" in operation else []
    contents = [content for one in [*bodies, *responses] for content in _child(one, "content").values()]
    headers = [header for one in responses for header in _child(one, "headers").values()]
    places = (("request body", bodies), ("response", responses), ("header", headers), ("media type", contents))
    for place, nodes in places:
        for node in nodes:
            _check_keys(node, place)
    for node in _walk(document):
        if isinstance(node.get("schema"), Mapping):
            _check_schema(node["schema"])
    for schema in _child(document, "components", "schemas").values():
        _check_schema(schema)


def _check_schema(node: Mapping) -> None:
    _check_keys(node, "schema")
    if "discriminator" in node:
        _check_keys(_child(node, "discriminator"), "discriminator")
    inner = [*_child(node, "properties").values(), node.get("items"), node.get("additionalProperties")]
    inner += [branch for word in ("anyOf", "oneOf", "allOf") for branch in items_of(node.get(word))]
    for schema in inner:
        if isinstance(schema, Mapping):
            _check_schema(schema)


def _check_keys(node: Mapping, place: str) -> None:
    for key in node:
        if key not in KEYS[place] and key != "$ref" and not key.startswith("x-"):
            raise node.error(f"OpenAPI has no {key!r} on a {place}; it has {', '.join(KEYS[place])}", key)


def _check_words(node: Mapping, place: str) -> None:
    words = _child(node, "x-hub")
    if not place:
        raise node.error("x-hub may not stand here", "x-hub")
    for word, value in words.items():
        allowed = VOCABULARY[place].get(word)
        if allowed is None:
            known = ", ".join(VOCABULARY[place])
            raise words.error(f"x-hub has no word {word!r} on a {place}; it has {known}", word)
        fits = isinstance(value, allowed) if isinstance(allowed, type) else value in allowed
        if not fits:
            wanted = f"one of {', '.join(map(repr, allowed))}" if isinstance(allowed, tuple) else WANTED[allowed]
            raise words.error(f"x-hub {word}: {value!r} is not {wanted}", word)
        if word in ("name", "argument", "class") and not is_name(value):
            raise words.error(f"x-hub {word}: {value!r} is no name in Python", word)
        if word == "behaviour" and not set(items_of(value)) <= set(behaviour.__all__):
            raise words.error(f"x-hub behaviour: {value!r} is not among {', '.join(behaviour.__all__)}", word)


def _check_unique(spec: Spec) -> None:
    operations: dict[str, str] = {}
    classes: dict[str, str] = {}
    templates: dict[str, str] = {}
    for area in spec.areas:
        paths = _child(spec.documents[area], "paths")
        for path in paths:
            template = re.sub(r"\{\w+\}", "{}", path)
            other = templates.setdefault(template, path)
            if other != path and template != "/{}":  # a whole URL
                raise paths.error(f"{path} and {other} differ in the names of their places alone", path)
        for _, _, operation in spec.operations(area):
            name = operation["operationId"]
            if name in operations:
                raise operation.error(
                    f"operationId {name!r} is used twice, first in {operations[name]}.yaml", "operationId"
                )
            operations[name] = area
    for document in spec.documents:
        schemas = spec.schemas(document)
        for name in schemas:
            if name in classes:
                raise schemas.error(f"schema {name!r} is there twice, first in {classes[name]}.yaml", name)
            classes[name] = document
