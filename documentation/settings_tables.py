"""Tables of the settings and of the environment variables, found out from `Settings` itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Final

import attrs

from documentation.tables import table
from hub_typed.auth.tokens import TOKEN_VARIABLES
from hub_typed.errors import SettingsError
from hub_typed.settings import Settings

__all__ = ["meanings", "settings_table", "variables_of", "variables_table"]

_PROBES: Final = ("1", "http://probe.test", "/probe", "follow")
_HOME: Final = {"HOME": "/home/user", "USERPROFILE": "/home/user"}
_SHOWN: Final = {
    "cache_dir": "`~/.cache/huggingface/hub`",
    "token_path": "`~/.cache/huggingface/token`",
    "servers": "none",
}
_MEANINGS: Final = {
    "HF_TOKEN": "The token; it takes precedence over the stored one.",
    "HUGGING_FACE_HUB_TOKEN": "The same, if `HF_TOKEN` is not set.",
    "HF_HOME": "Folder of the cache and of the tokens; `~/.cache/huggingface` by default.",
    "XDG_CACHE_HOME": "Parent folder of the default `HF_HOME`; `~/.cache` by default.",
}


class _Recorder(Mapping[str, str]):
    """Environment variables; notes which ones are asked for."""

    def __init__(self, **variables: str) -> None:
        self._variables = variables
        self.asked: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = None
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def variables_of() -> dict[str, set[str]]:
    """Find the settings that each environment variable changes."""
    nothing = _Recorder()
    usual = Settings.from_environment(nothing)
    found: dict[str, set[str]] = {}
    for name in nothing.asked:
        for probe in _PROBES:
            try:
                changed = Settings.from_environment({name: probe})
            except SettingsError:
                continue
            differing = {
                one.name for one in attrs.fields(Settings) if getattr(changed, one.name) != getattr(usual, one.name)
            }
            found.setdefault(name, set()).update(differing)
    return found


def meanings() -> dict[str, str]:
    """Read what the docstring says of each setting, as Markdown."""
    text = cleandoc(Settings.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", text, re.MULTILINE)
    return {name: " ".join(meaning.split()).replace("``", "`") for name, meaning in found}


def settings_table() -> str:
    """Write a row for each setting: default, environment variables, meaning."""
    variables: dict[str, list[str]] = {}
    for variable, settings in variables_of().items():
        for name in settings:
            variables.setdefault(name, []).append(f"`{variable}`")
    usual, told = Settings(), meanings()
    rows = [
        (
            f"`{one.name}`",
            _SHOWN.get(one.name) or f"`{_literal(getattr(usual, one.name))}`",
            ", ".join(variables.get(one.name, [])),
            told[one.name],
        )
        for one in attrs.fields(Settings)
    ]
    return table(("setting", "default", "environment variables", "meaning"), rows)


def variables_table() -> str:
    """Write a row for each environment variable that the client reads."""
    rows = [(f"`{name}`", "token of a client", _MEANINGS[name]) for name in TOKEN_VARIABLES]
    for variable, settings in variables_of().items():
        names = ", ".join(f"`{name}`" for name in sorted(settings))
        rows.append((f"`{variable}`", names, _MEANINGS.get(variable, "")))
    return table(("variable", "sets", "meaning"), rows)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return repr(str(value)).replace("'", '"')
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 20 and value % (1 << 20) == 0:
        return f"{value >> 20} << 20"
    return str(value)
