"""The code blocks of a page, and how they are run."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from hub_typed import HfApi
from hub_typed.local import LocalHub

FENCE = re.compile(r'^```(\w*)(?: title="([^"]*)")?[^\n]*\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@attrs.frozen
class Block:
    """A block between fences.

    Attributes:
        language: First word after the fence; ``output`` is what the block of Python before it prints.
        file: Name of the file that it is; ``None`` if it is part of the page.
        line: Number of its first line in the page.
    """

    language: str
    file: str | None
    code: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        yield Block(found[1], found[2], found[3], text.count("\n", 0, found.start(3)) + 1)


def run(page: Path) -> None:
    """Run the blocks of Python of a page in order, in one namespace, and compare what they print where it is shown.

    In expected output, ``...`` stands for any text. Blocks that are files are not run.
    """
    namespace: dict[str, Any] = {"__name__": page.stem}
    try:
        _run(page, namespace)
    finally:
        for value in [*namespace.values()]:
            if isinstance(value, HfApi):
                value.close()
            elif isinstance(value, LocalHub):
                value.stop()


def _run(page: Path, namespace: dict[str, Any]) -> None:
    printed: str | None = None
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.name}, line {block.line}"
        if block.language == "python" and block.file is None:
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(code, namespace)
            printed = output.getvalue()
        elif block.language == "output":
            assert printed is not None, f"{where}: output without code"
            same = doctest.OutputChecker().check_output(block.code, printed, doctest.ELLIPSIS)
            assert same, f"{where}: expected\n{block.code}\nbut got\n{printed}"
            printed = None
