"""What a Python script asks for in the table ``[tool.hf-jobs]`` of its header (PEP 723)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast
from urllib.parse import urlsplit

import attrs

from hub_typed.cli.failures import CommandError

__all__ = ["NO_HEADER", "ScriptHeader", "read_script"]

TABLE: Final = "[tool.hf-jobs]"
_BLOCK: Final = re.compile(r"(?m)^# /// script$\n(?P<content>(?:^#(?: .*)?$\n)+)^# ///$")


@attrs.frozen(kw_only=True)
class ScriptHeader:
    """How a script wants to run; its attributes are the keys of the table."""

    image: str | None = None
    flavor: str | None = None
    python: str | None = None
    timeout: str | None = None
    name: str | None = None
    namespace: str | None = None
    network_group: str | None = None
    env: dict[str, str] = attrs.field(factory=dict[str, str])
    secrets: list[str] = attrs.field(factory=list[str])
    labels: dict[str, str] = attrs.field(factory=dict[str, str])
    volumes: list[str] = attrs.field(factory=list[str])
    network_aliases: list[str] = attrs.field(factory=list[str])


NO_HEADER: Final = ScriptHeader()


@contextmanager
def read_script(script: str) -> Generator[tuple[str, ScriptHeader], None, None]:
    """Return a script and its header. A URL is downloaded; if it has a header, the path of the copy is returned.

    Args:
        script: Path, URL or command, which has no header.

    Raises:
        CommandError: The header is invalid.
        HubError: The script cannot be downloaded.
    """
    if script.startswith(("http://", "https://")):
        with TemporaryDirectory() as folder:
            name = Path(urlsplit(script).path).name
            path = Path(folder) / (name if name.endswith(".py") else "script.py")
            path.write_bytes(_download(script))
            header = parse_header(path.read_text(encoding="utf-8"))
            yield script if header == NO_HEADER else str(path), header
    elif Path(script).is_file():
        yield script, parse_header(Path(script).read_text(encoding="utf-8"))
    else:
        yield script, NO_HEADER


def parse_header(text: str) -> ScriptHeader:
    """Return what a script asks for.

    Raises:
        CommandError: The header is no TOML, or has an unknown key or a value of another type.
    """
    block = _BLOCK.search(text.replace("\r\n", "\n").replace("\r", "\n"))
    if block is None or "hf-jobs" not in block["content"]:
        return NO_HEADER
    lines = [line.removeprefix("#").removeprefix(" ") for line in block["content"].splitlines()]
    try:
        found: Any = tomllib.loads("\n".join(lines)).get("tool", {}).get("hf-jobs", {})
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"The header of the script is no TOML: {error}.") from None
    table = cast("dict[str, object]", found)
    known = {field.name: str(field.type) for field in attrs.fields(ScriptHeader)}
    if unknown := sorted(table.keys() - known.keys()):
        raise CommandError(
            f"{TABLE} of the script has unknown keys: {', '.join(unknown)}. It may have: {', '.join(known)}."
        )
    if isinstance(timeout := table.get("timeout"), int) and not isinstance(timeout, bool):
        table["timeout"] = str(timeout)
    for key, value in table.items():
        if not _fits(value, known[key]):
            hint = " Secrets are names, whose values come from the environment." if key == "secrets" else ""
            raise CommandError(f"{key} in {TABLE} of the script must be {_MEANINGS[known[key]]}.{hint}")
    return ScriptHeader(**cast("dict[str, Any]", table))


_MEANINGS: Final[Mapping[str, str]] = {
    "str | None": "a text",
    "list[str]": "a list of texts",
    "dict[str, str]": "a table of texts",
}


def _fits(value: object, kind: str) -> bool:
    if kind == "list[str]":
        return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value))
    if kind == "dict[str, str]":
        return isinstance(value, dict) and all(
            isinstance(one, str) for one in cast("dict[str, object]", value).values()
        )
    return isinstance(value, str)


def _download(url: str) -> bytes:
    from hub_typed import get_session, hf_raise_for_status

    response = get_session().get(url)
    hf_raise_for_status(response)
    return response.content
