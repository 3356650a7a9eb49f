"""Records of operations, as templates need them."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Literal, TypeAlias

import attrs

from codegen.runtime.path import REPO_TYPES
from codegen.spec.conversions import unstructured
from codegen.spec.document import Mapping
from codegen.spec.schemas import Shape
from codegen.spec.views import Narrowing

__all__ = ["Operation", "Parameter", "model_names"]

Body = Literal["none", "json", "form", "multipart", "ndjson", "binary"]
Flags: TypeAlias = AnyMapping[str, str]
"""Declarations of parameters, by name."""

TYPED = ("repo_type", "web_type")
"""Kinds of path parameters whose rule knows itself what is meant when nothing is given."""


@attrs.frozen
class Parameter:
    """A parameter of an operation: in path, query, headers or body.

    Attributes:
        where: ``body`` for a member of a JSON object or form; ``object``, ``list``, ``value``, ``lines`` and
            ``content`` for a whole body.
        kind: Validation rule of a path parameter.
        repo_types: Types of repositories that it may name, if it is one of ``TYPED``.
        default: Default of a path parameter.
        flag: Text that is sent if it is true.
        const: Text that is always sent; it is then not a Python parameter.
        joined: Whether a list is sent as one text, with commas.
        style: How a value becomes one text: ``json``, or what stands between the items of a list.
        file: Whether it is sent as a file.
        nullable: Whether it is a required member that may be ``None``, which is sent as null.
    """

    name: str
    wire: str
    where: Literal["path", "query", "header", "cookie", "body", "object", "list", "value", "lines", "content"]
    shape: Shape
    required: bool
    positional: bool
    description: str
    kind: str = ""
    repo_types: tuple[str, ...] = ()
    default: str | None = None
    flag: str | None = None
    const: str | None = None
    omit: bool = False
    joined: bool = False
    style: str = ""
    file: bool = False
    nullable: bool = False

    @property
    def optional(self) -> bool:
        """Whether the caller may omit it."""
        return not self.required or self.default is not None or self.omit

    @property
    def taken(self) -> str:
        """Annotation in the signature."""
        if self.where == "lines":
            return f"Callable[[], Iterable[{self.shape.annotation('models.')}]] | wire.Source"
        if self.where == "content":
            return "Body"
        if self.file:
            return "Sequence[wire.Upload]" if self.shape.kind == "list" else "wire.Upload"
        return self.shape.annotation("models.", "Sequence")

    @property
    def declared(self) -> str:
        """Declaration in the signature of a function."""
        if self.flag is not None:
            return f"{self.name}: bool = False"
        if self.optional:
            return f"{self.name}: {self.taken} | None = None"
        return f"{self.name}: {self.taken} | None" if self.nullable else f"{self.name}: {self.taken}"

    @property
    def value(self) -> str:
        """Expression of the value that is sent."""
        if self.const is not None:
            return repr(self.const)
        if self.flag is not None:
            return f"{self.flag!r} if {self.name} else None"
        if self.joined:
            return f"None if {self.name} is None else ','.join({self.name})"
        if self.default is not None:
            return f"{self.default!r} if {self.name} is None else {self.name}"
        written = self.name if self.file else unstructured(self.shape, self.name)
        if self.style:
            text = f"wire.json_text({written})" if self.style == "json" else f"wire.joined({written}, {self.style!r})"
            return f"None if {self.name} is None else {text}" if self.optional else text
        given = written == self.name or not (self.optional or self.nullable)
        return written if given else f"None if {self.name} is None else {written}"


@attrs.frozen(kw_only=True)
class Paging:
    """Pagination of a list.

    Attributes:
        item: Shape of an item.
        parameter: Query parameter with the number or cursor of the page.
        items: Member of the response that contains the list; empty if the response is the list.
        total: Member with the total number of items.
        next: Member with the cursor of the next page.
    """

    by: Literal["link", "page", "cursor"]
    item: Shape
    parameter: str = ""
    items: str = ""
    total: str = ""
    next: str = ""

    @property
    def follow(self) -> str:
        """Expression that returns the next page; empty for ``Link`` headers."""
        if self.by == "page":
            total = f", {self.total!r}" if self.total else ""
            return f"wire.by_page({self.parameter!r}{total})"
        if self.by == "cursor":
            return f"wire.by_cursor({self.parameter!r}, {self.next!r})"
        return ""


@attrs.frozen
class Case:
    """A successful response that differs from the usual one of an operation.

    Attributes:
        shape: Of its JSON; ``None`` if it has no content.
    """

    status: int
    shape: Shape | None


@attrs.frozen
class Operation:
    """An operation of the Hub.

    Attributes:
        parameters: In the order of the signature; constants last.
        body: Format of the body.
        media_type: Media type of the body.
        accept: Media type of the response.
        answer: Kind of the response; ``model`` is JSON with a shape.
        status: Status of a successful response.
        cases: Successful responses of other statuses, if they differ.
        deep: Whether the members of objects and lists within a form are sent by names with brackets.
        repeated: What an error status means after an attempt without a clear response.
        narrowings: The views that it returns, depending on its arguments.
    """

    area: str
    name: str
    method: str
    template: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: Body
    media_type: str
    accept: str
    answer: Literal["model", "text", "whole", "nothing", "events"]
    shape: Shape
    status: int
    paging: Paging | None
    server: str
    deprecated: bool
    replays: bool
    retry: bool
    repeated: dict[int, str]
    redirect: str
    authenticated: bool
    exposed: bool
    raises: tuple[str, ...]
    narrowings: tuple[Narrowing, ...]
    node: Mapping
    cases: tuple[Case, ...] = ()
    deep: bool = False

    @property
    def given(self) -> list[Parameter]:
        """Parameters of the Python function."""
        return [parameter for parameter in self.parameters if parameter.const is None]

    def of(self, where: str) -> list[Parameter]:
        """Parameters in one place."""
        return [parameter for parameter in self.parameters if parameter.where == where]

    def signature(self, flags: Flags | None = None) -> str:
        """Declared parameters of the Python function.

        Args:
            flags: Declarations of the parameters that decide on the result, in place of their own.
        """
        declared = {parameter.name: parameter.declared for parameter in self.given} | dict(flags or {})
        positional = [declared[parameter.name] for parameter in self.given if parameter.positional]
        keyword = [declared[parameter.name] for parameter in self.given if not parameter.positional]
        return ", ".join([*positional, *(["*", *keyword] if keyword else [])])

    @property
    def item(self) -> Shape:
        """Shape of one item of a paginated response."""
        return self.paging.item if self.paging else self.shape

    @property
    def result(self) -> str:
        """Python type of the response."""
        if self.answer == "model":
            others = [case.shape.annotation("models.") if case.shape else "None" for case in self.cases]
            return " | ".join(dict.fromkeys([self.shape.annotation("models."), *others]))
        return {"text": "str", "whole": "Response", "nothing": "None", "events": "Any"}[self.answer]

    @property
    def wrapper(self) -> str:
        """Class of the operation as a value."""
        return "Stream" if self.answer == "events" else "Paged" if self.paging else "Call"

    @property
    def returned(self) -> str:
        """Python type of the response, of an item of it, or of an event."""
        if self.answer == "events":
            return self.shape.annotation("models.")
        return self.item.annotation("models.") if self.paging else self.result

    @property
    def path(self) -> str:
        """Path as the body of an f-string."""
        text = self.template
        for parameter in self.of("path"):
            value = parameter.name if parameter.kind in TYPED else parameter.value
            if parameter.kind in TYPED and parameter.repo_types != REPO_TYPES:
                value += f", {parameter.repo_types}"
            given = f"in_path.{parameter.kind}({value})"
            place = f"{{{parameter.wire}}}"
            if parameter.omit:
                text = text.replace(f"/{place}", f"{{'' if {parameter.name} is None else '/' + {given}}}")
            elif parameter.kind == "web_type":
                text = text.replace(f"{place}/", f"{{{given}}}")
            elif parameter.kind == "url":
                text = text.replace(f"/{place}", f"{{{given}}}")
            else:
                text = text.replace(place, f"{{{given}}}")
        return text

    @property
    def templates(self) -> list[str]:
        """The path for each type of repository that the operation takes."""
        templates = [self.template]
        for parameter in self.of("path"):
            place = f"{{{parameter.wire}}}"
            if parameter.kind == "repo_type":
                templates = [text.replace(place, kind) for text in templates for kind in parameter.repo_types]
            elif parameter.kind == "web_type":
                prefixes = ["" if kind == "model" else f"{kind}s/" for kind in parameter.repo_types]
                templates = [text.replace(f"{place}/", prefix) for text in templates for prefix in prefixes]
        return templates

    @property
    def models(self) -> set[str]:
        """Names of all models in the operation."""
        shapes = [
            self.shape,
            *(case.shape for case in self.cases if case.shape),
            *(parameter.shape for parameter in self.parameters),
        ]
        return set[str]().union(*(model_names(shape) for shape in shapes))


def model_names(shape: Shape) -> set[str]:
    """Return the names of the models in a shape."""
    return ({shape.name} if shape.name else set[str]()).union(*(model_names(inner) for inner in shape.inner))
