"""Write ``client.py``, ``async_client.py`` and the methods of both, for any API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from codegen.documents.names import Names, class_name, plain_text, url_text
from codegen.documents.operations import server_url
from codegen.documents.read import child
from codegen.spec.document import Mapping, items_of
from codegen.spec.names import pascal
from codegen.spec.operations import Operation
from codegen.spec.schemas import Schemas
from codegen.write.docstrings import documented, with_argument
from codegen.write.render import render, write

__all__ = ["write_client"]


@attrs.frozen
class _Option:
    """A parameter of the constructor.

    Attributes:
        default: Expression of the default; empty if it must be given.
        value: Expression of the credentials, or empty.
    """

    name: str
    annotation: str
    default: str
    description: str
    value: str = ""

    @property
    def declared(self) -> str:
        """Declaration in the signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


def write_client(
    schemas: Schemas, operations: dict[str, list[Operation]], title: str, document: Mapping, package: Path
) -> None:
    """Write the clients.

    Raises:
        SpecError: A security scheme is not supported.
    """
    target = schemas.spec.target
    names = Names("self", "headers", "settings", "transport", "base_url")
    url, variables = _server(document, names)
    known: dict[str, Any] = {
        "target": target,
        "title": plain_text(title).replace("\n", " "),
        "name": class_name(target.package),
        "url": url,
        "variables": variables,
        "credentials": _credentials(document, names),
        "areas": list(operations),
        "pascal": pascal,
        "documented": documented,
    }
    known["constructor"] = _constructor([*known["variables"], *known["credentials"]], url)
    for area, found in operations.items():
        for kind, folder in (("", "methods"), ("Async", "async_methods")):
            text = render("service_methods.py.jinja", **known, kind=kind, area=area, operations=found)
            write(package / folder / f"{area}.py", text)
    for kind, file in (("", "client.py"), ("Async", "async_client.py")):
        write(package / file, render("service.py.jinja", **known, kind=kind))
    for folder in ("methods", "async_methods"):
        write(package / folder / "__init__.py", render("package.py.jinja", title="Methods by area.", target=target))
    text = render("service_package.py.jinja", **known)
    write(package / "__init__.py", text)


def _constructor(options: list[_Option], url: str) -> str:
    """Return the docstring of the constructors."""
    text = "Create a client."
    base = "URL of the server" + (
        ", instead of that of the document." if url else ", with the path before the operations."
    )
    for name, about in [
        ("base_url", base),
        *((option.name, option.description) for option in options),
        ("headers", "Headers of every request."),
        ("settings", "Time limits, retries and proxies; those of the environment by default."),
        ("transport", "Transport that sends the requests, instead of that of the library."),
    ]:
        text = with_argument(text, name, about)
    return text


def _server(document: Mapping, names: Names) -> tuple[str, list[_Option]]:
    """Return the URL of the first server as the body of an f-string, and its variables; empty if it is relative."""
    servers = items_of(document.get("servers"))
    url = server_url(servers[0]) if servers else ""
    if not url.startswith(("https://", "http://")) or "{" in url:
        return "", []
    url = url_text(str(servers[0]["url"])).rstrip("/")
    options: list[_Option] = []
    for wire, variable in child(servers[0], "variables").items():
        if f"{{{wire}}}" not in url:
            continue
        name = names.member(wire)
        url = url.replace(f"{{{wire}}}", f"{{{name}}}")
        values = items_of(variable.get("enum"))
        kind = f"Literal[{', '.join(repr(str(value)) for value in values)}]" if values else "str"
        description = plain_text(variable.get("description")) or "Part of the URL of the server."
        options.append(_Option(name, kind, repr(str(variable.get("default", ""))), description))
    return url, options


def _credentials(document: Mapping, names: Names) -> list[_Option]:
    schemes = child(child(document, "components"), "securitySchemes")
    return [found for wire, scheme in schemes.items() if (found := _credential(names.member(wire), scheme))]


def _credential(name: str, scheme: Mapping) -> _Option | None:
    about = plain_text(scheme.get("description")).partition("\n\n")[0]
    kind, place = scheme.get("type"), str(scheme.get("in"))
    if kind == "apiKey":
        if place not in ("header", "query", "cookie") or "name" not in scheme:
            raise scheme.error("an API key has a name, and stands in header, query or cookie")
        value = f"Credentials.key({place!r}, {str(scheme['name'])!r}, {name})"
        return _Option(name, "str | None", "None", about or f"Key, sent as {place} {scheme['name']!r}.", value)
    if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
        return _Option(
            name, "tuple[str, str] | None", "None", about or "User and password.", f"Credentials.basic({name})"
        )
    if kind in ("http", "oauth2", "openIdConnect"):
        return _Option(name, "str | None", "None", about or "Token.", f"Credentials.bearer({name})")
    if kind == "mutualTLS":
        return None
    raise scheme.error(f"the security scheme of type {kind!r} is not supported", "type")
