"""Page of the requests as they come in."""

from __future__ import annotations

from typing import Final

from hub_typed.local.pages.answers import page
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

__all__ = ["show_requests"]

_REQUESTS_SHOWN: Final = 200
_MAX_REFRESH: Final = 60


def show_requests(call: Call, given: Given) -> Answer:
    """Show the latest requests, newest first; with ``refresh``, again after that number of seconds."""
    call.check_admin("Requests")
    refresh = min(max(given.integer("refresh") or 0, 0), _MAX_REFRESH)
    return page(call, "requests.html", requests=call.stats.latest(_REQUESTS_SHOWN), refresh=refresh)
