"""What a command says on stderr: errors, and the library's warnings and log, one line each."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager

from hub_typed.logs.logger import log
from hub_typed.logs.redaction import sanitize_line

__all__ = ["say", "shown_messages"]


def say(message: str) -> None:
    """Print a line on stderr, with control characters escaped."""
    sys.stderr.write(f"{sanitize_line(message)}\n")
    sys.stderr.flush()


@contextmanager
def shown_messages() -> Generator[None]:
    """Print the library's warnings and log records on stderr."""
    handler = _Handler(logging.WARNING)
    propagated, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = _show_warning
            yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagated


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.levelname.capitalize()}: {' '.join(record.getMessage().split())}")


def _show_warning(message: Warning | str, *_origin: object, **_more: object) -> None:
    say(f"Warning: {' '.join(str(message).split())}")
