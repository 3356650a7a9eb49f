"""Python expressions that structure and unstructure a value of a shape."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

import attrs

from codegen.spec.names import snake
from codegen.spec.schemas import Schemas, Shape

__all__ = ["codec_imports", "json_classes", "structured", "unstructured"]


def structured(shape: Shape, value: str, depth: int = 0) -> str:
    """Return the expression that converts a JSON value to a Python value."""
    if shape.plain:
        return value
    if shape.nullable:
        return f"(None if {value} is None else {structured(attrs.evolve(shape, nullable=False), value, depth)})"
    item = f"item{depth or ''}"
    if shape.kind == "date":
        return f"date({value})"
    if shape.kind in ("class", "union"):
        return f"structure_{snake(shape.name)}({value})"
    if shape.kind == "list":
        return f"[{structured(shape.inner[0], item, depth + 1)} for {item} in {value}]"
    if shape.kind == "map":
        return f"{{key: {structured(shape.inner[0], item, depth + 1)} for key, {item} in {value}.items()}}"
    return _chosen(shape.inner, value, depth, structured, _on_the_wire, value)


def unstructured(shape: Shape, value: str, depth: int = 0) -> str:
    """Return the expression that converts a Python value to a JSON value."""
    if shape.plain:
        return value
    if shape.nullable:
        return f"(None if {value} is None else {unstructured(attrs.evolve(shape, nullable=False), value, depth)})"
    item = f"item{depth or ''}"
    if shape.kind == "date":
        return f"date_text({value})"
    if shape.kind in ("class", "union"):
        return f"unstructure_{snake(shape.name)}({value})"
    if shape.kind == "list":
        return f"[{unstructured(shape.inner[0], item, depth + 1)} for {item} in {value}]"
    if shape.kind == "map":
        return f"{{key: {unstructured(shape.inner[0], item, depth + 1)} for key, {item} in {value}.items()}}"
    choices: Sequence[Shape] = shape.inner
    rest = value
    if not any(choice.plain for choice in choices):  # its type is one of these, so the last one needs no test
        choices = sorted(choices, key=lambda choice: choice.kind != "union")  # which may be kept as JSON, too
        choices, rest = choices[1:], unstructured(choices[0], value, depth)
    return _chosen(choices, value, depth, unstructured, _in_python, rest)


def _chosen(
    choices: Iterable[Shape],
    value: str,
    depth: int,
    written: Callable[[Shape, str, int], str],
    test: Callable[[Shape, str], str],
    rest: str,
) -> str:
    """Choose a branch of ``either`` by the type of the value; ``rest`` is the expression for other types."""
    text = rest
    for choice in choices:
        if not choice.plain:
            text = f"{written(choice, value, depth)} if {test(choice, value)} else {text}"
    return f"({text})"


def _on_the_wire(choice: Shape, value: str) -> str:
    """Return the expression that tests whether a JSON value belongs to a branch."""
    return f"is_list({value})" if choice.kind == "list" else f"is_object({value})"


def _in_python(choice: Shape, value: str) -> str:
    """Return the expression that tests whether a Python value belongs to a branch."""
    if choice.kind in ("class", "union"):
        return f"isinstance({value}, {' | '.join(f'models.{one.name}' for one in choice.inner or (choice,))})"
    return f"isinstance({value}, {'list' if choice.kind == 'list' else 'dict'})"


def json_classes(shape: Shape) -> tuple[str, ...]:
    """Return the Python classes of valid JSON values; empty if any is valid.

    Only the types of JSON values are checked, so that no list is returned where a caller or a flow expects a text.
    Values of enums, and items of lists and maps, are not checked.
    """
    if shape.kind == "scalar" and shape.text.startswith("Literal["):
        values = ast.literal_eval(f"({shape.text[len('Literal[') : -1]},)")
        return tuple(sorted({type(value).__name__ for value in values}))
    if shape.kind == "scalar":
        return {"str": ("str",), "int": ("int",), "float": ("float", "int"), "bool": ("bool",)}.get(shape.text, ())
    if shape.kind == "either":
        known = [json_classes(choice) for choice in shape.inner]
        return tuple(sorted({one for choice in known for one in choice})) if all(known) else ()
    return {"list": ("list",), "map": ("dict",)}.get(shape.kind, ())


def codec_imports(schemas: Schemas, names: set[str], prefixes: tuple[str, ...]) -> list[str]:
    """Return the imports of codec functions of some models."""
    lines: list[str] = []
    for name in sorted(names):
        home = schemas.classes.get(name) or schemas.unions.get(name)
        if home is not None:
            functions = ", ".join(f"{prefix}_{snake(name)}" for prefix in prefixes)
            lines.append(f"from {schemas.spec.target.package}.codec.{home.document} import {functions}")
    return lines
