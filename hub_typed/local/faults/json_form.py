"""Rules as JSON, for tests in other languages: the members of `Rule`, whose fault has its class as ``type``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import attrs

from hub_typed.local.faults.model import Fault
from hub_typed.local.faults.rules import Faults, Rule

__all__ = ["FAULT_TYPES", "add_rule", "describe_rule"]

FAULT_TYPES: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Fault)}
_CONDITIONS = ("operation", "path", "method", "skip", "times", "probability", "seed")


def add_rule(faults: Faults, members: Mapping[str, Any]) -> Rule:
    """Add the rule that a JSON object describes, as ``{"fault": {"type": "Status", "status": 503}, "times": 2}``.

    Raises:
        ValueError: The object describes no rule.
    """
    conditions = {name: value for name, value in members.items() if name != "fault"}
    _check_names("a rule", conditions, _CONDITIONS, beside="fault")
    return faults.add(_read_fault(members.get("fault")), **conditions)


def describe_rule(rule: Rule) -> dict[str, object]:
    """Return the JSON object of a rule, with its counts."""
    fault = {"type": type(rule.fault).__name__, **attrs.asdict(rule.fault)}
    conditions = {name: getattr(rule, name) for name in _CONDITIONS}
    return {"id": rule.id, "fault": fault, **conditions, "matched": rule.matched, "count": rule.count}


def _read_fault(value: object) -> Fault:
    if not isinstance(value, dict):
        raise ValueError(f"a rule needs a fault: an object with a type, one of {', '.join(FAULT_TYPES)}")
    members: dict[str, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]  # JSON
    name = members.pop("type", None)
    if not isinstance(name, str) or name not in FAULT_TYPES:
        raise ValueError(f"unknown type of fault {name!r}: it must be one of {', '.join(FAULT_TYPES)}")
    kind = FAULT_TYPES[name]
    fields = {field.name: field for field in attrs.fields(kind)}
    _check_names(name, members, fields, beside="type")
    missing = [field.name for field in fields.values() if field.default is attrs.NOTHING and field.name not in members]
    if missing:
        raise ValueError(f"{name} needs {' and '.join(missing)}")
    fault: Fault = kind(**members)
    return fault


def _check_names(what: str, given: Mapping[str, object], known: Any, *, beside: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"unknown member {unknown[0]!r} of {what}: it has {', '.join((beside, *known))}")
