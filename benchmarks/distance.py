"""Distant servers: a relay in front of one on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["DELAY", "RATE", "at_a_distance"]

RELAY: Final = Path(__file__).parent / "relay.py"
RATE: Final = 50e6
"""Bytes per second of a connection where it is limited."""
DELAY: Final = 0.02
"""Seconds that bytes travel in either direction: a request takes at least 40 ms."""


@contextmanager
def at_a_distance(port: int, delay: float = DELAY, rate: float = 0.0) -> Generator[str, None, None]:
    """Yield an endpoint of a server that seems distant.

    Args:
        port: Port of the server.
        delay: Seconds that bytes travel, in either direction.
        rate: Bytes per second of a connection in either direction; 0 for no limit.
    """
    command = [sys.executable, "-I", str(RELAY), str(port), str(delay), str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as relay:
        assert relay.stdout is not None
        try:
            yield f"http://127.0.0.1:{relay.stdout.readline().strip()}"
        finally:
            relay.terminate()
