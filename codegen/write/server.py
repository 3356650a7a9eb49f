"""Write ``server/``: routes and base classes of handlers."""

from __future__ import annotations

import re
from pathlib import Path

from codegen.spec.conversions import codec_imports, structured, unstructured
from codegen.spec.names import pascal, snake
from codegen.spec.operations import Operation, Parameter
from codegen.spec.schemas import Schemas
from codegen.write.render import render, write

__all__ = ["write_server"]

PATTERNS = {
    "segment": r"(?P<{name}>[^/]+)",
    "repo_type": r"(?P<{name}>{types})",
    "web_type": r"(?:(?P<{name}>{types})s/)?",
    "repo_id": r"(?P<{name}>[^/]+?(?:/[^/]+?)?)",
    "revision": r"(?P<{name}>[^/]+)",
    "slug": r"(?P<{name}>[^/]+/[^/]+)",
    "file": r"(?P<{name}>.+)",
    "entry": r"(?P<{name}>.+)",
}
"""What a path parameter matches, by its kind, in the path as it came, still percent-encoded."""
READERS = {"bool": "boolean", "int": "integer", "float": "number"}


def write_server(schemas: Schemas, operations: dict[str, list[Operation]], package: Path) -> None:
    """Write ``server/``. Operations on absolute URLs are left out."""
    every_route = [
        (f"{area}.{operation.name}", operation.method, _pattern(operation))
        for area, found in operations.items()
        for operation in found
        if not operation.server and not any(p.kind == "url" for p in operation.of("path"))
    ]
    for area, every in operations.items():
        found = [operation for operation in every if not any(p.kind == "url" for p in operation.of("path"))]
        read = {
            name
            for o in found
            for p in o.parameters
            if p.where in ("body", "list", "lines")
            for name in schemas.models(p.shape)
        }
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
    write(package / "server" / "__init__.py", render("routes.py.jinja", routes=every_route))


def _pattern(operation: Operation) -> str:
    kinds = {parameter.wire: parameter for parameter in operation.of("path")}
    text = ""
    template = operation.template
    for parameter in operation.of("path"):
        if parameter.kind == "web_type":  # its pattern holds the slash after it
            template = template.replace(f"{{{parameter.wire}}}/", f"{{{parameter.wire}}}")
    for piece in re.split(r"(/?\{\w+\})", template):
        slash, place, wire = piece.partition("{")
        if not place:
            text += re.escape(piece)
            continue
        parameter = kinds[wire.removesuffix("}")]
        types = [kind for kind in parameter.repo_types if parameter.kind == "repo_type" or kind != "model"]
        group = slash + PATTERNS[parameter.kind].format(name=parameter.wire, types="|".join(types))
        text += f"(?:{group})?" if parameter.omit else group
    return text


def _taken(parameter: Parameter) -> str:
    """Declare a parameter of a handler."""
    if parameter.where == "lines":
        return f"{parameter.name}: Iterator[{parameter.shape.annotation('models.')}]"
    if parameter.where == "content":
        return f"{parameter.name}: Iterator[bytes]"
    if parameter.flag is not None:
        return f"{parameter.name}: bool"
    kind = parameter.shape.annotation("models.")
    optional = parameter.omit or not parameter.required
    return f"{parameter.name}: {kind} | None" if optional or parameter.nullable else f"{parameter.name}: {kind}"


def _read(parameter: Parameter) -> str:
    """Expression that reads a parameter of the request, not yet structured."""
    wire = parameter.wire
    if parameter.where == "lines":
        return f"({structured(parameter.shape, 'line')} for line in given.lines())"
    if parameter.where == "list":
        return structured(parameter.shape, "given.items()")
    if parameter.where == "content":
        return "given.pieces()"
    if parameter.where == "object":
        return "given.json()"
    if parameter.where == "path":
        if parameter.kind == "web_type":
            return f"given.path.get({wire!r}, {parameter.default!r})"
        if parameter.shape.text in ("int", "float"):
            return f"{parameter.shape.text}(given.path[{wire!r}])"
        return f"given.path.get({wire!r})" if parameter.omit else f"given.path[{wire!r}]"
    if parameter.where == "header":
        return f"given.headers.get({wire.lower()!r})"
    if parameter.flag is not None:
        return f"bool(given.boolean({wire!r}))"
    reader = "texts" if parameter.shape.kind == "list" else READERS.get(parameter.shape.text, "text")
    return f"{'form' if parameter.where == 'body' else 'given'}.{reader}({wire!r})"


def _bound(operation: Operation, parameter: Parameter) -> str:
    """Expression of one argument of a handler."""
    if parameter.where in ("path", "object", "list", "lines", "content"):
        return _read(parameter)
    wire = parameter.wire
    if parameter.where == "body" and operation.body == "json":
        value = f"body[{wire!r}]" if parameter.required else f"body.get({wire!r})"
    else:
        value = f"required({wire!r}, {_read(parameter)})" if parameter.required else _read(parameter)
    made = structured(parameter.shape, "value")
    if made == "value":
        return value
    if parameter.required and not parameter.nullable:
        return structured(parameter.shape, value)
    return f"None if (value := {value}) is None else {made}"


def _result(operation: Operation) -> str:
    """Return annotation of a handler."""
    if operation.paging and operation.paging.by == "link":
        return f"Sequence[{operation.item.annotation('models.')}]"
    return "Answer" if operation.answer == "whole" else operation.result
