"""Log records of urllib3 for requests of this library, without queries.

urllib3 logs in the thread that sends, so a mark of this thread tells our records from those of other users of urllib3,
which stay as they are.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

from hub_typed.http.error_responses import redact_text
from hub_typed.logs.redaction import sanitize_line
from hub_typed.urls.url import display_url

__all__ = ["install", "ours"]

LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry", "http2.connection")
_thread = threading.local()


@contextmanager
def ours() -> Generator[None, None, None]:
    """Mark log records of this thread as those of a request of the library."""
    before = getattr(_thread, "ours", False)
    _thread.ours = True
    try:
        yield
    finally:
        _thread.ours = before


class _WithoutQueries(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(_thread, "ours", False):
            if isinstance(record.args, tuple):
                record.args = tuple(map(_cleaned, record.args))
            record.exc_info = None  # the message tells the error; its traceback would tell it unredacted
        return True


def _cleaned(argument: object) -> object:
    if isinstance(argument, BaseException):
        return sanitize_line(redact_text(str(argument)))
    if isinstance(argument, str):
        return sanitize_line(redact_text(display_url(argument)))
    return argument


_filter = _WithoutQueries()


def install() -> None:
    """Install the filter on the loggers of urllib3; a filter of a logger does not see records of its children."""
    for name in LOGGERS:
        logging.getLogger(f"urllib3.{name}").addFilter(_filter)
