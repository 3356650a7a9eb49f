"""Filter for log records of urllib3 that removes queries and secrets from the requests of this library.

urllib3 logs on the thread that sends the request, so a thread-local flag distinguishes records of this library from
those of other users of urllib3, which are not changed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

from hub_typed.http.error_responses import redact_text
from hub_typed.logs.redaction import sanitize_line
from hub_typed.urls.url import display_url

__all__ = ["install_filter", "redacted_records"]

LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry", "http2.connection")
_thread = threading.local()


@contextmanager
def redacted_records() -> Generator[None, None, None]:
    """Mark log records of this thread as records of this library."""
    before = getattr(_thread, "redacted_records", False)
    _thread.redacted_records = True
    try:
        yield
    finally:
        _thread.redacted_records = before


class _RedactingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(_thread, "redacted_records", False):
            if isinstance(record.args, tuple):
                record.args = tuple(map(_redact, record.args))
            record.exc_info = None  # its text is not redacted; the message contains the error
        return True


def _redact(argument: object) -> object:
    if isinstance(argument, BaseException):
        return sanitize_line(redact_text(str(argument)))
    if isinstance(argument, str):
        return sanitize_line(redact_text(display_url(argument)))
    return argument


_filter = _RedactingFilter()


def install_filter() -> None:
    """Install the filter on all loggers of urllib3, since a filter does not apply to records of child loggers."""
    for name in LOGGERS:
        logging.getLogger(f"urllib3.{name}").addFilter(_filter)
