"""Paths of the pages: those of the real Hub, and ``/-/...``, which no repository can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from hub_typed.local.errors import forbidden, not_found
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.pages.access import decide, show_access_requests
from hub_typed.local.pages.answers import show_style
from hub_typed.local.pages.buckets import show_bucket, show_buckets
from hub_typed.local.pages.commits import show_commit, show_commits
from hub_typed.local.pages.devices import decide_login, show_device
from hub_typed.local.pages.discussions import show_discussion, show_discussions
from hub_typed.local.pages.faults import add_fault, clear_faults, remove_fault, show_faults
from hub_typed.local.pages.files import show_file, show_folder
from hub_typed.local.pages.login import log_in, log_out, show_login
from hub_typed.local.pages.repos import show_repo, show_repos
from hub_typed.local.pages.requests import show_requests
from hub_typed.local.pages.webhooks import replay, show_deliveries
from hub_typed.local.repos.store import PREFIXED_TYPES, REPO_TYPES
from hub_typed.local.request.call import Call
from hub_typed.local.server.hosts import is_origin_of
from hub_typed.local.server.routing import HasRepo, Match, has_operation, match
from hub_typed_api.serve import Answer, Given, Route

__all__ = ["PAGES", "find_page", "find_route"]

PAGES: Final = "pages."
"""Start of the names of the routes of pages, which have no faults and are not counted."""
_OWN: Final = "/-/"
_REPO: Final = rf"/(?:(?P<repo_type>{PREFIXED_TYPES})s/)?(?P<repo_id>[^/]+?(?:/[^/]+?)?)"
_BUCKET: Final = "/buckets/(?P<namespace>[^/]+)/(?P<bucket>[^/]+?)"
_REVISION: Final = r"(?P<revision>[^/]+)"

Handler = Callable[[Call, Given], Answer]


def find_page(incoming: IncomingRequest) -> Match | None:
    """Return the route of the page that a browser asks for; ``None`` where an operation has the path, or no page."""
    method, path = "GET" if incoming.method == "HEAD" else incoming.method, incoming.path
    is_own = path.startswith(_OWN)
    if not is_own and (method != "GET" or "text/html" not in incoming.headers.get("accept", "")):
        return None
    for pattern, route in _table():
        found = pattern.fullmatch(path)
        if found is None or route.method != method:
            continue
        if not is_own and has_operation(path):
            return None
        named = found.groupdict().items()
        return Match(route, None, {name: unquote(value, errors="replace") for name, value in named if value})
    return None


def find_route(incoming: IncomingRequest, has_repo: HasRepo) -> Match:
    """Return the route of a request, that of a page or of an operation.

    Args:
        has_repo: See `match`.

    Raises:
        HubResponseError, ValueError: Errors of `match`.
    """
    return find_page(incoming) or match(incoming.method, incoming.path, has_repo)


def _show(name: str, path: str, handler: Handler) -> Route[None, Call]:
    return _route(name, "GET", path, handler)


def _do(name: str, path: str, handler: Handler) -> Route[None, Call]:
    """Return the route of a form, which only pages of this Hub may send; the handler gets its fields as query."""

    def checked(call: Call, given: Given) -> Answer:
        _check_origin(call.request)
        return handler(call, given.form())

    return _route(name, "POST", _OWN + path, checked)


def _route(name: str, method: str, path: str, handler: Handler) -> Route[None, Call]:
    return Route(
        operation=f"{PAGES}{name}",
        method=method,
        pattern=path,
        body="none",  # forms are as small as no body
        status=200,
        media_type="text/html",
        bind=lambda _, call, given: handler(call, given),
    )


def _show_missing(_call: Call, _given: Given) -> Answer:
    raise not_found("The embedded Hub has no such page")


def _check_origin(request: IncomingRequest) -> None:
    """Check that a page of this Hub sends a form; browsers name the origin of every form.

    Raises:
        HubResponseError: 403, another page sends it.
    """
    host = request.origin.partition("://")[2]
    if not is_origin_of(request.headers.get("origin", ""), host):
        raise forbidden("Only the pages of this Hub can send this form")


@cache
def _table() -> list[tuple[re.Pattern[str], Route[Any, Call]]]:
    return [(re.compile(route.pattern), route) for route in _ROUTES]


_ROUTES: tuple[Route[Any, Call], ...] = (
    _show("show_style", "/-/style.css", show_style),
    _show("show_login", "/-/login", show_login),
    _do("log_in", "login", log_in),
    _do("log_out", "logout", log_out),
    _show("show_requests", "/-/requests", show_requests),
    _show("show_faults", "/-/faults", show_faults),
    _do("add_fault", "faults/add", add_fault),
    _do("remove_fault", "faults/remove", remove_fault),
    _do("clear_faults", "faults/clear", clear_faults),
    _show("show_deliveries", "/-/webhooks", show_deliveries),
    _do("replay", "webhooks/replay", replay),
    _show("show_access_requests", "/-/access-requests", show_access_requests),
    _do("decide", "access-requests/decide", decide),
    _show("show_device", "/-/device", show_device),
    _do("decide_login", "device/decide", decide_login),
    _show("show_missing", f"{_OWN}.*", _show_missing),
    _show("show_repos", f"/(?:(?P<repo_type>{'|'.join(REPO_TYPES)})s)?", show_repos),
    _show("show_buckets", "/buckets", show_buckets),
    _show("show_bucket", rf"{_BUCKET}(?:/tree(?:/(?P<path>.+?))?)?/?", show_bucket),
    _show("show_folder", rf"{_REPO}/tree/{_REVISION}(?:/(?P<path>.+?))?/?", show_folder),
    _show("show_file", rf"{_REPO}/blob/{_REVISION}/(?P<path>.+)", show_file),
    _show("show_commits", rf"{_REPO}/commits/{_REVISION}", show_commits),
    _show("show_commit", rf"{_REPO}/commit/{_REVISION}", show_commit),
    _show("show_discussions", rf"{_REPO}/discussions", show_discussions),
    _show("show_discussion", rf"{_REPO}/discussions/(?P<num>[0-9]{{1,9}})", show_discussion),
    _show("show_repo", _REPO, show_repo),
)
"""Routes of pages, those of one repository last: its name can be any."""
