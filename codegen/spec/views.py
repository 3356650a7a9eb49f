"""Views: classes whose instances always have certain members, and the arguments for which operations return them."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import TypeAlias

import attrs

from codegen.spec.document import COMMON, Mapping, items_of
from codegen.spec.schemas import Class, Member, Schemas, Shape

__all__ = ["Condition", "Narrowing", "View", "check_views", "read_narrowings", "read_views"]

Condition: TypeAlias = bool | str
"""What an argument must be: true, absent or false, or a list with this text."""


@attrs.frozen
class View:
    """A class whose instances always have certain members.

    Attributes:
        document: The file of the spec.
        of: The class, or the view that it extends.
        root: The class.
        members: The members that are never ``None``.
        items: The view of the items of a list, by attribute; those lists are among the members.
    """

    name: str
    document: str
    description: str
    of: str
    root: Class
    members: tuple[Member, ...]
    items: dict[str, str]


@attrs.frozen
class Narrowing:
    """A view that an operation returns if its arguments are as stated.

    Attributes:
        arguments: Condition of each parameter that decides on the view, by Python name.
    """

    view: str
    arguments: AnyMapping[str, Condition]


def read_views(schemas: Schemas) -> dict[str, View]:
    """Read all views of the spec, each after those that it names.

    Raises:
        SpecError: A view names a class or member that does not exist.
    """
    found: dict[str, View] = {}
    nodes = {
        name: (document, node)
        for document in schemas.spec.documents
        for name, node in schemas.spec.schemas(document).items()
        if name in schemas.views
    }
    for name in nodes:
        _read(schemas, nodes, name, found, ())
    return found


def _read(
    schemas: Schemas,
    nodes: dict[str, tuple[str, Mapping]],
    name: str,
    found: dict[str, View],
    within: tuple[str, ...],
) -> View:
    if name in found:
        return found[name]
    document, node = nodes[name]
    words: Mapping = node["x-hub"]
    of = str(words["view"])
    if of in within or of == name:
        raise words.error(f"x-hub view: {name!r} extends itself", "view")
    if of in nodes:
        base = _read(schemas, nodes, of, found, (*within, name))
        root, home = base.root, base.document
    elif of in schemas.classes:
        root = schemas.classes[of]
        home = root.document
    else:
        raise words.error(f"x-hub view: there is no class and no view {of!r}", "view")
    if home not in (document, COMMON):
        raise words.error(f"x-hub view: {of!r} is neither in this file nor in {COMMON}.yaml", "view")
    by_wire = {member.wire: member for member in root.members}
    items: dict[str, str] = dict(words.get("items", {}))
    for wire in [*items_of(node.get("required")), *items]:
        if wire not in by_wire or not by_wire[wire].optional:
            raise node.error(
                f"the view {name!r} names {wire!r}, which is no optional member of {root.name!r}", "required"
            )
    for wire, view in items.items():
        shape = by_wire[wire].shape
        if view not in nodes or shape.kind != "list" or _root(nodes, view) != shape.inner[0].name:
            raise words.error(f"x-hub items: {view!r} is no view of the items of {wire!r}", "items")
        _read(schemas, nodes, view, found, (*within, name))
    names = dict.fromkeys([*items_of(node.get("required")), *items])
    found[name] = View(
        name=name,
        document=document,
        description=str(node.get("description", "")).strip(),
        of=of,
        root=root,
        members=tuple(by_wire[wire] for wire in names),
        items={by_wire[wire].name: view for wire, view in items.items()},
    )
    return found[name]


def _root(nodes: dict[str, tuple[str, Mapping]], name: str) -> str:
    """Return the class of a view."""
    while name in nodes:
        name = str(nodes[name][1]["x-hub"]["view"])
    return name


def read_narrowings(words: Mapping, names: AnyMapping[str, str]) -> tuple[Narrowing, ...]:
    """Read the views that an operation returns.

    Args:
        words: The ``x-hub`` of the operation.
        names: Python names of its query parameters, by wire name.

    Raises:
        SpecError: A condition is invalid.
    """
    views: Mapping = words.get("views", Mapping())
    found: list[Narrowing] = []
    for view, conditions in views.items():
        if not isinstance(conditions, Mapping) or not conditions:
            raise views.error(f"x-hub views: {view!r} needs the arguments with which it is returned", view)
        arguments: dict[str, Condition] = {}
        for wire, value in conditions.items():
            if wire not in names:
                raise conditions.error(f"x-hub views: there is no query parameter {wire!r}", wire)
            if not isinstance(value, bool | str):
                raise conditions.error(f"x-hub views: {wire!r} is true, false, or a text of its list", wire)
            arguments[names[wire]] = value
        if found and list(arguments) != list(found[0].arguments):
            raise conditions.error("x-hub views: all views of an operation depend on the same parameters, in one order")
        if not any(arguments.values()) and any(not any(one.arguments.values()) for one in found):
            raise conditions.error("x-hub views: only one view is returned without arguments")
        found.append(Narrowing(view, arguments))
    return tuple(sorted(found, key=lambda one: any(one.arguments.values())))


def check_views(views: AnyMapping[str, View], shape: Shape, words: Mapping) -> None:
    """Check that the views of an operation are views of the class that it returns.

    Args:
        shape: The response, or an item of it if it is paginated.
        words: The ``x-hub`` of the operation.

    Raises:
        SpecError: One of them is not.
    """
    named: Mapping = words.get("views", Mapping())
    for name in named:
        if name not in views or shape.kind != "class" or views[name].root.name != shape.name:
            raise named.error(f"x-hub views: {name!r} is no view of {shape.name or shape.kind!r}", name)
