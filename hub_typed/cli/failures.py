"""From an error to one line on stderr and an exit code."""

from __future__ import annotations

import os

from cyclopts import CycloptsError

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.errors import (
    CacheNotFound,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HubError,
    InvalidTokenError,
    LocalTokenNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    SettingsError,
    TransportError,
)
from hub_typed.logs.redaction import sanitize_line

__all__ = ["CommandError", "describe_failure", "exit_code"]

_NOT_FOUND = (RepositoryNotFoundError, RevisionNotFoundError, EntryNotFoundError, CacheNotFound, FileNotFoundError)
_NOT_ALLOWED = (GatedRepoError, LocalTokenNotFoundError, PermissionError)
_USAGE = (CycloptsError, HFValidationError, InvalidTokenError, SettingsError)
_LOGIN_HINT = "Log in with `hub-typed auth login`, or pass --token."


class CommandError(Exception):
    """A command cannot go on.

    Attributes:
        code: Exit code of the process.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code of an error."""
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, _USAGE) or (type(error) is ValueError and error.__cause__ is None):  # of an argument
        return ExitCode.USAGE
    if isinstance(error, _NOT_ALLOWED):
        return ExitCode.NOT_ALLOWED
    if isinstance(error, TransportError) or isinstance(
        error.__cause__, TransportError
    ):  # the cache lacks the file, too
        return ExitCode.NETWORK
    if isinstance(error, _NOT_FOUND):
        return ExitCode.NOT_FOUND
    match _status(error) or _status(error.__cause__):
        case 401 | 403:
            return ExitCode.NOT_ALLOWED
        case 404 | 410:
            return ExitCode.NOT_FOUND
        case 429 | 500 | 502 | 503 | 504:
            return ExitCode.NETWORK
        case _:
            return ExitCode.ERROR


def describe_failure(error: BaseException) -> str:
    """Return one line that says what happened and what to do."""
    if isinstance(error, LocalTokenNotFoundError):
        return "Not logged in: run `hub-typed auth login`, set HF_TOKEN, or pass --token."
    message = _one_line(error) or type(error).__name__
    if not isinstance(error, HubError | CommandError | CycloptsError | OSError | ValueError | ImportError):
        message = f"{type(error).__name__}: {message} (this is a bug; HF_DEBUG=1 shows where)"
    if isinstance(error, CycloptsError):
        message += " See --help."
    elif _status(error) == 401:
        message += f" {_LOGIN_HINT}"
    return sanitize_line(message)


def _one_line(error: BaseException) -> str:
    """Return the text of an error without line breaks; each line of a response that was an error is a statement."""
    if not isinstance(error, HfHubHTTPError):
        return " ".join(str(error).split())
    lines = [" ".join(line.split()) for line in str(error).splitlines()]
    return " ".join(line if line.endswith((".", ":")) else f"{line};" for line in lines if line).removesuffix(";")


def is_debugging() -> bool:
    """Whether errors are shown with their tracebacks."""
    return os.environ.get("HF_DEBUG", "").upper() in ("1", "ON", "YES", "TRUE")


def _status(error: BaseException | None) -> int | None:
    return error.response.status_code if isinstance(error, HfHubHTTPError) else None
