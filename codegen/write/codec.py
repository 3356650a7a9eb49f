"""Write the codec: one straight-line structure and one unstructure function for each class."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import attrs

from codegen.spec.conversions import codec_imports, json_classes, structured, unstructured
from codegen.spec.names import snake
from codegen.spec.schemas import Class, Member, Schemas, Union
from codegen.spec.views import read_views
from codegen.write.render import render, write

__all__ = ["write_codec"]

SMALL = 6
"""Optional members of a class that is read quicker when it has none of them."""


@attrs.frozen
class _Field:
    """A member as templates use it.

    Attributes:
        omitted: Whether ``None`` is omitted; a required member is written as null instead.
        classes: Allowed classes of its value; empty if unchecked.
        wrong: Expression that is true if the member's variable has another class.
        kept: Whether an invalid value is kept in ``extra``, so that the rest of the object can be used.
        salvage: Expression for what is valid of a required value that is kept: items, values or members.
        promised: Whether a view has it, so that it may be unset.
    """

    name: str
    wire: str
    structure: str
    unstructure: str
    required: bool
    omitted: bool
    classes: tuple[str, ...]
    wrong: str
    kept: bool
    salvage: str = ""
    promised: bool = False


def _wrong(name: str, classes: tuple[str, ...], *, optional: bool) -> str:
    if not classes:
        return ""
    value = f"{name}_"
    if len(classes) == 1:
        wrong = f"type({value}) is not {classes[0]}"
    else:
        wrong = f"type({value}) not in ({', '.join(classes)})"
    return f"({value} is not None and {wrong})" if optional else wrong


def _fields(schemas: Schemas, found: Class, promised: set[tuple[str, str]]) -> list[_Field]:
    fields: list[_Field] = []
    for member in found.members:
        inner = structured(member.shape, "value")
        if member.const is not None:
            read = f"data.get({member.wire!r}, {member.const!r})"
        elif not member.optional:
            read = structured(member.shape, f"data[{member.wire!r}]")
        elif inner == "value":
            read = f"get({member.wire!r})" if not member.required else f"data[{member.wire!r}]"
        else:
            got = f"get({member.wire!r})" if not member.required else f"data[{member.wire!r}]"
            read = f"None if (value := {got}) is None else {inner}"
        omitted = member.optional and not member.required
        may_lack = (found.name, member.name) in promised
        written = unstructured(member.shape, "sent" if may_lack else f"model.{member.name}")
        if member.optional and not omitted and not member.shape.plain:
            written = f"None if model.{member.name} is None else {written}"
        required = member.required and member.const is None
        classes = json_classes(member.shape) if member.shape.plain else ()
        wrong = _wrong(member.name, classes, optional=member.optional)
        classes = (*classes, "NoneType") if classes and member.optional else classes
        models = bool(schemas.models(member.shape)) or not found.strict
        lenient = found.open and models and not schemas.strict(member.shape) and not member.shape.plain
        salvage = _salvage(schemas, found, member) if lenient and not omitted else ""
        kept = lenient and (omitted or bool(salvage))
        fields.append(
            _Field(member.name, member.wire, read, written, required, omitted, classes, wrong, kept, salvage, may_lack)
        )
    return fields


def _salvage(schemas: Schemas, found: Class, member: Member) -> str:
    """Return the expression for what is valid of an invalid value of a required member; empty if nothing can be."""
    shape = member.shape
    if name := _partial(schemas, found, member):
        return f"valid_members(structure_{snake(name)}, data.get({member.wire!r}), {_constant(name)})"
    function = {"list": "valid_items", "map": "valid_values"}.get(shape.kind)
    if function is None or shape.inner[0].kind not in ("class", "union") or shape.inner[0].nullable:
        return ""
    return f"{function}(structure_{snake(shape.inner[0].name)}, data[{member.wire!r}])"


def _partial(schemas: Schemas, found: Class, member: Member) -> str:
    """Return the class of a required object that is used even if some of its members are invalid; otherwise empty."""
    if member.shape.kind != "class" or member.optional or not found.open or found.strict:
        return ""
    kind = schemas.classes[member.shape.name]
    return kind.name if kind.open and not kind.mapping and not schemas.strict(member.shape) else ""


def _constant(name: str) -> str:
    return f"LEAST_{snake(name).upper()}"


def _least(schemas: Schemas, found: Class) -> dict[str, Any]:
    """Return a valid object of a class with its required members only."""
    return {
        member.wire: None if member.optional else _least_value(schemas, member)
        for member in found.members
        if member.required or member.const is not None
    }


def _least_value(schemas: Schemas, member: Member) -> Any:
    if member.const is not None:
        return member.const
    if member.shape.kind == "date":
        return "1970-01-01T00:00:00Z"
    if member.shape.kind == "class":
        return _least(schemas, schemas.classes[member.shape.name])
    if member.shape.kind == "union":
        raise ValueError(f"a required object has the required member {member.wire!r}, which is one of several classes")
    classes = json_classes(member.shape)
    kind = {"list": "list", "map": "dict"}.get(member.shape.kind) or (classes[0] if classes else "dict")
    return {"str": "", "int": 0, "float": 0.0, "bool": False, "list": [], "dict": {}}[kind]


def write_codec(schemas: Schemas, package: Path) -> None:
    """Write ``codec/``: a module for each file of the spec with classes, and the table of hooks."""
    homes: list[str] = []
    promised = {(view.root.name, member.name) for view in read_views(schemas).values() for member in view.members}
    partial = {
        name for found in schemas.classes.values() for one in found.members if (name := _partial(schemas, found, one))
    }
    for document in schemas.spec.documents:
        classes = [found for found in schemas.classes.values() if found.document == document]
        unions = [found for found in schemas.unions.values() if found.document == document]
        if not classes and not unions:
            continue
        own = {found.name for found in classes} | {found.name for found in unions}
        used = {name for found in classes for member in found.members for name in schemas.models(member.shape)}
        used |= {case for found in unions for case in found.cases.values()}
        partial_used = {_partial(schemas, found, member) for found in classes for member in found.members} - own - {""}
        write(
            package / "codec" / f"{document}.py",
            render(
                "codec.py.jinja",
                target=schemas.spec.target,
                document=document,
                classes=[(found, snake(found.name), _fields(schemas, found, promised)) for found in classes],
                unions=[(found, snake(found.name), _cases(found)) for found in unions],
                imports=[
                    *_model_imports(schemas, classes, unions),
                    *codec_imports(schemas, used - own, ("structure", "unstructure")),
                    *_constant_imports(schemas, partial_used),
                ],
                least={
                    name: (_constant(name), _least(schemas, schemas.classes[name])) for name in sorted(partial & own)
                },
                known=schemas.classes,
                uses_get=_uses_get,
                rest=_rest,
                told=_told,
            ),
        )
        homes.append(document)
    if homes:
        write(package / "codec" / "__init__.py", render("hooks.py.jinja", homes=homes, target=schemas.spec.target))


def _model_imports(schemas: Schemas, classes: list[Class], unions: list[Union]) -> list[str]:
    """Imports of the classes and unions that the functions of a module structure, by their modules."""
    homes: dict[str, set[str]] = {}
    for found in classes:
        homes.setdefault(schemas.classes[found.python].document, set()).add(found.python)
    for union in unions:
        homes.setdefault(union.document, set()).add(union.name)
    package = schemas.spec.target.package
    return [f"from {package}.models.{home} import {', '.join(sorted(names))}" for home, names in homes.items()]


def _constant_imports(schemas: Schemas, names: set[str]) -> list[str]:
    return [
        f"from {schemas.spec.target.package}.codec.{schemas.classes[name].document} import {_constant(name)}"
        for name in sorted(names)
    ]


def _told(fields: list[_Field]) -> str:
    """Format the classes of members for `coerce.mismatch`, except those whose name has spaces, which separate them."""
    told = [f"{one.wire}:{'|'.join(one.classes)}" for one in fields if not re.search(r"\s", one.wire)]
    lines = textwrap.wrap(" ".join(told), 90, break_long_words=False, break_on_hyphens=False) or [""]
    return " ".join(repr(line) for line in [*(f"{line} " for line in lines[:-1]), lines[-1]])


def _uses_get(fields: list[_Field]) -> bool:
    return any(re.search(r"(?<![\w.])get\(", field.structure) for field in fields)


def _rest(found: Class, fields: list[_Field]) -> str:
    """Return the expression that sets absent optional members at once; empty if it would not be faster.

    It is used for small objects in large numbers, such as the files of a repository.
    """
    rest = [f"model.{field.name}" for field in fields if not field.required]
    if len(rest) < 2 or len(rest) > SMALL or len(rest) == len(fields) or any(one.const for one in found.members):
        return ""
    if any(field.kept for field in fields if field.required):
        return ""
    return " = ".join([*rest, *(["model.extra"] if found.open else []), "None"])


def _cases(union: Union) -> list[tuple[str, str, str]]:
    return [(value, name, snake(name)) for value, name in union.cases.items()]
