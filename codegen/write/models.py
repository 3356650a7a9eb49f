"""Write the models: a module for each file of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from codegen.runtime import behaviour as behaviours
from codegen.spec.document import Mapping, items_of
from codegen.spec.names import is_name
from codegen.spec.schemas import Class, Member, Schemas, Shape
from codegen.write.render import render, write

__all__ = ["write_models"]

_NAMED = re.compile(r"\bmodels\.(\w+)")
_FREE = "dict[str, Any]"


@attrs.frozen
class _Attribute:
    """A member as the template writes it.

    Attributes:
        field: Arguments of ``attrs.field``; empty if there are none.
        default: The default alone, in place of ``attrs.field``.
        alias: JSON name that is also an attribute.
    """

    name: str
    annotation: str
    field: str
    default: str
    description: str
    alias: str


@attrs.frozen
class _Model:
    """A class, or an alias of a type, in the order of a module."""

    name: str
    description: str
    alias: str = ""
    found: Class | None = None
    mixins: tuple[str, ...] = ()
    positional: bool = False
    attributes: tuple[_Attribute, ...] = ()


def write_models(schemas: Schemas, package: Path) -> None:
    """Write ``models/``: a module for each file of the spec, and a flat, lazy package."""
    homes = {name: document for document in schemas.spec.documents for name in schemas.spec.schemas(document)}
    order = _order(schemas, homes)
    for document in schemas.spec.documents:
        models = [_model(schemas, homes, name) for name in order if homes[name] == document]
        if models:
            used = {homes[one] for model in models for one in _used(schemas, homes, model.name)}
            text = render("models.py.jinja", models=models, others=sorted(used - {document}))
            write(package / "models" / f"{document}.py", text)
    where = {name: f"hub_typed_api.models.{home}" for name, home in homes.items() if name not in schemas.absent}
    text = render("lazy.py.jinja", title="All models of the Hub by name.", where=where)
    write(package / "models" / "__init__.py", text)


def _order(schemas: Schemas, homes: dict[str, str]) -> list[str]:
    """Order the models so that each stands after those that it uses, as far as they do not use each other."""
    left = [name for name in sorted(homes, key=homes.__getitem__) if name not in schemas.absent]
    found: dict[str, None] = {}
    while left:
        later: list[str] = []
        for name in left:
            used = _used(schemas, homes, name) - {name}
            if used <= found.keys():
                found[name] = None
            else:
                later.append(name)
        if later == left:
            found |= dict.fromkeys(later)
            break
        left = later
    return list(found)


def _used(schemas: Schemas, homes: dict[str, str], name: str) -> set[str]:
    """Return the names that the model uses."""
    if name in schemas.classes:
        used = {one for member in schemas.classes[name].members for one in schemas.models(member.shape)}
    elif name in schemas.unions:
        used = set(schemas.unions[name].cases.values())
    else:
        used = schemas.models(attrs.evolve(schemas.shape(schemas.spec.schemas(homes[name])[name]), name=""))
    return {schemas.python(one) for one in used}


def _model(schemas: Schemas, homes: dict[str, str], name: str) -> _Model:
    node = schemas.spec.schemas(homes[name])[name]
    description = str(node.get("description", "")).strip()
    home = homes[name]
    if name in schemas.unions:
        union = schemas.unions[name]
        shapes = [Shape("class", schemas.python(case), case) for case in dict.fromkeys(union.cases.values())]
        kinds = [_annotation(homes, home, shape) for shape in shapes] + ([_FREE] if union.open else [])
        return _Model(name, description, alias=" | ".join(kinds))
    if name not in schemas.classes:
        return _Model(name, description, alias=_annotation(homes, home, attrs.evolve(schemas.shape(node), name="")))
    found = schemas.classes[name]
    words = node.get("x-hub", {})
    positional: list[str] = items_of(words.get("positional"))
    mixins: tuple[str, ...] = tuple(words.get("behaviour", ()))
    taken = {member.name for member in found.members} | {
        one for mixin in mixins for one in dir(getattr(behaviours, mixin))
    }
    attributes = [_attribute(homes, home, member, positional, taken) for member in _ordered(found.members, positional)]
    return _Model(name, description, "", found, mixins, bool(positional), tuple(attributes))


def _attribute(homes: dict[str, str], home: str, member: Member, positional: list[str], taken: set[str]) -> _Attribute:
    annotation = _annotation(homes, home, member.shape)
    if member.optional and annotation != "None":
        annotation += " | None"
    default = "" if member.required and member.const is None else repr(member.const)
    words: Mapping | dict[str, Any] = member.node.get("x-hub", {})
    more = [f'metadata={{"wire": "{member.wire}"}}'] if member.wire != member.name else []
    more += ["repr=False"] if words.get("secret") else []
    more += ["kw_only=True"] if positional and member.name not in positional else []
    more += [f'alias="{words["argument"]}"'] if "argument" in words else []
    field = ", ".join([*([f"default={default}"] if default else []), *more]) if more else ""
    has_alias = member.wire not in taken and is_name(member.wire) and not member.wire.startswith("_")
    return _Attribute(member.name, annotation, field, default, member.description, member.wire if has_alias else "")


def _ordered(members: tuple[Member, ...], positional: list[str]) -> Iterator[Member]:
    """Order the members as the parameters of the constructor: positional ones first, optional ones last."""
    yield from (member for name in positional for member in members if member.name == name)
    others = [member for member in members if member.name not in positional]
    yield from sorted(others, key=lambda member: not (member.required or member.const is not None))


def _annotation(homes: dict[str, str], home: str, shape: Shape) -> str:
    """Return the annotation of a shape in a module of models."""

    def local(match: re.Match[str]) -> str:
        return match[1] if homes[match[1]] == home else f"{homes[match[1]]}.{match[1]}"

    return _NAMED.sub(local, shape.annotation("models."))
