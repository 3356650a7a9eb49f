"""Read the operations of the spec."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Literal

import attrs

from codegen.runtime.path import REPO_TYPES
from codegen.spec.closed_enums import check_answers
from codegen.spec.document import Mapping, Spec
from codegen.spec.names import is_name, snake
from codegen.spec.operations import TYPED, Body, Case, Operation, Paging, Parameter
from codegen.spec.schemas import Member, Schemas, Shape
from codegen.spec.views import check_views, read_narrowings, read_views

__all__ = ["check_raises", "read_operation", "read_operations"]

IDEMPOTENT = ("get", "head", "put", "delete")
MEANINGS = ("done", "unclear")
_PLACE = re.compile(r"\{([^{}]+)\}")
_WHOLE: dict[str, tuple[str, Literal["object", "list"]]] = {"map": ("members", "object"), "list": ("items", "list")}
"""Name and place of the parameter that is a whole JSON body, by its kind."""


def read_operations(spec: Spec, schemas: Schemas) -> dict[str, list[Operation]]:
    """Read the operations of each area.

    Raises:
        SpecError: The generator does not support an operation.
    """
    operations = {
        area: [read_operation(schemas, area, path, method, node) for path, method, node in spec.operations(area)]
        for area in spec.areas
    }
    check_answers(spec)
    views = read_views(schemas)
    for operation in (operation for found in operations.values() for operation in found):
        check_views(views, operation.item, operation.node.get("x-hub", Mapping()))
    return operations


def read_operation(schemas: Schemas, area: str, path: str, method: str, node: Mapping) -> Operation:
    """Read one operation.

    Raises:
        SpecError: The generator does not support it.
    """
    words = node.get("x-hub", {})
    body, media_type, body_parameters = _body(schemas, node)
    answer, accept, shape, status, cases = _answer(schemas, node, method)
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
        server=_server(node, "https://" if schemas.spec.target.reference else "http"),
        deprecated=bool(node.get("deprecated")),
        replays=bool(words.get("replays")),
        retry=words.get("retry", method in IDEMPOTENT),
        repeated=_repeated(words, method, node),
        redirect=words.get("redirect", "follow"),
        authenticated=node.get("security") != [],
        exposed=bool(words.get("expose")),
        raises=tuple(words.get("raises", ())),
        narrowings=read_narrowings(words, {p.wire: p.name for p in parameters if p.where == "query"}),
        node=node,
        cases=cases,
        deep=bool(node.get("requestBody", {}).get("x-hub", {}).get("deep")),
    )


def _repeated(words: Mapping, method: str, node: Mapping) -> dict[int, str]:
    """Read what an error status means after an attempt without a clear response."""
    declared = words.get("repeated")
    if declared is None:
        return {404: "done"} if method == "delete" else {}
    for status, meaning in declared.items():
        if status not in node["responses"]:
            raise words.error(f"x-hub repeated: {status!r} is no response of the operation", "repeated")
        if meaning not in MEANINGS:
            raise words.error(f"x-hub repeated: {meaning!r} is not one of {', '.join(MEANINGS)}", "repeated")
    return {int(status): meaning for status, meaning in declared.items()}


def check_raises(spec: Spec, errors: Collection[str]) -> None:
    """Check that operations name only errors of the library.

    Args:
        errors: Names of the errors; nothing is checked if there are none.

    Raises:
        SpecError: An operation names another class.
    """
    for area in spec.areas if errors else ():
        for _, _, operation in spec.operations(area):
            words = operation.get("x-hub", {})
            for name in words.get("raises", ()):
                if name not in errors:
                    raise words.error(f"x-hub raises: the library has no error {name!r}", "raises")


def _paging(schemas: Schemas, words: Mapping, shape: Shape, node: Mapping) -> Paging | None:
    """Read how a list is paginated; ``None`` if it is not."""
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
    if not members[items].required:
        raise words.error(f"a page without {items!r} cannot be read: the member must be required", "paginate")
    return Paging(by=by, item=members[items].shape.inner[0], **given)


def _server(node: Mapping, scheme: str) -> str:
    """Read the other server of an operation; empty for the Hub itself."""
    servers = node.get("servers")
    if not servers:
        return ""
    if len(servers) != 1 or not str(servers[0].get("url", "")).startswith(scheme):
        raise node.error("servers names one https URL", "servers")
    return str(servers[0]["url"]).rstrip("/")


def _parameters(schemas: Schemas, path: str, node: Mapping) -> list[Parameter]:
    found: list[Parameter] = []
    for given in node.get("parameters", []):
        parameter = schemas.spec.resolved(given)
        words = parameter.get("x-hub", {})
        where, wire = parameter.get("in"), str(parameter.get("name"))
        if where not in ("path", "query", "header", *([] if schemas.spec.target.reference else ["cookie"])):
            raise parameter.error(f"a parameter stands in path, query or header, not in {where!r}", "in")
        if where == "path" and f"{{{wire}}}" not in path:
            raise node.error(f"the path has no place for the parameter {wire!r}", "parameters")
        for word in ("path", "default", "omit"):
            if word in words and where != "path":
                raise parameter.error(f"x-hub {word} is for parameters of the path", "x-hub")
        schema = parameter.get("schema")
        if not isinstance(schema, Mapping):
            raise parameter.error(f"the parameter {wire!r} has no schema")
        if where == "header" and schema.get("type") != "string" and schemas.spec.target.reference:
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
                repo_types=_repo_types(schemas.spec.resolved(schema)) if words.get("path") in TYPED else (),
                default=words.get("default"),
                flag=words.get("flag"),
                const=schema.get("const"),
                omit=bool(words.get("omit")),
                joined=parameter.get("explode") is False,
                style=words.get("style", ""),
            )
        )
    places = _PLACE.findall(path)
    for place in places:
        if place not in [parameter.wire for parameter in found if parameter.where == "path"]:
            raise node.error(f"the path names {place!r}, which is no parameter", "operationId")
    return sorted(found, key=lambda p: places.index(p.wire) if p.where == "path" else len(places))


def _repo_types(schema: Mapping) -> tuple[str, ...]:
    """Return the types of repositories that an enum lists, open or not; without an enum all."""
    listed = [kind for branch in [schema, *schema.get("anyOf", [])] for kind in branch.get("enum", [])]
    return tuple(listed) or REPO_TYPES


def _body(schemas: Schemas, node: Mapping) -> tuple[Body, str, list[Parameter]]:
    if "requestBody" not in node:
        return "none", "", []
    content: Mapping = schemas.spec.resolved(node["requestBody"])["content"]
    words: Mapping | dict[str, Any] = node["requestBody"].get("x-hub", {})
    if len(content) != 1:
        raise content.error("a body has one media type")
    (media_type,) = content
    schema = content[media_type].get("schema")
    if not isinstance(schema, Mapping):
        raise content.error(f"the body {media_type} has no schema", media_type)
    if media_type in ("application/octet-stream", "*/*") or words.get("binary"):
        text = "The bytes, at once or as a source that can be opened again."
        name, is_required = words.get("name", "body"), not words.get("optional")
        body = Parameter(name, "", "content", Shape("scalar", "bytes"), is_required, False, text)
        if media_type != "*/*":
            return "binary", "" if media_type == "application/octet-stream" else media_type, [body]
        about = "Media type of the body, for example ``image/png``."
        kind = Parameter("media_type", "content-type", "header", Shape("scalar", "str"), True, False, about)
        return "binary", "", [kind, body]
    shape = schemas.shape(schema)
    if "whole" in words:
        text = str(node["requestBody"].get("description", ""))
        value = Parameter(words["whole"], "", "value", schemas.value(schema), not words["optional"], False, text)
        return "json", media_type, [value]
    if media_type == "application/x-ndjson":
        if shape.kind not in ("class", "union"):
            raise content.error("the schema of a line needs a name: it is one of components/schemas", media_type)
        text = "Gives the lines, each time the body is sent; or a source of the encoded lines."
        return "ndjson", media_type, [Parameter("lines", "", "lines", shape, True, False, text)]
    if shape.kind in ("map", "list") and media_type == "application/json":
        text = str(schemas.spec.resolved(schema).get("description", "")).strip()
        name, where = _WHOLE[shape.kind]
        free = attrs.evolve(shape, name="")  # what is nothing but a body has no class and no alias
        return "json", media_type, [Parameter(name, "", where, free, True, False, text)]
    if shape.kind != "class":
        raise content.error("a body of members is a schema with properties", media_type)
    members = [_member(member) for member in schemas.members(schema)]
    if media_type == "application/x-www-form-urlencoded":
        return "form", media_type, members
    if media_type == "multipart/form-data":
        return "multipart", media_type, members
    if media_type == "application/json" or media_type.endswith("+json"):
        return "json", media_type, members
    raise content.error(f"the generator does not know how to write {media_type}", media_type)


def _member(member: Member) -> Parameter:
    part = member.node.get("items", member.node)
    return Parameter(
        name=member.name,
        wire=member.wire,
        where="body",
        shape=member.shape,
        required=member.required,
        positional=member.node.get("x-hub", {}).get("pass") == "positional",
        description=member.description,
        nullable=member.required and member.nullable,
        file=isinstance(part, Mapping) and part.get("format") == "binary",
    )


Answer = Literal["model", "text", "whole", "nothing", "events"]
NOTHING = Shape("scalar", "None")


def _answer(schemas: Schemas, node: Mapping, method: str) -> tuple[Answer, str, Shape, int, tuple[Case, ...]]:
    responses: Mapping = node["responses"]
    good = [status for status in responses if str(status).startswith("2")]
    if not good and node.get("x-hub", {}).get("redirect") == "relative":
        good = [status for status in responses if str(status).startswith("3")]
    if not good:
        raise responses.error("there is no answer for the case that all went well")
    found = {status: _answer_of(schemas, responses, status, method) for status in good}
    if schemas.spec.target.reference:  # the Hub sends the first one
        return *found[good[0]], int(good[0]), ()
    usual = next((status for status in good if found[status][0] == "model"), good[0])
    others = {status: one for status, one in found.items() if (one[0], one[2]) != (found[usual][0], found[usual][2])}
    if not {"model", "nothing"}.issuperset(one[0] for one in [found[usual], *others.values()]) and others:
        return "whole", "", NOTHING, int(usual), ()
    cases = [Case(int(status), one[2] if one[0] == "model" else None) for status, one in others.items()]
    return *found[usual], int(usual), tuple(cases)


def _answer_of(schemas: Schemas, responses: Mapping, status: str, method: str) -> tuple[Answer, str, Shape]:
    if not status.isdigit():
        raise responses.error(f"{status!r} is no status", status)
    if method == "head" or status.startswith("3"):
        return "whole", "", NOTHING
    content: Mapping = schemas.spec.resolved(responses[status]).get("content", Mapping())
    if not content:
        return "nothing", "", NOTHING
    media_type = next(iter(content))
    if not isinstance(content[media_type].get("schema"), Mapping):
        raise content.error(f"the answer {media_type} has no schema", media_type)
    if media_type == "application/octet-stream":
        return "whole", "", NOTHING
    if media_type == "application/x-ndjson":
        return "whole", media_type, NOTHING
    if media_type in ("text/plain", "text/markdown"):
        return "text", media_type, NOTHING
    if media_type == "text/event-stream":
        return "events", media_type, schemas.shape(content[media_type]["schema"])
    if media_type == "application/json" or media_type.endswith(("+json", "/json")):
        return "model", media_type, schemas.value(content[media_type]["schema"])
    raise content.error(f"the generator does not know how to read {media_type}", media_type)
