"""Handler of telemetry: requests are counted and otherwise ignored."""

from __future__ import annotations

from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer
from hub_typed_api.server.telemetry import TelemetryHandlers

__all__ = ["Telemetry"]


class Telemetry(TelemetryHandlers[Call]):
    """Handlers of the operations in the area ``telemetry``."""

    def send_telemetry(self, call: Call, *, topic: str) -> Answer:
        return Answer(status=200)
