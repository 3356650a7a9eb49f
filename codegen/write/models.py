"""Write the models, with datamodel-code-generator and a template."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from codegen.runtime import behaviour as behaviours
from codegen.spec.document import Mapping, items_of
from codegen.spec.names import is_name
from codegen.spec.schemas import Schemas
from codegen.write.render import MARK, render, write

__all__ = ["write_models"]

KEPT = ("type", "format", "items", "anyOf", "oneOf", "enum", "const", "description", "additionalProperties", "$ref")
OPTIONS = [
    "--input-file-type",
    "openapi",
    "--openapi-scopes",
    "schemas",
    "--output-model-type",
    "dataclasses.dataclass",
    "--additional-imports",
    "attrs,typing.Any,hub_typed_api.model.Model,hub_typed_api.behaviour",
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
        _generate(folder, package / "models")
    _write_package(schemas, package / "models")


def _generate(specs: Path, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    templates = Path(__file__).parent / "templates"
    subprocess.run(
        [
            *(sys.executable, "-m", "datamodel_code_generator", "--input", str(specs), "--output", str(output)),
            *("--custom-template-dir", str(templates), "--custom-file-header", f'"""Models of the Hub. {MARK}"""'),
            *OPTIONS,
        ],
        check=True,
    )


def _write_package(schemas: Schemas, folder: Path) -> None:
    """Write the flat package, which imports each model on first use."""
    where: dict[str, str] = {}
    for document in schemas.spec.documents:
        for name in schemas.spec.schemas(document):
            if name not in schemas.bodies:
                where[name] = f"hub_typed_api.models.{document}"
    write(folder / "__init__.py", render("lazy.py.jinja", title="All models of the Hub by name.", where=where))


def _document(schemas: Schemas, document: str) -> dict[str, Any]:
    found = {
        name: _schema(schemas, node)
        for name, node in schemas.spec.schemas(document).items()
        if name not in schemas.bodies
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": document, "version": "1"},
        "paths": {},
        "components": {"schemas": found},
    }


def _schema(schemas: Schemas, node: Mapping) -> dict[str, Any]:
    """Return a schema with Python names of its members; open objects are marked."""
    found: dict[str, Any] = _plain({key: node[key] for key in KEPT if key in node})
    if "discriminator" in node:
        found["discriminator"] = _plain(node["discriminator"])
    if behaviour := node.get("x-hub", {}).get("behaviour"):
        found["x-behaviour"] = behaviour
    if node.get("type") == "object" and "properties" in node:
        members = schemas.members(node)
        found["additionalProperties"] = node.get("additionalProperties") is not False
        found["required"] = [member.name for member in members if member.required or member.const is not None]
        found["properties"] = {}
        taken = {member.name for member in members} | {
            name for mixin in found.get("x-behaviour", ()) for name in dir(getattr(behaviours, mixin))
        }
        for member in members:
            schema: dict[str, Any] = _plain({key: member.node[key] for key in KEPT if key in member.node})
            if member.name != member.wire:
                schema["x-wire"] = member.wire
                if member.wire not in taken and is_name(member.wire) and not member.wire.startswith("_"):
                    schema["x-alias"] = True
            if member.node.get("x-hub", {}).get("secret"):
                schema["x-secret"] = True
            found["properties"][member.name] = schema
    return found


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        drop = ("x-hub", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "example", "examples")
        return {key: _plain(value) for key, value in node.items() if key not in drop}
    return [_plain(item) for item in items_of(node)] if isinstance(node, list) else node
