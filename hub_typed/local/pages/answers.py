"""Responses with HTML: templates, and headers that let a page load nothing but its style sheet."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from hub_typed.local.errors import HubResponseError
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

if TYPE_CHECKING:
    from jinja2 import Environment  # of the extra `pages`

__all__ = ["error_page", "page", "redirect", "show_style"]

_PACKAGES: Final = ("jinja2", "markdown_it", "markupsafe", "mdurl")
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "x-content-type-options": "nosniff",
    # Without any referrer, browsers send `Origin: null` with forms, even to the same origin.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
# They would show a text in another order than it has, for example `exe.txt` for `txt.exe`.
_DIRECTIONS: Final = {
    code: f"\\u{code:04x}" for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def page(call: Call, template: str, status: int = 200, **values: object) -> Answer:
    """Return a page made from a template, whose values are escaped."""
    try:
        made = _environment().get_template(template)
    except ModuleNotFoundError as error:
        return _packages_missing(error)
    user = None if call.identity is None else call.identity.user.name
    return _html(status, made.render(user=user, here=_here(call), **values))


def error_page(call: Call, error: HubResponseError) -> Answer:
    """Return the page for an error; a redirect has none."""
    if error.status < 400:
        return redirect(error.headers["location"], status=error.status)
    return page(call, "error.html", error.status, error=error)


def redirect(location: str, *, status: int = 303, cookie: str | None = None) -> Answer:
    """Return a redirect; by default, one to the page that shows the effect of a form."""
    headers = {**_HEADERS, "location": location}
    return Answer(status=status, headers=headers if cookie is None else {**headers, "set-cookie": cookie})


def show_style(_call: Call, _given: Given) -> Answer:
    """Return the style sheet."""
    style = files("hub_typed.local.pages").joinpath("style.css").read_bytes()
    return Answer(headers={**_HEADERS, "content-type": "text/css; charset=utf-8"}, body=style)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("hub_typed.local.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_show_directions,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"segment": _segment, "segments": _segments}
    return made


def _show_directions(value: object) -> object:
    """Return a value of a template with its characters that change the direction of text escaped."""
    return value.translate(_DIRECTIONS) if isinstance(value, str) else value


def _segment(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _segments(text: str) -> str:
    return quote(text, errors="replace")


def _here(call: Call) -> str:
    return call.request.path + (f"?{call.request.query}" if call.request.query else "")


def _packages_missing(error: ModuleNotFoundError) -> Answer:
    if (error.name or "").partition(".")[0] not in _PACKAGES:
        raise error
    text = f"The pages of the embedded Hub need {error.name}: pip install 'hub-typed[pages]'"
    return _html(501, f'<!DOCTYPE html><html lang="en"><title>Embedded Hub</title><p>{escape(text)}</p></html>')


def _html(status: int, text: str) -> Answer:
    headers = {**_HEADERS, "content-type": "text/html; charset=utf-8"}
    return Answer(status=status, headers=headers, body=text.encode(errors="replace"))
