"""Operations as the generator reads them from the spec, and calls of the generated functions."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from codegen.spec.conversions import structured
from codegen.spec.document import load
from codegen.spec.operations import Operation, Parameter
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import Shape, read_schemas
from hub_typed_api import operations
from hub_typed_api.coerce import date
from hub_typed_api.path import HFValidationError, checked_repo_id, checked_revision
from hub_typed_api.wire import Call, Paged, Stream
from tests.contract.document import resolved
from tests.strategies import DOCUMENT, values

__all__ = ["EVERY", "NODES", "arguments", "called"]

SPEC = load(Path(__file__).parent.parent.parent / "spec")
EVERY = [operation for found in read_operations(SPEC, read_schemas(SPEC)).values() for operation in found]
NODES = {node["operationId"].partition("__")[0]: node for item in DOCUMENT["paths"].values() for node in item.values()}
"""The operations of the document by name; one of several, where the types of repositories have paths of their own."""


def _structure_functions() -> dict[str, Any]:
    """What the expressions of the codec call."""
    found: dict[str, Any] = {"date": date}
    for document in SPEC.documents:
        try:
            found |= vars(import_module(f"hub_typed_api.codec.{document}"))
        except ModuleNotFoundError:  # an area without models
            continue
    return found


STRUCTURE = _structure_functions()


def _accepted(check: Any) -> Any:
    def accepts(value: str) -> bool:
        try:
            check(value)
        except HFValidationError:
            return False
        return True

    return accepts


NAME = st.from_regex(r"[A-Za-z0-9_]([.-]?[A-Za-z0-9_]){0,6}", fullmatch=True)
PART = st.text(min_size=1, max_size=6).filter(lambda part: part not in (".", "..") and not set("/\0") & set(part))
PATHS = {
    "repo_id": st.tuples(NAME, NAME).map("/".join).filter(_accepted(checked_repo_id)),
    "revision": st.lists(PART, min_size=1, max_size=3).map("/".join).filter(_accepted(checked_revision)),
    "slug": st.tuples(PART, PART).map("/".join),
    "entry": st.lists(PART, min_size=1, max_size=3).map("/".join),
    "file": PART,  # a place of an OpenAPI path holds no slash; that ours are kept is for tests/generated
    "url": st.just("https://store.test/a?b=c"),
}


def _values(operation: Operation, parameter: Parameter) -> st.SearchStrategy[Any]:
    """What a parameter may be, as it is on the wire."""
    if parameter.where == "path" and parameter.kind != "segment":
        return st.sampled_from(parameter.repo_types) if parameter.repo_types else PATHS[parameter.kind]
    node: Any = NODES.get(operation.name, operation.node)  # the document has no operations on whole URLs
    if parameter.wire == "content-type":
        return st.sampled_from(["image/png", "video/mp4"])
    if parameter.where in ("path", "query", "header"):
        place = (parameter.where, parameter.wire)
        (schema,) = [p["schema"] for p in map(resolved, node["parameters"]) if (p["in"], p["name"]) == place]
    elif parameter.where == "content":
        return st.binary(max_size=8)
    else:
        (content,) = resolved(node["requestBody"])["content"].values()
        schema = content["schema"]
        if parameter.where == "lines":
            return st.lists(values(schema), max_size=3)
        if parameter.where == "object" and operation.body == "form":
            return st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)
        if parameter.where == "body":
            schema = resolved(schema)["properties"][parameter.wire]
    possible = values(schema).filter(lambda value: value is not None)
    if parameter.where == "path":
        return possible.filter(lambda value: value not in ("", ".", ".."))
    if parameter.joined:
        return possible.filter(lambda texts: texts and not any("," in text for text in texts))
    if parameter.shape.kind == "list" and (parameter.where == "query" or operation.body == "form"):
        return possible.filter(lambda items: items != [])  # which neither a query nor a form can say
    return st.just(True) if parameter.flag is not None else possible


def arguments(operation: Operation, *, every: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What may be given to an operation, by Python name, as it is on the wire: all parameters, or the least."""
    given = [parameter for parameter in operation.given if every or not parameter.optional]
    return st.fixed_dictionaries({parameter.name: _values(operation, parameter) for parameter in given})


def called(operation: Operation, given: dict[str, Any]) -> Call[Any] | Paged[Any] | Stream[Any]:
    """What the function of an operation makes of arguments as they are on the wire."""
    function = getattr(getattr(operations, operation.area), operation.name)
    return function(**{p.name: _python(p, given[p.name]) for p in operation.given if p.name in given})


def _python(parameter: Parameter, wire: Any) -> Any:
    if parameter.where == "lines":
        return lambda: [_structured(parameter.shape, line) for line in wire]
    return wire if parameter.where == "content" else _structured(parameter.shape, wire)


def _structured(shape: Shape, wire: Any) -> Any:
    """The value that a function takes, as the codec makes it."""
    return eval(structured(shape, "wire"), {**STRUCTURE, "wire": wire})
