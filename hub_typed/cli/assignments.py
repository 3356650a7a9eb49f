"""``NAME=value`` pairs from options, files and the environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub_typed.cli.failures import CommandError

__all__ = ["read_assignments", "read_fields"]

_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_QUOTES: Final = ("'", '"')


def read_assignments(given: Iterable[str], file: str | None, *, option: str) -> dict[str, str]:
    """Read pairs; those of the option replace those of the file.

    Args:
        given: Values of the option: ``NAME=value``, or ``NAME``, whose value is that of the environment. ``HF_TOKEN``
            is the stored token if the environment has none.
        file: Path of a file with one ``NAME=value`` in each line, or ``-`` for stdin. Empty lines, those that begin
            with ``#``, a leading ``export``, and quotes around a value are ignored.
        option: Name of the option, for messages, which never contain a value.

    Raises:
        CommandError: A pair is invalid, or the environment has no such variable.
        FileNotFoundError: There is no such file.
    """
    found: dict[str, str] = {}
    if file is not None:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                name, value = _split(stripped.removeprefix("export "), f"Line {number} of {option}-file {file}")
                found[name] = _without_quotes(value)
    for one in given:
        if "=" in one:
            name, value = _split(one, option)
        else:
            name, value = one, _of_environment(one, option)
        found[name] = value
    return found


def read_fields(given: Iterable[str], *, option: str) -> dict[str, str]:
    """Read answers of a form, ``label=answer``, whose labels may be any text.

    Raises:
        CommandError: One has no label.
    """
    found: dict[str, str] = {}
    for one in given:
        label, equals, answer = one.partition("=")
        if not equals or not label:
            raise CommandError(f"{option} {one} is not label=answer.")
        found[label] = answer
    return found


def _split(pair: str, where: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not _NAME.fullmatch(name := name.strip()):
        raise CommandError(f"{where} is not NAME=value: a name has letters, digits and _.")
    return name, value


def _without_quotes(value: str) -> str:
    text = value.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES else text


def _of_environment(name: str, option: str) -> str:
    from hub_typed import get_token

    if not _NAME.fullmatch(name):
        raise CommandError(
            f"{option} has a value that is neither NAME=value nor NAME: names have letters, digits and _."
        )
    value = os.environ.get(name) or (get_token() if name == "HF_TOKEN" else None)
    if value is None:
        raise CommandError(f"The environment has no variable {name}: set it, or pass {option} {name}=value.")
    return value
