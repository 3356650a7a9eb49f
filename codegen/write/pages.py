"""Write ``docs/endpoints/``: a page for each file of the spec."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import attrs

from codegen.runtime import behaviour
from codegen.spec.document import COMMON
from codegen.spec.operations import Operation, Parameter
from codegen.spec.read_operations import IDEMPOTENT
from codegen.spec.schemas import Schemas, Shape
from codegen.spec.views import read_views
from codegen.write.render import render, write

__all__ = ["INDEX", "write_pages"]

INDEX = "README.md"
BODIES = {"object": "body", "list": "body", "content": "body", "lines": "body, line by line"}


def write_pages(schemas: Schemas, operations: dict[str, list[Operation]], folder: Path) -> None:
    """Write the index and the pages."""
    titles = {name: str(document["info"]["title"]) for name, document in schemas.spec.documents.items()}
    write(folder / INDEX, render("pages.md.jinja", titles=titles, operations=operations, common=COMMON))
    homes = {name: document for document in titles for name in schemas.spec.schemas(document)}
    for document, title in titles.items():
        text = render(
            "page.md.jinja",
            title=title,
            index=INDEX,
            page=_Page(schemas, document, homes),
            operations=operations.get(document, []),
            models=[name for name in schemas.spec.schemas(document) if name not in schemas.bodies],
            cell=_cell,
        )
        write(folder / f"{document}.md", text)


@attrs.frozen
class _Row:
    """A table row of a parameter or member; `kind` is Markdown."""

    name: str
    wire: str
    kind: str
    meaning: str


@attrs.frozen
class _Page:
    """Data of a page for its template.

    Attributes:
        document: The file of the spec.
        homes: The file of each schema in the spec.
    """

    schemas: Schemas
    document: str
    homes: dict[str, str]

    def kind(self, shape: Shape) -> str:
        """Format a Python type as Markdown, with links to its models."""
        text = f"`{_opened(shape).annotation()}`"
        if names := "|".join(sorted(self.schemas.python(name) for name in self.schemas.models(shape))):
            text = re.sub(rf"\b({names})\b", lambda name: f"`{self.link(name[1])}`", text)
        return text.replace("``", "")

    def heading(self, name: str) -> str:
        """Heading of a model."""
        if self.schemas.python(name) != name:
            return f"schema {name}"
        kind = "view" if name in self.schemas.views else "class" if name in self.schemas.classes else "type"
        return f"{kind} {name}"

    def link(self, name: str) -> str:
        """Link to a model."""
        page = "" if self.homes[name] == self.document else f"{self.homes[name]}.md"
        return f"[`{name}`]({page}#{self.heading(name).lower().replace(' ', '-')})"

    def gives(self, operation: Operation) -> str:
        """Result of an operation."""
        if operation.answer == "events":
            return f"events, each {self.kind(operation.shape)}"
        if operation.paging:
            return f"items, page by page, each {self.kind(operation.item)}"
        return self.kind(operation.shape) if operation.answer == "model" else f"`{operation.result}`"

    def notes(self, operation: Operation) -> list[str]:
        """Notes besides the description."""
        paging, usual = operation.paging, operation.method.lower() in IDEMPOTENT
        notes: list[tuple[object, str]] = [
            (operation.exposed, "Also a method of the clients, and a function of `hub_typed`."),
            (operation.server, f"Lives on <{operation.server}>."),
            (not operation.authenticated, "The token never goes with it."),
            (paging and paging.by == "link", "The header `Link` names the next page."),
            (paging and paging.by != "link", f"`{paging.parameter if paging else ''}` says which page."),
            (operation.replays, "A stream that broke begins anew; what was seen is skipped."),
            (operation.retry and not usual, "Sent again after a failure."),
            (usual and not operation.retry, "Not sent again after a failure."),
            *((True, _repeated_note(status, meaning)) for status, meaning in operation.repeated.items()),
            (operation.redirect == "relative", "A redirect to another host is not followed: it is the answer."),
            (operation.raises, f"Raises {', '.join(f'`{name}`' for name in operation.raises)}."),
        ]
        return [text for holds, text in notes if holds]

    def parameters(self, operation: Operation) -> list[_Row]:
        """Parameters of an operation."""
        return [self._parameter(parameter) for parameter in operation.given]

    def _parameter(self, given: Parameter) -> _Row:
        place = BODIES.get(given.where, given.where)
        kind = "`bytes | Source`" if given.where == "content" else self.kind(given.shape)
        return _Row(
            given.name,
            place if given.wire in ("", given.name) else f"{place}, as `{given.wire}`",
            f"{kind}, optional" if given.optional else kind,
            _meaning(given.description, given.shape),
        )

    def answers(self, operation: Operation) -> list[tuple[str, str]]:
        """Meaning of each status."""
        spec, responses = self.schemas.spec, operation.node["responses"]
        return [(status, str(spec.resolved(answer).get("description", ""))) for status, answer in responses.items()]

    def description(self, name: str) -> str:
        """Description of a model."""
        return str(self.schemas.spec.schemas(self.document)[name].get("description", "")).strip()

    def members(self, name: str) -> list[_Row]:
        """Members of a model; empty if it has none."""
        found = self.schemas.classes.get(name)
        return [
            _Row(
                member.name,
                f"`{member.wire}`",
                f"{self.kind(member.shape)}, optional" if member.optional else self.kind(member.shape),
                _meaning(member.description, member.shape),
            )
            for member in (found.members if found else ())
        ]

    def facts(self, name: str) -> Iterator[str]:
        """Facts about a model besides its members."""
        node = self.schemas.spec.schemas(self.document)[name]
        if (python := self.schemas.python(name)) != name:
            yield f"Its objects are instances of {self.link(python)}."
        if computed := [word for mixin in node.get("x-hub", {}).get("behaviour", []) for word in _computed(mixin)]:
            yield f"Computed: {', '.join(computed)}."
        if view := read_views(self.schemas).get(name):
            members = ", ".join(f"`{member.name}`" for member in view.members)
            yield f"At run time, its objects are instances of {self.link(view.root.name)}. Never `None`: {members}."
            for member, item in view.items.items():
                yield f"The items of `{member}` are of {self.link(item)}."
        elif union := self.schemas.unions.get(name):
            cases = (f"`{value}` {self.link(case)}" for value, case in union.cases.items())
            yield f"Told apart by `{union.tag}`: {', '.join(cases)}."
        elif name not in self.schemas.classes:
            shape = self.schemas.shape(node)
            yield _meaning(f"Type: {self.kind(shape)}.", shape)


def _repeated_note(status: int, meaning: str) -> str:
    means = "it was carried out" if meaning == "done" else "it may have been carried out"
    return f"After an attempt without a clear response, {status} means: {means}."


def _computed(mixin: str) -> list[str]:
    """Attributes that a mixin adds, as Markdown."""
    found: type = getattr(behaviour, mixin)
    return [f"`{name}`" for name, value in vars(found).items() if isinstance(value, property)]


def _opened(shape: Shape) -> Shape:
    """Replace open enums by text, as type checkers see them."""
    if shape.name:
        return shape
    inner = tuple(_opened(choice) for choice in shape.inner if choice not in _named(shape))
    return attrs.evolve(shape, inner=inner)


def _named(shape: Shape) -> list[Shape]:
    """Single values of an open enum."""
    values = [choice for choice in shape.inner if choice.text.startswith("Literal['")]
    return values if any(choice.text == "str" for choice in shape.inner) else []


def _known(shape: Shape) -> Iterator[str]:
    """Values of open enums in a shape."""
    for choice in _named(shape):
        yield from literal_eval(f"({choice.text.removeprefix('Literal[').removesuffix(']')},)")
    for inner in shape.inner:
        if not inner.name:
            yield from _known(inner)


def _meaning(description: str, shape: Shape) -> str:
    """Description with the known values."""
    known = ", ".join(f"`{value}`" for value in _known(shape)) if not shape.name else ""
    return f"{description} Known: {known}.".strip() if known else description


def _cell(text: str) -> str:
    """Format a text for a table cell."""
    return " ".join(text.split()).replace("|", "\\|")
