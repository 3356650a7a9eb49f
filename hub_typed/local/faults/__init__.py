"""Faults of an embedded Hub: errors, broken, slow and wrong responses, for tests of how clients react.

Example:
    from hub_typed.local.faults import Reset, Status

    with LocalHub() as hub:
        hub.faults.add(Status(503), operation="commits.create_commit", times=2)
        hub.faults.add(Reset(after=100_000), operation="storage.upload*", skip=3, times=1)
"""

from hub_typed.local.faults.model import (
    ClosedConnection,
    Drip,
    ExpiredTokens,
    ExpiredUrls,
    Fault,
    Part,
    RateLimited,
    RateLimitForm,
    Reset,
    Stall,
    Status,
    Truncated,
    WrongBytes,
)
from hub_typed.local.faults.rules import Faults, Rule

__all__ = [
    "ClosedConnection",
    "Drip",
    "ExpiredTokens",
    "ExpiredUrls",
    "Fault",
    "Faults",
    "Part",
    "RateLimitForm",
    "RateLimited",
    "Reset",
    "Rule",
    "Stall",
    "Status",
    "Truncated",
    "WrongBytes",
]
