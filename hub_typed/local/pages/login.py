"""Pages to log in and out."""

from __future__ import annotations

import re
from typing import Final

from hub_typed.local.pages.answers import page, redirect
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

__all__ = ["log_in", "log_out", "show_login"]

_PATH: Final = re.compile(r"/(?![/\\])[!-~]*")
"""A path of this Hub: browsers read two slashes, or a slash and a backslash, as the start of another host."""


def show_login(call: Call, given: Given) -> Answer:
    """Ask for a token."""
    return page(call, "login.html", next=_checked(given.text("next")), is_refused=False)


def log_in(call: Call, given: Given) -> Answer:
    """Start a session, if the token is one of this Hub."""
    target = _checked(given.text("next"))
    cookie = call.sessions.log_in((given.text("token") or "").strip())
    if cookie is None:
        return page(call, "login.html", 401, next=target, is_refused=True)
    return redirect(target, cookie=cookie)


def log_out(call: Call, _given: Given) -> Answer:
    """End the session."""
    return redirect("/", cookie=call.sessions.log_out(call.request.headers))


def _checked(path: str | None) -> str:
    return path if path is not None and _PATH.fullmatch(path) else "/"
