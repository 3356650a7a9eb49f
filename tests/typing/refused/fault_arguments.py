"""Faults that make no sense. Each line that must be refused says by what mypy and what pyright do so."""

from __future__ import annotations

from hub_typed.local import LocalHub
from hub_typed.local.faults import RateLimited, Reset, Status


def faults(hub: LocalHub) -> None:
    Status()  # refused: call-arg, reportCallIssue
    Status("503")  # refused: arg-type, reportArgumentType
    Reset(of="answer")  # refused: arg-type, reportArgumentType
    RateLimited(5, form="date")  # refused: arg-type, reportArgumentType
    hub.faults.add(503)  # refused: arg-type, reportArgumentType
    hub.faults.add(Reset(), "commits.*")  # refused: call-arg, reportCallIssue
    hub.faults.add(Reset(), times="2")  # refused: arg-type, reportArgumentType
