"""The public names with their signatures, as text: ``make api`` writes them to public_api.txt."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["FILE", "lines"]

FILE = Path(__file__).with_suffix(".txt")
MODULES = ("hub_typed", "hub_typed.local", "hub_typed.local.faults", "hub_typed.local.testing", "hub_typed.service")
OURS = ("hub_typed", "hub_typed_api")


def lines() -> list[str]:
    """What a program may rely on, a line for each name, member and signature."""
    return [line for name in MODULES for line in _module(import_module(name))]


def _module(module: ModuleType) -> Iterator[str]:
    yield f"# {module.__name__}"
    for name in sorted(module.__all__):
        value = getattr(module, name)
        if inspect.isclass(value):
            yield from _class(name, value)
        elif callable(value) and hasattr(value, "__name__"):
            yield f"{name}{_signature(value)}"
        else:
            yield f"{name}: {type(value).__name__}"


def _class(name: str, value: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    yield f"class {name}({bases})"
    if "__init__" in vars(value) or "__new__" in vars(value):
        yield f"  {name}{_signature(value)}"
    members = {
        member: found
        for one in reversed(value.__mro__)
        if one.__module__.partition(".")[0] in OURS
        for member, found in (*inspect.get_annotations(one).items(), *vars(one).items())
        if not member.startswith("_")
    }
    for member, found in sorted(members.items()):
        yield f"  {member}{_member(value, member, found)}"


def _member(owner: type, name: str, found: object) -> str:
    if isinstance(found, property):
        return f": {_annotation(inspect.signature(found.fget).return_annotation) if found.fget else ''} (property)"
    if isinstance(found, classmethod | staticmethod) or inspect.isfunction(found):
        kind = "" if inspect.isfunction(found) else f" ({type(found).__name__})"
        return f"{_signature(inspect.getattr_static(owner, name))}{kind}"
    for one in owner.__mro__:
        annotation = inspect.get_annotations(one).get(name)
        if annotation is not None:
            return f": {_annotation(annotation)}"
    return ""


def _signature(value: Any) -> str:
    """The signature, with annotations as they are written; ``(...)`` if it is not known."""
    try:
        signature = inspect.signature(getattr(value, "__func__", value))
    except (TypeError, ValueError):
        return "(...)"
    parts: list[str] = []
    kinds = [one.kind for one in signature.parameters.values()]
    for number, one in enumerate(signature.parameters.values()):
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        if one.kind is one.KEYWORD_ONLY and one.VAR_POSITIONAL not in kinds and one.kind not in kinds[:number]:
            parts.append("*")
        typed = "" if one.annotation is one.empty else f": {_annotation(one.annotation)}"
        default = "" if one.default is one.empty else f" = {_default(one.default)}"
        parts.append(f"{stars}{one.name}{typed}{default}")
        if one.kind is one.POSITIONAL_ONLY and kinds[number + 1 : number + 2] != [one.kind]:
            parts.append("/")
    returned = signature.return_annotation
    result = "" if returned is signature.empty else f" -> {_annotation(returned)}"
    return f"({', '.join(parts)}){result}"


def _annotation(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _default(value: object) -> str:
    text = repr(value)
    return "..." if " at 0x" in text else text


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
