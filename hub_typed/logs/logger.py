"""Logger of the library. Its records contain no secrets, and text from elsewhere cannot start a new line."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import Final

from hub_typed.logs.redaction import sanitize_line

__all__ = ["log"]


class _SanitizingFilter(logging.Filter):
    """Sanitizes the arguments of log records; their messages are the library's own."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_sanitize_argument, record.args))
        return True


def _sanitize_argument(argument: object) -> object:
    if isinstance(argument, str | BaseException | PurePath):
        return sanitize_line(str(argument))
    return argument


log: Final[logging.Logger] = logging.getLogger("hub_typed")
log.addFilter(_SanitizingFilter())
