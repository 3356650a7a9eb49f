"""Exit codes of the command line."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Why a command ended.

    Attributes:
        OK: It did what was asked; also if the reader of its output closed the pipe.
        ERROR: It failed for a reason that no other code stands for.
        USAGE: An argument, an option, a local file name, or a setting in the environment is wrong, or ``--yes`` is
            missing; nothing was uploaded, downloaded or deleted.
        NOT_FOUND: A repository, revision, file or other object does not exist, or is hidden from this account.
        NOT_ALLOWED: The Hub or the system refused: no token, a wrong one, or one without the permission.
        NETWORK: The Hub could not be reached, or cannot answer now: no connection, a timeout, 429, 5xx.
        STOPPED: It was stopped by Ctrl-C.
    """

    OK = 0
    ERROR = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    NETWORK = 5
    STOPPED = 130
