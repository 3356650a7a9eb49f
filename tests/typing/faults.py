"""What a downstream author gets from the faults of the embedded Hub; read by mypy and pyright, never run."""

from __future__ import annotations

from typing import assert_type

from hub_typed.local import LocalHub
from hub_typed.local.faults import (
    ClosedConnection,
    Drip,
    ExpiredUrls,
    Fault,
    Faults,
    Part,
    RateLimited,
    RateLimitForm,
    Reset,
    Rule,
    Stall,
    Status,
    Truncated,
    WrongBytes,
)


def every_fault(part: Part, form: RateLimitForm) -> list[Fault]:
    return [
        Status(503),
        Status(504, "message", {"retry-after": "1"}, applied=True),
        RateLimited(60),
        RateLimited(seconds=60, form=form),
        ExpiredUrls(),
        Reset(),
        Reset(after=100_000, of=part),
        Truncated(at=5),
        Stall(),
        Stall(1.5, after=10, of="request"),
        Drip(1000),
        Drip(bytes_per_second=0.5, of=part),
        WrongBytes(at=5, count=2),
        ClosedConnection(),
    ]


def rules(hub: LocalHub) -> None:
    assert_type(hub.faults, Faults)
    rule = hub.faults.add(Status(503), operation="commits.*", path="/api/*", method="POST", skip=1, times=2)
    assert_type(rule, Rule)
    assert_type(rule.fault, Fault)
    assert_type(rule.count, int)
    assert_type(rule.matched, int)
    assert_type(rule.times, int | None)
    assert_type(hub.faults.rules, list[Rule])
    hub.faults.add(Reset(), probability=0.5, seed=1)
    hub.faults.remove(rule)
    hub.faults.clear()
