"""Logs of a Space, which a test writes: the embedded Hub runs no Space."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from hub_typed.local.json_files import read_json, write_json
from hub_typed_api.codec.common import unstructure_log_event
from hub_typed_api.models import LogEvent

__all__ = ["LogType", "SpaceLogs", "event_stream"]

LogType: TypeAlias = Literal["build", "run"]
MAX_ENTRIES = 10_000
"""Entries of each log that are kept, the last ones."""
POLL = 0.02
"""Seconds between two looks at a log that is followed."""


class SpaceLogs:
    """File with the logs of one Space. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def entries(self, log_type: str) -> Sequence[Mapping[str, str]]:
        """Return the entries of a log, each with ``data`` and ``timestamp``."""
        found: dict[str, list[dict[str, str]]] = read_json(self._file, {})
        return found.get(log_type, [])

    def write(self, log_type: LogType, text: str, timestamp: str) -> None:
        """Add an entry to a log."""
        found: dict[str, list[dict[str, str]]] = read_json(self._file, {})
        entries = [*found.get(log_type, []), {"data": text, "timestamp": timestamp}]
        write_json(self._file, {**found, log_type: entries[-MAX_ENTRIES:]})


def event_stream(logs: SpaceLogs, log_type: str, *, tail: int | None, patience: float) -> Iterator[bytes]:
    """Yield a log as server-sent events.

    Args:
        tail: Maximum number of stored entries, the last ones.
        patience: Seconds for which further entries are awaited, each time.
    """
    yield b"data: \n\n"  # as the Hub begins, and keeps the connection alive
    entries = logs.entries(log_type)
    sent = 0 if tail is None else max(0, len(entries) - tail)
    last = time.monotonic()
    while True:
        for entry in entries[sent:]:
            event = LogEvent(data=entry["data"], timestamp=datetime.fromisoformat(entry["timestamp"]))
            yield f"data: {json.dumps(unstructure_log_event(event))}\n\n".encode()
            last = time.monotonic()
        sent = len(entries)
        if time.monotonic() >= last + patience:
            return
        time.sleep(POLL)
        entries = logs.entries(log_type)
