"""Files that a command attaches to a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.shared_options import Patterns

if TYPE_CHECKING:
    from hub_typed import HfApi

__all__ = ["Attach", "attach_files"]

Attach: TypeAlias = Annotated[
    Patterns,
    Parameter(
        help="Picture, video or sound to upload, FILE or FILE#description: takes the place of FILE in a Markdown image "
        "of the text, else stands at the end of the text; may be repeated."
    ),
]


def attach_files(api: HfApi, text: str | None, given: Iterable[str]) -> str | None:
    """Upload files, and return the text with their URLs; ``None`` without text and files.

    Raises:
        CommandError: There is no such file; then none is uploaded.
    """
    for file, description in [_split(one) for one in given]:
        url = api.upload_attachment(file)
        pieces = re.split(rf"(?<=\]\(){re.escape(file)}(?=\))", text or "")
        if len(pieces) > 1:
            text = url.join(pieces)
        else:
            escaped = re.sub(r"([\[\]\\])", r"\\\1", description)
            shown = f"![{escaped}]({url})"
            text = f"{text.rstrip()}\n\n{shown}" if text and text.strip() else shown
    return text


def _split(given: str) -> tuple[str, str]:
    """Return a file and its description, by default its name."""
    file, _, description = (given, "", "") if Path(given).is_file() else given.partition("#")
    if not Path(file).is_file():
        raise CommandError(f"--attach: there is no file {file}.")
    return file, description or Path(file).stem
