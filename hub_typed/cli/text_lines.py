"""Text of the Hub with line breaks."""

from __future__ import annotations

from hub_typed.cli.output import Output

__all__ = ["print_lines"]


def print_lines(text: str, output: Output) -> None:
    """Print text as it is; on a terminal, control characters are escaped, but not the ends of lines."""
    for line in text.splitlines(keepends=True):
        content = line.rstrip("\r\n")
        output.text(content, end=line[len(content) :])
