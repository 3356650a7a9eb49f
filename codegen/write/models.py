"""Write the models, with datamodel-code-generator and a template."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from codegen.runtime import behaviour as behaviours
from codegen.spec.document import COMMON, Mapping, items_of
from codegen.spec.names import is_name
from codegen.spec.schemas import Member, Schemas
from codegen.spec.target import Target
from codegen.spec.views import read_views
from codegen.write.render import render, write

__all__ = ["aliases", "write_models"]

KEPT = ("type", "format", "items", "anyOf", "oneOf", "enum", "const", "description", "additionalProperties", "$ref")
OPTIONS = [
    "--input-file-type",
    "openapi",
    "--openapi-scopes",
    "schemas",
    "--output-model-type",
    "dataclasses.dataclass",
    "--target-python-version",
    "3.11",
    "--keyword-only",
    "--use-schema-description",
    "--use-field-description",
    "--use-attribute-docstrings",
    "--use-single-line-docstring",
    "--enum-field-as-literal",
    "all",
    "--use-one-literal-as-default",
    "--use-type-alias",
    "--use-double-quotes",
    "--disable-timestamp",
    "--use-standard-collections",
    "--use-union-operator",
    "--output-datetime-class",
    "datetime",
    "--field-extra-keys",
    "x-wire",
    "x-secret",
    "x-alias",
    "x-argument",
    "x-keyword",
    # Formatting is done last, for the whole package; the tool's own formatter reads settings around the working folder.
    "--no-formatters",
]


def write_models(schemas: Schemas, package: Path) -> None:
    """Write ``models/``: a module for each file of the spec, and a flat, lazy package."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for document in schemas.spec.documents:
            normalised = _document(schemas, document)
            if normalised["components"]["schemas"]:
                (folder / f"{document}.yaml").write_text(json.dumps(normalised))
        if any(folder.iterdir()):
            _generate(folder, package / "models", schemas.spec.target)
    _write_package(schemas, package / "models")


def _generate(specs: Path, output: Path, target: Target) -> None:
    output.mkdir(parents=True, exist_ok=True)
    templates = Path(__file__).parent / "templates"
    imports = ["attrs", "typing.Any", f"{target.runtime}.model.Model"]
    imports += [f"{target.package}.behaviour"] if target.reference else []
    subprocess.run(
        [
            *(sys.executable, "-m", "datamodel_code_generator", "--input", str(specs), "--output", str(output)),
            *("--custom-template-dir", str(templates), "--custom-file-header"),
            f'"""Models of {target.api}. {target.mark}"""',
            *("--additional-imports", ",".join(imports)),
            *OPTIONS,
        ],
        check=True,
    )


def _write_package(schemas: Schemas, folder: Path) -> None:
    """Write the flat package, which imports each model on first use."""
    target = schemas.spec.target
    where: dict[str, str] = {}
    for document in schemas.spec.documents:
        for name in schemas.spec.schemas(document):
            if name not in schemas.absent:
                where[name] = f"{target.package}.models.{document}"
            elif name in schemas.views:
                where[name] = f"{target.package}.views.{document}"
    title = f"All models of {target.api} by name."
    template = "lazy.py.jinja" if where else "package.py.jinja"
    write(folder / "__init__.py", render(template, title=title, target=target, where=where))


def _document(schemas: Schemas, document: str) -> dict[str, Any]:
    viewed = {view.root.name for view in read_views(schemas).values()}
    found = {
        name: _schema(schemas, node, promised=name in viewed)
        for name, node in schemas.spec.schemas(document).items()
        if name not in schemas.absent
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": document, "version": "1"},
        "paths": {},
        "components": {"schemas": found},
    }


def _schema(schemas: Schemas, node: Mapping, *, promised: bool) -> dict[str, Any]:
    """Return a schema with Python names of its members; open objects are marked.

    Args:
        promised: Whether there are views of its class.
    """
    found: dict[str, Any] = _plain(schemas, {key: node[key] for key in KEPT if key in node})
    if node.get("discriminator", {}).get("propertyName"):
        found["discriminator"] = _plain(schemas, node["discriminator"])
    if behaviour := [*node.get("x-hub", {}).get("behaviour", []), *(["Promised"] if promised else [])]:
        found["x-behaviour"] = behaviour
    if not schemas.spec.target.reference:
        found["x-api"] = schemas.spec.target.api
    if node.get("type") == "object" and "properties" in node:
        positional: list[str] = items_of(node.get("x-hub", {}).get("positional"))
        members = _ordered(schemas.members(node), positional)
        if positional:
            found["x-positional"] = positional
        found["additionalProperties"] = node.get("additionalProperties") is not False
        found["required"] = [member.name for member in members if member.required or member.const is not None]
        found["properties"] = {}
        aliased = aliases(schemas, node)
        for member in members:
            schema: dict[str, Any] = _plain(schemas, {key: member.node[key] for key in KEPT if key in member.node})
            if member.name != member.wire:
                schema["x-wire"] = member.wire
                if schemas.spec.target.reference and member.name in aliased:
                    schema["x-alias"] = True
            words = member.node.get("x-hub", {})
            if words.get("secret"):
                schema["x-secret"] = True
            if argument := words.get("argument"):
                schema["x-argument"] = argument
            if positional and member.name not in positional:
                schema["x-keyword"] = True
            found["properties"][member.name] = schema
    return found


def aliases(schemas: Schemas, node: Mapping) -> set[str]:
    """Return the attributes of a class that can also be read by their JSON names."""
    members = schemas.members(node)
    mixins = node.get("x-hub", {}).get("behaviour", ())
    taken = {member.name for member in members} | {name for mixin in mixins for name in dir(getattr(behaviours, mixin))}
    return {
        member.name
        for member in members
        if member.wire not in taken and is_name(member.wire) and not member.wire.startswith("_")
    }


def _ordered(members: tuple[Member, ...], positional: list[str]) -> list[Member]:
    """Order the members as the parameters of the constructor: positional ones first."""
    first = [member for name in positional for member in members if member.name == name]
    return [*first, *(member for member in members if member.name not in positional)]


def _plain(schemas: Schemas, node: Any) -> Any:
    """Return a schema as plain data, without what the models do not need."""
    if isinstance(node, Mapping | dict):
        nodes = cast("dict[str, Any]", node)
        drop = ("x-hub", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "example", "examples")
        found = {key: _plain(schemas, value) for key, value in nodes.items() if key not in drop}
        if "$ref" in found:
            found["$ref"] = _reference(schemas, schemas.spec.reference(str(found["$ref"])))
        return found
    return [_plain(schemas, item) for item in items_of(node)] if isinstance(node, list) else node


def _reference(schemas: Schemas, reference: str) -> str:
    """Return a reference to the schema of the class, if the schema uses the class of another one."""
    file, _, pointer = reference.partition("#")
    name = pointer.rpartition("/")[2]
    python = schemas.python(name)
    if python == name:
        return reference
    file = "" if schemas.classes[python].document == schemas.classes[name].document else f"{COMMON}.yaml"
    return f"{file}#/components/schemas/{python}"
