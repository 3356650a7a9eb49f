"""How much the library logs."""

from __future__ import annotations

import logging
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING
from typing import Final

from hub_typed.logs.logger import log

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "NOTSET",
    "WARN",
    "WARNING",
    "disable_propagation",
    "enable_propagation",
    "get_logger",
    "get_verbosity",
    "log_levels",
    "set_verbosity",
    "set_verbosity_debug",
    "set_verbosity_error",
    "set_verbosity_info",
    "set_verbosity_warning",
]

log_levels: Final[dict[str, int]] = {
    "debug": DEBUG,
    "info": INFO,
    "warning": WARNING,
    "error": ERROR,
    "critical": CRITICAL,
}


def get_logger(name: str | None = None) -> logging.Logger:
    """Return a logger.

    Args:
        name: Name of the logger; the library's own if not given.
    """
    return logging.getLogger(name) if name else log


def get_verbosity() -> int:
    """Return the level of the library's logger."""
    return log.getEffectiveLevel()


def set_verbosity(verbosity: int) -> None:
    """Set the level of the library's logger, such as `INFO`."""
    log.setLevel(verbosity)


def set_verbosity_debug() -> None:
    """Log everything."""
    set_verbosity(DEBUG)


def set_verbosity_info() -> None:
    """Log what is done."""
    set_verbosity(INFO)


def set_verbosity_warning() -> None:
    """Log warnings and errors."""
    set_verbosity(WARNING)


def set_verbosity_error() -> None:
    """Log errors only."""
    set_verbosity(ERROR)


def enable_propagation() -> None:
    """Pass records of the library to the handlers of the program, as at first."""
    log.propagate = True


def disable_propagation() -> None:
    """Pass no records of the library to the handlers of the program."""
    log.propagate = False
