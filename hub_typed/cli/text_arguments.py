"""Longer text, given as an option, in a file, or on stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError

__all__ = ["Body", "BodyFile", "read_body"]

Body: TypeAlias = Annotated[str | None, Parameter(help="Text, in Markdown.", allow_leading_hyphen=True)]
BodyFile: TypeAlias = Annotated[
    Path | None, Parameter(help="File with the text; - for stdin.", allow_leading_hyphen=True)
]


def read_body(body: str | None, body_file: Path | None) -> str | None:
    """Return the text that the options give; ``None`` without one.

    Raises:
        CommandError: Both are given.
        OSError: The file cannot be read.
        UnicodeDecodeError: The file is not UTF-8.
    """
    if body is not None and body_file is not None:
        raise CommandError("Give the text by --body or by --body-file, not by both.")
    if body_file is None:
        return body
    return sys.stdin.read() if str(body_file) == "-" else body_file.read_text(encoding="utf-8")
