"""The command tree, and what happens around every command."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import TextIO

from cyclopts import App, Parameter

from hub_typed.cli.exit_codes import ExitCode

__all__ = ["create_app", "main"]

AREAS = (
    "access",
    "auth",
    "buckets",
    "cache",
    "collections",
    "datasets",
    "discussions",
    "endpoints",
    "jobs",
    "models",
    "orgs",
    "papers",
    "repos",
    "spaces",
    "users",
    "webhooks",
)
"""Modules in `hub_typed.cli.commands` with an ``app`` of several commands."""
COMMANDS = {
    "call": "call:call",
    "completion": "completion:print_completion",
    "cp": "copy_files:copy",
    "download": "download:download",
    "env": "environment:print_environment",
    "lfs-enable-largefiles": "large_files:enable_large_files",
    "lfs-multipart-upload": "large_files:run_transfer_agent",
    "serve": "serve:serve_hub",
    "sync": "buckets:sync",
    "upload": "upload:upload",
    "upload-large-folder": "upload:upload_large_folder",
    "version": "environment:print_version",
    "--version": "environment:print_version",
}
"""Single commands, each with its module and function."""


def create_app() -> App:
    """Create the command tree; the module of a command is imported when it is called, or its help is printed."""
    app = App(
        name="hub-typed",
        help="A client of the Hugging Face Hub.",
        version_flags=(),  # a command, since Cyclopts prints a version with rich, which takes longer
        default_parameter=Parameter(negative_bool=(), negative_iterable=(), negative_none=(), show_default=False),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=False,
    )
    for area in AREAS:
        app.command(f"hub_typed.cli.commands.{area.replace('-', '_')}:app", name=area)
    for name, function in COMMANDS.items():
        app.command(f"hub_typed.cli.commands.{function}", name=name)
    return app


def main(arguments: Sequence[str]) -> int:
    """Run one command, and return its exit code.

    Errors become one line on stderr. Ctrl-C ends the command; a second one ends the process at once.
    """
    try:
        return _run(list(arguments))
    except KeyboardInterrupt:
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\n")
        return ExitCode.STOPPED
    except BrokenPipeError:  # the reader, as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK


def _nowhere() -> TextIO:
    """Return what stands for a standard stream that is closed."""
    return open(os.devnull, "w", encoding="utf-8")  # for the rest of the process


def _run(arguments: list[str]) -> int:
    from hub_typed.cli.messages import say, shown_messages

    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever the encoding of the terminal is
    app = create_app()
    if not set(arguments) - {"--help", "-h"}:
        app.resolved_commands()  # whose help says what each command does
    with shown_messages():
        try:
            app(arguments)
            sys.stdout.flush()
            return ExitCode.OK
        except SystemExit as end:  # of a command that chooses its exit code, or of rich, which says so of a closed pipe
            is_closed = isinstance(end.__context__, BrokenPipeError)
            return end.code if isinstance(end.code, int) and not is_closed else ExitCode.OK
        except BrokenPipeError:
            raise
        except Exception as error:
            from hub_typed.cli.failures import describe_failure, exit_code, is_debugging

            if is_debugging():
                raise
            say(f"Error: {describe_failure(error)}")
            return exit_code(error)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            raise
