"""Redirects from former names of repositories and buckets, and from other spellings of their names."""

from __future__ import annotations

import re

from hub_typed.local.errors import HubResponseError
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.repos.store import REPO_TYPES

__all__ = ["redirect_to_name"]


def redirect_to_name(request: IncomingRequest, old: str, new: str) -> None:
    """Redirect a request whose path has a name to the same path with another one; nothing happens if it has it not.

    Raises:
        HubResponseError: 307, the redirect.
    """
    kinds = "|".join((*REPO_TYPES, "bucket"))
    before = rf"(?:/api(?:/repos|/resolve-cache)?)?(?:/(?:{kinds})s)?"
    found = re.match(rf"({before})/{re.escape(old)}(?=/|\.git/|$)", request.path)
    if found is None:  # the name is in the body, as for `delete_repo`
        return
    target = f"{found[1]}/{new}{request.path[found.end() :]}"
    location = f"{target}?{request.query}" if request.query else target
    raise HubResponseError(307, f"Temporary Redirect. Redirecting to {location}", headers={"location": location})
