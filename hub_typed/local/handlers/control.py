"""Handlers of the faults and counts of the embedded Hub, for tests that reach it over HTTP only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from hub_typed.local.errors import not_found, unauthorized
from hub_typed.local.faults.json_form import add_rule, describe_rule
from hub_typed.local.faults.rules import CONTROL
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Given, Route

__all__ = ["CONTROL_ROUTES", "Control"]


class Control:
    """Handlers of faults and counts."""

    def list_faults(self, call: Call, given: Given) -> object:
        """List the rules with their counts."""
        _check_admin(call)
        return [describe_rule(rule) for rule in call.faults.rules]

    def add_fault(self, call: Call, given: Given) -> object:
        """Add a rule."""
        _check_admin(call)
        members = attrs.evolve(given, headers={}).json()  # curl's -d says that it is a form
        return describe_rule(add_rule(call.faults, members))

    def clear_faults(self, call: Call, given: Given) -> None:
        """Remove all rules."""
        _check_admin(call)
        call.faults.clear()

    def delete_fault(self, call: Call, given: Given) -> None:
        """Remove a rule."""
        _check_admin(call)
        rule = next((one for one in call.faults.rules if str(one.id) == given.path["id"]), None)
        if rule is None:
            raise not_found(f"There is no fault {given.path['id']}")
        call.faults.remove(rule)

    def read_stats(self, call: Call, given: Given) -> object:
        """Return the sums over the latest requests."""
        _check_admin(call)
        counts = call.stats.snapshot()
        return {
            "requests": dict(counts.requests),
            "received": counts.received,
            "sent": counts.sent,
            "lfs_objects": counts.lfs_objects,
            "xorb_bytes": counts.xorb_bytes,
        }


def _check_admin(call: Call) -> None:
    """Check that the caller sends a write token of the Hub's own user as a token.

    Raises:
        HubResponseError: 401, there is no token; errors of `Call.check_admin`.
    """
    # A browser adds a remembered password to requests of any page, but no token.
    if not call.request.headers.get("authorization", "").lower().startswith("bearer "):
        raise unauthorized("Faults need the token of the Hub: Authorization: Bearer TOKEN")
    call.check_admin("Faults")


def _route(name: str, method: str, path: str, bind: Callable[[Control, Call, Given], object]) -> Route[Control, Call]:
    return Route(
        operation=f"{CONTROL}{name}",
        method=method,
        pattern=path,
        body="json" if method == "POST" else "none",
        status=200,
        media_type="",
        bind=bind,
    )


CONTROL_ROUTES: tuple[Route[Any, Call], ...] = (
    _route("list_faults", "GET", "/_faults", Control.list_faults),
    _route("add_fault", "POST", "/_faults", Control.add_fault),
    _route("clear_faults", "DELETE", "/_faults", Control.clear_faults),
    _route("delete_fault", "DELETE", "/_faults/(?P<id>[0-9]{1,9})", Control.delete_fault),
    _route("read_stats", "GET", "/_stats", Control.read_stats),
)
