"""``python -m codegen.checks.corpus FOLDER``: check captured responses against the spec and the generated code.

Each file of the folder is one response: a JSON object with ``endpoint`` (for example ``GET /api/models/{repo_id}``,
with a literal repository type), ``status`` and ``headers`` (null if not recorded), and ``body``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import relevance

from codegen.hub import DOCUMENT, ROOT
from codegen.runtime.coerce import is_list, is_object
from codegen.spec.conversions import structured, unstructured
from codegen.spec.document import Spec, load
from codegen.spec.operations import Operation
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import Schemas, Shape, read_schemas

__all__ = ["Captured", "Checker", "check", "lost", "main"]

EXCEPTIONS = ROOT / "tests" / "corpus_exceptions.yaml"
DELIVERIES = {"WEBHOOK payload": "WebhookPayload"}
"""What the Hub sends of its own accord, by the first words of ``endpoint``, and the schema of that."""
BYTES = "application/octet-stream"
LONGEST = 300
"""Characters of a message that are shown."""


@attrs.frozen
class Captured:
    """A captured response.

    Attributes:
        status: ``None`` if it was not recorded; a success then.
        media_type: Empty if it was not recorded.
    """

    endpoint: str
    status: int | None
    media_type: str
    body: Any

    @classmethod
    def read(cls, path: Path) -> Captured:
        """Read a captured response from a file.

        Raises:
            AttributeError, LookupError, TypeError, ValueError: The file is not a captured response.
        """
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        headers: dict[str, str] = found.get("headers") or {}
        media_type = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
        return cls(found["endpoint"], found.get("status"), media_type.partition(";")[0].strip(), found["body"])


class Checker:
    """Checks responses against the spec, its expanded document, and the generated code."""

    def __init__(self, spec: Spec, document: Mapping[str, Any]) -> None:
        self._schemas: Schemas = read_schemas(spec)
        self._document = document
        self._operations: dict[str, Operation] = {}
        for operations in read_operations(spec, self._schemas).values():
            for operation in operations:
                for endpoint in _endpoints(operation):
                    self._operations[endpoint] = operation
        self._nodes: dict[str, Mapping[str, Any]] = {
            node["operationId"].partition("__")[0]: node
            for item in document["paths"].values()
            for node in item.values()
        }
        self._codec = _codec()

    def operation(self, answer: Captured) -> Operation | None:
        """Return the operation of a response."""
        return self._operations.get(_normal(answer.endpoint))

    def problems(self, answer: Captured) -> Iterator[str]:
        """Return where a response does not match the spec, or does not survive the generated code."""
        for words, name in DELIVERIES.items():
            if answer.endpoint.startswith(words):
                schema = {"$ref": f"#/components/schemas/{name}"}
                yield from self._problems_of_json(answer.body, schema, Shape("class", name, name))
                return
        operation = self.operation(answer)
        if operation is None:
            yield f"the spec has no operation {answer.endpoint!r}"
            return
        status = str(answer.status or operation.status)
        responses = operation.node["responses"]
        if status not in responses:
            yield f"{operation.area}.{operation.name} has no status {status}"
            return
        content = self._schemas.spec.resolved(responses[status]).get("content", {})
        media_type = answer.media_type or next(iter(content), "")
        if operation.method == "HEAD" or not content:
            if answer.body not in (None, {}) and not isinstance(answer.body, str):
                yield "$: of this body the spec says nothing"
        elif BYTES in content:
            return
        elif media_type not in content:
            yield f"it came as {media_type}, and the spec says {', '.join(content)}"
        elif media_type.startswith("text/"):
            if not isinstance(answer.body, str):
                yield "$: this is no text"
        else:
            schema = self._response(operation, status)["content"][media_type]["schema"]
            shape = self._schemas.shape(content[media_type]["schema"])
            yield from self._problems_of_json(answer.body, schema, shape)

    def _response(self, operation: Operation, status: str) -> Mapping[str, Any]:
        """Return the response of an operation with a status in the document."""
        response: Mapping[str, Any] = self._nodes[operation.name]["responses"][status]
        if "$ref" in response:
            response = self._document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return response

    def _problems_of_json(self, body: object, schema: Mapping[str, Any], shape: Shape) -> Iterator[str]:
        violations = list(_violations({**schema, "components": self._document["components"]}, body))
        if violations:
            yield from violations
            return
        try:
            value = eval(structured(shape, "value"), {**self._codec, "value": body})
            again = eval(unstructured(shape, "value"), {**self._codec, "value": value})
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as failure:
            yield f"$: the generated code fails with {type(failure).__name__}: {failure}"
        else:
            yield from lost(body, again)
            yield from _kept(value)


def _kept(value: Any, path: str = "$") -> Iterator[str]:
    """Return the members that the spec knows and whose values are invalid, so that they were kept as they are."""
    fields: tuple[attrs.Attribute[Any], ...] | None = getattr(value, "__attrs_attrs__", None)
    if fields is not None:
        members = {field.name: field.metadata.get("wire", field.name) for field in fields}
        for wire in sorted(set(members.values()) & set(getattr(value, "extra", None) or ())):
            yield f"{path}.{wire}: the generated code does not accept {value.extra[wire]!r}"
        for name, wire in members.items():
            yield from _kept(getattr(value, name), f"{path}.{wire}")
    elif is_list(value):
        for position, item in enumerate(value):
            yield from _kept(item, f"{path}[{position}]")
    elif is_object(value):
        for name, item in value.items():
            yield from _kept(item, f"{path}.{name}")


def _endpoints(operation: Operation) -> Iterator[str]:
    """Return the operations by their endpoint in a corpus, without the names of parameters."""
    templates = operation.templates
    for parameter in operation.of("path"):
        if parameter.omit:
            place = f"{{{parameter.wire}}}"
            templates += [text.replace(f"/{place}", "") for text in templates]
    for text in templates:
        yield _normal(f"{operation.method} {text}")


def _normal(endpoint: str) -> str:
    return re.sub(r"\{\w+\}", "{}", endpoint.partition("?")[0])


def _codec() -> dict[str, Any]:
    """Return the functions used by expressions of the generated code, by name."""
    found: dict[str, Any] = {"models": importlib.import_module("hub_typed_api.models")}
    package = importlib.import_module("hub_typed_api.codec")
    for module in (
        "hub_typed_api.coerce",
        *(f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)),
    ):
        found |= {name: value for name, value in vars(importlib.import_module(module)).items() if callable(value)}
    return found


def _violations(schema: Mapping[str, Any], body: object) -> Iterator[str]:
    """Return the violations of a schema by a value."""
    validator: Any = Draft202012Validator(schema)  # types-jsonschema leaves open what an error is
    for error in validator.iter_errors(body):
        cause = _cause(error)
        yield f"{cause.json_path}: {cause.message}"


def _cause(error: Any) -> Any:
    """Return the cause of a failed choice: the error in the discriminator's branch, otherwise in the closest branch."""
    while error.context:
        branches = [branch.get("$ref") for branch in error.validator_value]
        told = error.schema.get("discriminator", {"propertyName": "", "mapping": {}})
        meant = told["mapping"].get(error.instance.get(told["propertyName"])) if is_object(error.instance) else None
        inside = [one for one in error.context if branches[one.schema_path[0]] == meant] if meant else error.context
        error = min(inside, key=relevance)
    return error


