"""Confirmation of what cannot be undone."""

from __future__ import annotations

import sys

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.logs.redaction import sanitize_line

__all__ = ["confirm", "has_terminal"]


def has_terminal() -> bool:
    """Whether questions can be asked: stdin and stderr are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def confirm(action: str, *, yes: bool) -> None:
    """Ask on the terminal whether to go on.

    Args:
        action: What would be done, as ``delete the repository owner/name``.
        yes: The option ``--yes``: do not ask.

    Raises:
        CommandError: The answer is no, or there is no terminal to ask on.
    """
    if yes:
        return
    if not has_terminal():
        raise CommandError(f"Nothing was done: there is no terminal to ask whether to {action}. Pass --yes to do it.")
    sys.stderr.write(sanitize_line(f"This will {action}. Go on? [y/N] "))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("Nothing was done.", ExitCode.ERROR)
