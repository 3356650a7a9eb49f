"""Writes ``server/``: for each area the routes of the spec and the base class of its handlers."""

from __future__ import annotations

import re
from pathlib import Path

from codegen.codec import codec_imports, structured, unstructured
from codegen.names import pascal, snake
from codegen.operations import Operation, Parameter
from codegen.render import render, write
from codegen.schemas import Schemas, Shape

__all__ = ["write_server"]

PATTERNS = {
    "segment": r"(?P<{name}>[^/]+)",
    "repo_type": r"(?P<{name}>model|dataset|space)",
    "web_type": r"(?:(?P<{name}>dataset|space)s/)?",
    "repo_id": r"(?P<{name}>[^/]+?(?:/[^/]+?)?)",
    "revision": r"(?P<{name}>[^/]+)",
    "file": r"(?P<{name}>.+)",
    "entry": r"(?P<{name}>.+)",
}
"""What a path parameter matches, by its kind, in the path as it came, still percent-encoded."""
READERS = {"bool": "boolean", "int": "integer", "float": "number"}


def write_server(schemas: Schemas, operations: dict[str, list[Operation]], package: Path) -> None:
    """Write ``server/``. Operations on a whole URL are left out: such a URL is the server's own affair."""
    for area, every in operations.items():
        found = [operation for operation in every if not any(p.kind == "url" for p in operation.of("path"))]
        read = {name for o in found for p in o.parameters if p.where in ("body", "lines") for name in schemas.models(p.shape)}
        written = {name for o in found for name in schemas.models(o.shape)}
        imports = codec_imports(schemas, read, ("structure",)) + codec_imports(schemas, written, ("unstructure",))
        write(
            package / "server" / f"{area}.py",
            render(
                "server.py.jinja",
                area=area,
                base=f"{pascal(area)}Handlers",
                title=str(schemas.spec.documents[area]["info"]["title"]),
                operations=found,
                imports=imports,
                pattern=_pattern,
                read=_read,
                taken=_taken,
                result=_result,
                bound=_bound,
                snake=snake,
                unstructured=unstructured,
            ),
        )
    write(package / "server" / "__init__.py", render("package.py.jinja", title="What a server of the Hub's API answers."))


def _pattern(operation: Operation) -> str:
    kinds = {parameter.wire: parameter for parameter in operation.of("path")}
    text = ""
    for piece in re.split(r"(/?\{\w+\}/?)", operation.template):
        place = re.fullmatch(r"(/?)\{(\w+)\}(/?)", piece)
        if place is None:
            text += re.escape(piece)
            continue
        before, wire, after = place.groups()
        group = PATTERNS[kinds[wire].kind].format(name=wire)
        if kinds[wire].omit:
            text += f"(?:{before}{group})?{after}"
        else:
            text += before + group + ("" if kinds[wire].kind == "web_type" else after)
    return text


def _taken(parameter: Parameter) -> str:
    """A parameter as a handler declares it."""
    if parameter.where == "lines":
        return f"{parameter.name}: Iterator[{parameter.shape.annotation('models.')}]"
    if parameter.where == "content":
        return f"{parameter.name}: Iterator[bytes]"
    if parameter.flag is not None:
        return f"{parameter.name}: bool"
    kind = parameter.shape.annotation("models.")
    optional = parameter.omit or not parameter.required
    return f"{parameter.name}: {kind} | None" if optional else f"{parameter.name}: {kind}"


def _read(parameter: Parameter) -> str:
    """The expression that reads a parameter from what the request brought."""
    wire = parameter.wire
    if parameter.where == "lines":
        return f"({structured(parameter.shape, 'line')} for line in given.lines())"
    if parameter.where == "content":
        return "given.pieces()"
    if parameter.where == "path":
        if parameter.kind == "web_type":
            return f"given.path.get({wire!r}, {parameter.default!r})"
        return f"given.path.get({wire!r})" if parameter.omit else f"given.path[{wire!r}]"
    if parameter.where == "header":
        return f"given.headers.get({wire.lower()!r})"
    if parameter.flag is not None:
        return f"bool(given.boolean({wire!r}))"
    return f"given.{_reader(parameter.shape)}({wire!r})"


def _reader(shape: Shape) -> str:
    if shape.kind == "list":
        return "texts"
    return READERS.get(shape.text, "text")


def _bound(operation: Operation, parameter: Parameter) -> str:
    """The expression of one argument of a handler."""
    if parameter.where == "body" and operation.body == "json":
        value = f"body[{parameter.wire!r}]" if parameter.required else f"body.get({parameter.wire!r})"
        made = structured(parameter.shape, "value")
        if made == "value":
            return value
        if parameter.required:
            return structured(parameter.shape, value)
        return f"None if (value := {value}) is None else {made}"
    if parameter.where == "body":
        read = f"form.{_reader(parameter.shape)}({parameter.wire!r})"
        return f"required({parameter.wire!r}, {read})" if parameter.required else read
    read = _read(parameter)
    if parameter.where in ("query", "header") and parameter.required:
        return f"required({parameter.wire!r}, {read})"
    return read


def _result(operation: Operation) -> str:
    """What a handler gives."""
    if operation.paged:
        return f"Sequence[{operation.item.annotation('models.')}]"
    return "Answer" if operation.answer == "whole" else operation.result