def lost(before: object, after: object, where: str = "$") -> Iterator[str]:
    """Return the differences of two JSON values.

    Null members count as absent, and dates may have different formats.
    """
    if is_object(before) and is_object(after):
        for name in dict.fromkeys([*before, *after]):
            place = f"{where}.{name}" if name.isidentifier() else f"{where}[{name!r}]"
            if before.get(name) is not None and after.get(name) is None:
                yield f"{place}: it is lost"
            elif before.get(name) is None and after.get(name) is not None:
                yield f"{place}: it is invented"
            else:
                yield from lost(before.get(name), after.get(name), place)
    elif is_list(before) and is_list(after):
        if len(before) != len(after):
            yield f"{where}: {len(before)} items became {len(after)}"
        for number, (item, other) in enumerate(zip(before, after, strict=False)):
            yield from lost(item, other, f"{where}[{number}]")
    elif (before != after or isinstance(before, bool) != isinstance(after, bool)) and not _same_moment(before, after):
        yield f"{where}: {before!r} became {after!r}"


def _same_moment(before: object, after: object) -> bool:
    """Whether both are the same date, to the precision of Python."""
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    try:
        return datetime.fromisoformat(before) == datetime.fromisoformat(after)
    except (TypeError, ValueError):
        return False


def check(folder: Path, checker: Checker, excepted: Mapping[str, str]) -> bool:
    """Check all responses in a folder and print the errors; return whether there are none.

    Args:
        excepted: Reasons by name of files that are expected to fail. Files that are not in the folder are ignored.
    """
    files = sorted(folder.glob("*.json"))
    passed: set[str] = set()
    wrong: list[str] = []
    for path in files:
        found = list(_problems(path, checker))
        if not found:
            passed.add(path.name)
        elif path.name not in excepted:
            wrong += [f"{path.name}: {_short(problem)}" for problem in found]
    wrong += [f"{name}: it passes; take it off the exceptions" for name in sorted(passed & excepted.keys())]
    failed = len({path.name for path in files} & excepted.keys() - passed)
    summary = f"corpus: {len(passed)} of {len(files)} answers validate and round-trip ({failed} excepted)"
    print("\n".join([*wrong, summary]))
    return bool(files) and not wrong


def _problems(path: Path, checker: Checker) -> Iterator[str]:
    try:
        answer = Captured.read(path)
    except (AttributeError, LookupError, TypeError, ValueError) as failure:
        yield f"this is no captured answer: {type(failure).__name__}: {failure}"
    else:
        yield from checker.problems(answer)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def main(arguments: list[str] | None = None) -> int:
    """Check a folder; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen.checks.corpus", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the captured answers")
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS, help="file names and reasons, as YAML")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"there is no folder {options.folder}")
    excepted: dict[str, str] = yaml.safe_load(options.exceptions.read_text(encoding="utf-8")) or {}
    for name, reason in excepted.items():
        if not reason:
            parser.error(f"{options.exceptions} excepts {name} without a reason")
    document = json.loads((ROOT / "generated" / DOCUMENT).read_text(encoding="utf-8"))
    return 0 if check(options.folder, Checker(load(ROOT / "spec"), document), excepted) else 1


if __name__ == "__main__":
    sys.exit(main())
