"""Logger of the library; its records contain no secrets, and foreign text cannot start a new line."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import Final

from hub_typed.logs.redaction import cleaned_line

__all__ = ["log"]


class _Cleaned(logging.Filter):
    """Sanitizes the arguments of records; their messages are the library's own."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_cleaned, record.args))
        return True


def _cleaned(argument: object) -> object:
    if isinstance(argument, str | BaseException | PurePath):
        return cleaned_line(str(argument))
    return argument


log: Final[logging.Logger] = logging.getLogger("hub_typed")
log.addFilter(_Cleaned())
