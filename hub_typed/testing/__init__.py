"""Recorded exchanges with the Hub, for tests without it; `docs/testing.md` describes them."""

from __future__ import annotations

from hub_typed.testing.recording import record, replay
from hub_typed.testing.replaying import NotRecordedError

__all__ = ["NotRecordedError", "record", "replay"]
