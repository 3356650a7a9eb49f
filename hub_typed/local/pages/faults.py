"""Page of the faults, to switch them on and off."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import attrs

from hub_typed.local.errors import not_found
from hub_typed.local.faults.json_form import FAULT_TYPES, add_rule
from hub_typed.local.pages.answers import page, redirect
from hub_typed.local.request.call import Call
from hub_typed.local.server.routing import operation_names
from hub_typed_api.serve import Answer, Given

__all__ = ["add_fault", "clear_faults", "remove_fault", "show_faults"]

_PAGE = "/-/faults"


def show_faults(call: Call, _given: Given) -> Answer:
    """Show the rules with their counts, and a form for another one."""
    call.check_admin("Faults")
    rules = [(rule, type(rule.fault).__name__, json.dumps(attrs.asdict(rule.fault))) for rule in call.faults.rules]
    return page(call, "faults.html", rules=rules, types=list(FAULT_TYPES), operations=sorted(operation_names()))


def add_fault(call: Call, given: Given) -> Answer:
    """Add the rule of the form."""
    call.check_admin("Faults")
    arguments = attrs.evolve(given, headers={}, body=BytesIO((given.text("arguments") or "").encode())).json()
    members: dict[str, Any] = {"fault": {**arguments, "type": given.text("type")}}
    for name in ("operation", "path", "method"):
        members[name] = given.text(name) or "*"
    for name in ("times", "skip"):
        if given.text(name):
            members[name] = given.integer(name)
    add_rule(call.faults, members)
    return redirect(_PAGE)


def remove_fault(call: Call, given: Given) -> Answer:
    """Remove a rule."""
    call.check_admin("Faults")
    rule = next((one for one in call.faults.rules if str(one.id) == given.text("id")), None)
    if rule is None:
        raise not_found("This fault was removed already")
    call.faults.remove(rule)
    return redirect(_PAGE)


def clear_faults(call: Call, _given: Given) -> Answer:
    """Remove all rules."""
    call.check_admin("Faults")
    call.faults.clear()
    return redirect(_PAGE)
