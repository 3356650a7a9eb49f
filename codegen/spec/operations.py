"""From the spec's operations to records, and from these to ``operations/``: a module an area."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import attrs

from codegen.spec.document import Mapping, Spec
from codegen.spec.names import is_name, snake
from codegen.spec.schemas import Member, Schemas, Shape
from codegen.write.codec import codec_imports, structured, unstructured
from codegen.write.docstrings import documented
from codegen.write.render import render, write

__all__ = ["Operation", "Parameter", "read_operations", "write_operations"]

IDEMPOTENT = ("get", "head", "put", "delete")
TYPED = ("repo_type", "web_type")
"""Kinds of path parameters whose rule knows itself what is meant when nothing is given."""
_PLACE = re.compile(r"\{(\w+)\}")


@attrs.frozen
class Parameter:
    """A parameter of an operation, wherever it goes.

    Attributes:
        where: ``body`` for a member of a JSON object or form, ``object``, ``lines`` and ``content`` for a whole body.
        kind: Of a path parameter: the rule it obeys.
        default: Of a path parameter: what is sent when it is not given.
        flag: What is sent when it is true.
        const: What is always sent; then it is no Python parameter.
        joined: A list that is sent as one text, with commas.
        nullable: A member that must be given, and may be given as ``None``, which is sent as null.
    """

    name: str
    wire: str
    where: Literal["path", "query", "header", "body", "object", "lines", "content"]
    shape: Shape
    required: bool
    positional: bool
    description: str
    kind: str = ""
    default: str | None = None
    flag: str | None = None
    const: str | None = None
    omit: bool = False
    joined: bool = False
    nullable: bool = False

    @property
    def optional(self) -> bool:
        """Whether the caller may leave it out."""
        return not self.required or self.default is not None or self.omit

    @property
    def taken(self) -> str:
        """The type of what a function takes."""
        if self.where == "lines":
            return f"Callable[[], Iterable[{self.shape.annotation('models.')}]]"
        if self.where == "content":
            return "Body"
        return self.shape.annotation("models.", "Sequence")

    @property
    def declared(self) -> str:
        """As it stands in the signature of a function."""
        if self.flag is not None:
            return f"{self.name}: bool = False"
        if self.optional:
            return f"{self.name}: {self.taken} | None = None"
        return f"{self.name}: {self.taken} | None" if self.nullable else f"{self.name}: {self.taken}"

    @property
    def value(self) -> str:
        """The expression of what is sent."""
        if self.const is not None:
            return repr(self.const)
        if self.flag is not None:
            return f"{self.flag!r} if {self.name} else None"
        if self.joined:
            return f"None if {self.name} is None else ','.join({self.name})"
        if self.default is not None:
            return f"{self.default!r} if {self.name} is None else {self.name}"
        written = unstructured(self.shape, self.name)
        given = written == self.name or not (self.optional or self.nullable)
        return written if given else f"None if {self.name} is None else {written}"


@attrs.frozen(kw_only=True)
class Paging:
    """How the pages of a list follow each other.

    Attributes:
        item: What stands on a page.
        parameter: Query parameter that counts or names the page.
        items: Member of the answer that is the list; empty where the answer itself is.
        total: Member that says how many items there are.
        next: Member that names the next page.
    """

    by: Literal["link", "page", "cursor"]
    item: Shape
    parameter: str = ""
    items: str = ""
    total: str = ""
    next: str = ""

    @property
    def follow(self) -> str:
        """The expression that finds the next page; nothing for a link."""
        if self.by == "page":
            total = f", {self.total!r}" if self.total else ""
            return f"wire.by_page({self.parameter!r}{total})"
        if self.by == "cursor":
            return f"wire.by_cursor({self.parameter!r}, {self.next!r})"
        return ""


@attrs.frozen
class Operation:
    """An operation of the Hub.

    Attributes:
        parameters: In the order of the signature, those that are always sent at the end.
        body: How the body is written.
        media_type: Of the body.
        accept: Media type of the answer.
        answer: What the answer is; ``model`` is JSON with a shape.
        status: Of the answer where all went well.
    """

    area: str
    name: str
    method: str
    template: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: Literal["none", "json", "form", "ndjson", "binary"]
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
    redirect: str
    authenticated: bool
    exposed: bool
    raises: tuple[str, ...]
    node: Mapping

    @property
    def given(self) -> list[Parameter]:
        """The parameters of the Python function."""
        return [parameter for parameter in self.parameters if parameter.const is None]

    def of(self, where: str) -> list[Parameter]:
        """The parameters that go to one place."""
        return [parameter for parameter in self.parameters if parameter.where == where]

    @property
    def signature(self) -> str:
        """The parameters of the Python function, as they are declared."""
        positional = [parameter.declared for parameter in self.given if parameter.positional]
        keyword = [parameter.declared for parameter in self.given if not parameter.positional]
        return ", ".join([*positional, *(["*", *keyword] if keyword else [])])

    @property
    def item(self) -> Shape:
        """What one item of a paged answer is."""
        return self.paging.item if self.paging else self.shape

    @property
    def result(self) -> str:
        """The Python type of the answer."""
        if self.answer == "model":
            return self.shape.annotation("models.")
        return {"text": "str", "whole": "Response", "nothing": "None", "events": "Any"}[self.answer]

    @property
    def returns(self) -> str:
        """What the operation function gives."""
        if self.answer == "events":
            return f"Stream[{self.shape.annotation('models.')}]"
        return f"Paged[{self.item.annotation('models.')}]" if self.paging else f"Call[{self.result}]"

    @property
    def path(self) -> str:
        """The path, as the body of an f-string."""
        text = self.template
        for parameter in self.of("path"):
            value = parameter.name if parameter.kind in TYPED else parameter.value
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
    def models(self) -> set[str]:
        """Names of all models it mentions."""
        shapes = [self.shape, *(parameter.shape for parameter in self.parameters)]
        return set[str]().union(*(_named(shape) for shape in shapes))


def _named(shape: Shape) -> set[str]:
    return ({shape.name} if shape.name else set[str]()).union(*(_named(inner) for inner in shape.inner))


def read_operations(spec: Spec, schemas: Schemas) -> dict[str, list[Operation]]:
    """The operations of each area.

    Raises:
        SpecError: One of them says something the generator has no words for.
    """
    return {
        area: [_operation(schemas, area, path, method, node) for path, method, node in spec.operations(area)]
        for area in spec.areas
    }


def _operation(schemas: Schemas, area: str, path: str, method: str, node: Mapping) -> Operation:
    words = node.get("x-hub", {})
    body, media_type, body_parameters = _body(schemas, node)
    answer, accept, shape, status = _answer(schemas, node, method)
    parameters = [*_parameters(schemas, path, node), *body_parameters]
    names = [parameter.name for parameter in parameters]
    for name in names:
        if not is_name(name):
            raise node.error(
                f"a parameter becomes {name!r}, which is no name in Python; give it an x-hub name", "operationId"
            )
        if names.count(name) > 1:
            raise node.error(f"two parameters become {name!r}; give one another x-hub name", "operationId")
    return Operation(
        area=area,
        name=node["operationId"],
        method=method.upper(),
        template=path,
        summary=str(node["summary"]).strip(),
        description=str(node.get("description", "")).strip(),
        parameters=tuple(
            sorted(parameters, key=lambda p: (p.const is not None, not p.positional, p.positional and p.optional))
        ),
        body=body,
        media_type=media_type,
        accept=accept,
        answer=answer,
        shape=shape,
        status=status,
        paging=_paging(schemas, words, shape, node),
        server=_server(node),
        deprecated=bool(node.get("deprecated")),
        replays=bool(words.get("replays")),
        retry=words.get("retry", method in IDEMPOTENT),
        redirect=words.get("redirect", "follow"),
        authenticated=node.get("security") != [],
        exposed=bool(words.get("expose")),
        raises=tuple(words.get("raises", ())),
        node=node,
    )


def _paging(schemas: Schemas, words: Mapping, shape: Shape, node: Mapping) -> Paging | None:
    """How the pages of a list follow each other; ``None``: the answer is no page."""
    how = words.get("paginate")
    if how is None:
        return None
    if how == "link":
        if shape.kind != "list":
            raise words.error("only an array can be paginated by link", "paginate")
        return Paging(by="link", item=shape.inner[0])
    allowed = {"page": {"parameter", "items", "total"}, "cursor": {"parameter", "items", "next"}}
    if not isinstance(how, Mapping) or how.get("by") not in allowed:
        raise words.error("paginate is link, or {by: page, ...}, or {by: cursor, ...}", "paginate")
    by: Literal["page", "cursor"] = how["by"]
    given = {name: str(value) for name, value in how.items() if name != "by"}
    needed = {"parameter"} if by == "page" else allowed["cursor"]
    if not needed <= set(given) <= allowed[by]:
        raise words.error(f"paginate by {by} has {', '.join(sorted(allowed[by]))}", "paginate")
    queries = [schemas.spec.resolved(parameter) for parameter in node.get("parameters", [])]
    if not any(query["in"] == "query" and query["name"] == given["parameter"] for query in queries):
        raise words.error(f"there is no query parameter {given['parameter']!r}", "paginate")
    items = given.get("items", "")
    if not items and shape.kind == "list":
        return Paging(by=by, item=shape.inner[0], **given)
    cls = schemas.classes.get(shape.name)
    members = {member.wire: member for member in cls.members} if cls else {}
    if items not in members or members[items].shape.kind != "list":
        raise words.error(f"the answer has no list {items!r}", "paginate")
    return Paging(by=by, item=members[items].shape.inner[0], **given)


def _server(node: Mapping) -> str:
    """The other host that an operation lives on; nothing where it is the Hub itself."""
    servers = node.get("servers")
    if not servers:
        return ""
    if len(servers) != 1 or not str(servers[0].get("url", "")).startswith("https://"):
        raise node.error("servers names one https URL", "servers")
    return str(servers[0]["url"]).rstrip("/")


def _parameters(schemas: Schemas, path: str, node: Mapping) -> list[Parameter]:
    found: list[Parameter] = []
    for given in node.get("parameters", []):
        parameter = schemas.spec.resolved(given)
        words = parameter.get("x-hub", {})
        where, wire = parameter.get("in"), str(parameter.get("name"))
        if where not in ("path", "query", "header"):
            raise parameter.error(f"a parameter stands in path, query or header, not in {where!r}", "in")
        if where == "path" and f"{{{wire}}}" not in path:
            raise node.error(f"the path has no place for the parameter {wire!r}", "parameters")
        for word in ("path", "default", "omit"):
            if word in words and where != "path":
                raise parameter.error(f"x-hub {word} is for parameters of the path", "x-hub")
        schema = parameter.get("schema")
        if not isinstance(schema, Mapping):
            raise parameter.error(f"the parameter {wire!r} has no schema")
        if where == "header" and schema.get("type") != "string":
            raise parameter.error(f"a header is text; give {wire!r} the type string", "schema")
        required = bool(parameter.get("required"))
        optional = not required or "default" in words or "omit" in words
        found.append(
            Parameter(
                name=str(words.get("name") or snake(wire)),
                wire=wire,
                where=where,
                shape=schemas.shape(schema),
                required=required,
                positional=words.get("pass", "keyword" if where != "path" or optional else "positional")
                == "positional",
                description=str(parameter.get("description", "")).strip(),
                kind=words.get("path", "segment") if where == "path" else "",
                default=words.get("default"),
                flag=words.get("flag"),
                const=schema.get("const"),
                omit=bool(words.get("omit")),
                joined=parameter.get("explode") is False,
            )
        )
    places = _PLACE.findall(path)
    for place in places:
        if place not in [parameter.wire for parameter in found if parameter.where == "path"]:
            raise node.error(f"the path names {place!r}, which is no parameter", "operationId")
    return sorted(found, key=lambda p: places.index(p.wire) if p.where == "path" else len(places))


Body = Literal["none", "json", "form", "ndjson", "binary"]


def _body(schemas: Schemas, node: Mapping) -> tuple[Body, str, list[Parameter]]:
    if "requestBody" not in node:
        return "none", "", []
    content: Mapping = schemas.spec.resolved(node["requestBody"])["content"]
    if len(content) != 1:
        raise content.error("a body has one media type")
    (media_type,) = content
    schema = content[media_type].get("schema")
    if not isinstance(schema, Mapping):
        raise content.error(f"the body {media_type} has no schema", media_type)
    shape = Shape("scalar", "bytes") if media_type == "application/octet-stream" else schemas.shape(schema)
    if media_type == "application/octet-stream":
        text = "The bytes, at once or as a source that can be opened again."
        return "binary", "", [Parameter("body", "", "content", shape, True, False, text)]
    if media_type == "application/x-ndjson":
        if shape.kind not in ("class", "union"):
            raise content.error("the schema of a line needs a name: it is one of components/schemas", media_type)
        text = "Gives the lines, each time the body is sent."
        return "ndjson", media_type, [Parameter("lines", "", "lines", shape, True, False, text)]
    if shape.kind == "map" and media_type == "application/json":
        text = str(schemas.spec.resolved(schema).get("description", "")).strip()
        free = attrs.evolve(shape, name="")  # what is nothing but a body has no class and no alias
        return "json", media_type, [Parameter("members", "", "object", free, True, False, text)]
    if shape.kind != "class":
        raise content.error("a body of members is a schema with properties", media_type)
    members = [_member(member) for member in schemas.members(schema)]
    if media_type == "application/x-www-form-urlencoded":
        return "form", media_type, members
    if media_type == "application/json" or media_type.endswith("+json"):
        return "json", media_type, members
    raise content.error(f"the generator does not know how to write {media_type}", media_type)


def _member(member: Member) -> Parameter:
    return Parameter(
        name=member.name,
        wire=member.wire,
        where="body",
        shape=member.shape,
        required=member.required,
        positional=member.node.get("x-hub", {}).get("pass") == "positional",
        description=member.description,
        nullable=member.required and member.nullable,
    )


def _answer(
    schemas: Schemas, node: Mapping, method: str
) -> tuple[Literal["model", "text", "whole", "nothing", "events"], str, Shape, int]:
    responses: Mapping = node["responses"]
    good = [status for status in responses if str(status).startswith("2")]
    if not good and node.get("x-hub", {}).get("redirect") == "relative":
        good = [status for status in responses if str(status).startswith("3")]
    if not good:
        raise responses.error("there is no answer for the case that all went well")
    status, nothing = good[0], Shape("scalar", "None")
    if not status.isdigit():
        raise responses.error(f"{status!r} is no status", status)
    if method == "head" or status.startswith("3"):
        return "whole", "", nothing, int(status)
    content: Mapping = schemas.spec.resolved(responses[status]).get("content", Mapping())
    if not content:
        return "nothing", "", nothing, int(status)
    media_type = next(iter(content))
    if not isinstance(content[media_type].get("schema"), Mapping):
        raise content.error(f"the answer {media_type} has no schema", media_type)
    if media_type == "application/octet-stream":
        return "whole", "", nothing, int(status)
    if media_type in ("text/plain", "text/markdown"):
        return "text", media_type, nothing, int(status)
    if media_type == "text/event-stream":
        return "events", media_type, schemas.shape(content[media_type]["schema"]), int(status)
    if media_type == "application/json" or media_type.endswith("+json"):
        return "model", media_type, schemas.shape(content[media_type]["schema"]), int(status)
    raise content.error(f"the generator does not know how to read {media_type}", media_type)


def write_operations(schemas: Schemas, operations: dict[str, list[Operation]], package: Path) -> None:
    """Write ``operations/``."""
    for area, found in operations.items():
        read = set[str]().union(*(_named(o.item if o.paging else o.shape) for o in found))
        sent = set[str]().union(
            *(
                _named(parameter.shape)
                for operation in found
                for parameter in operation.parameters
                if parameter.where in ("body", "lines")
            )
        )
        imports = codec_imports(schemas, read, ("structure",)) + codec_imports(schemas, sent, ("unstructure",))
        write(
            package / "operations" / f"{area}.py",
            render(
                "operations.py.jinja",
                area=area,
                title=str(schemas.spec.documents[area]["info"]["title"]),
                operations=found,
                imports=imports,
                structured=structured,
                documented=documented,
                snake=snake,
            ),
        )
    title = "The operations of the Hub, as values, by area."
    text = render("modules.py.jinja", title=title, package="hub_typed_api.operations", modules=list(operations))
    write(package / "operations" / "__init__.py", text)
