"""Tables of the command line, read from its command tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from inspect import cleandoc
from itertools import groupby
from typing import TYPE_CHECKING, get_args

import attrs

from documentation.docstrings import attribute_meanings
from documentation.tables import table
from hub_typed.cli.app import create_app
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.output import COMMON

if TYPE_CHECKING:
    from cyclopts import App, Argument

__all__ = ["areas_table", "commands_reference", "common_options_table", "exit_codes_table"]


@attrs.frozen(kw_only=True)
class Command:
    """A command that can be called.

    Attributes:
        names: Its name after those of the areas it is in, as in ``("repos", "tag", "list")``.
        aliases: Other last names.
        text: What it does, as Markdown.
        arguments: Arguments and options, without the common ones.
        common: Common options.
    """

    names: tuple[str, ...]
    aliases: tuple[str, ...]
    text: str
    arguments: tuple[Argument, ...]
    common: tuple[Argument, ...]

    @property
    def usage(self) -> str:
        """The command with its arguments and with the options that it needs."""
        words = [*self.names]
        words += [f"{one.name} {_placeholder(one)}" for one in self.arguments if _is_option(one) and one.required]
        words += [_shown_argument(one) for one in self.arguments if not _is_option(one)]
        return " ".join(words)


def areas_table() -> str:
    """Write a row for each area with its commands, and for each command that is in none."""
    areas: dict[str, dict[str, list[str]]] = {}
    rows: list[tuple[str, str]] = []
    for one in _commands():
        if len(one.names) == 1:
            rows.append((f"`{one.usage}`", one.text.partition("\n\n")[0]))
        else:
            first, *inner, last = one.names
            areas.setdefault(first, {}).setdefault(" ".join(inner), []).append(last)
    texts = _area_texts()
    for area, groups in areas.items():
        named = [f"`{' '.join([area, *filter(None, [inner])])}` {', '.join(groups[inner])}" for inner in sorted(groups)]
        rows.append(("; ".join(named), texts[area]))
    return table(("command", "what it does"), sorted(rows))


def commands_reference() -> str:
    """Write a section for each command, below its area: usage, text, and a table of its options."""
    texts = _area_texts()
    sections: list[str] = []
    for area, commands in groupby(_commands(), key=lambda one: one.names[0]):
        found = list(commands)
        if found[0].names == (area,):
            sections.append(_section(found[0], level=2))
        else:
            sections.append(f"## {area}\n\n{texts[area]}\n")
            sections += [_section(one, level=3) for one in found]
    return "\n".join(sections)


def common_options_table() -> str:
    """Write a row for each of the options that most commands have."""
    return _arguments_table(_common_options().values())


def exit_codes_table() -> str:
    """Write a row for each exit code."""
    told = attribute_meanings(ExitCode)
    return table(("code", "meaning"), [(str(one.value), told[one.name]) for one in ExitCode])


def _section(command: Command, *, level: int) -> str:
    title = f"{'#' * level} {' '.join(command.names)}"
    shown = [f"{title}\n", f"```text\nhub-typed {command.usage}\n```\n", f"{command.text}\n"]
    if command.aliases:
        others = [" ".join((*command.names[:-1], one)) for one in command.aliases]
        shown.append(f"Also: `{'`, `'.join(others)}`.\n")
    if command.arguments:
        shown.append(_arguments_table(command.arguments))
    common = [one.name for one in command.common]
    if len(common) < len(_common_options()):
        named = f"only `{'`, `'.join(common)}`" if common else "none"
        shown.append(f"[Common options](#common-options): {named}.\n")
    return "\n".join(shown)


def _area_texts() -> dict[str, str]:
    return {name: _text(app) for name, (app, _) in _children(create_app()).items()}


@cache
def _common_options() -> dict[str, Argument]:
    return {option.name: option for command in _commands() for option in command.common}


@cache
def _commands() -> tuple[Command, ...]:
    """List all commands, in the order of their names."""
    root = create_app()

    def below(app: App, path: tuple[str, ...]) -> Iterator[Command]:
        for name, (child, aliases) in sorted(_children(app).items()):
            names = (*path, name)
            if _children(child):
                yield from below(child, names)
                continue
            with root.app_stack(names):  # whose defaults hold for the options
                found = [one for one in child.assemble_argument_collection(parse_docstring=True) if one.show]
            yield Command(
                names=names,
                aliases=aliases,
                text=_text(child),
                arguments=tuple(one for one in found if not _is_common(one)),
                common=tuple(one for one in found if _is_common(one)),
            )

    return tuple(below(root, ()))


def _children(app: App) -> dict[str, tuple[App, tuple[str, ...]]]:
    """Return the commands below an area by their first names, each with its other names."""
    names: dict[int, list[str]] = {}
    apps: dict[int, App] = {}
    for name, child in app.resolved_commands().items():
        if not name.startswith("-"):
            names.setdefault(id(child), []).append(name)
            apps[id(child)] = child
    return {first: (apps[key], tuple(others)) for key, (first, *others) in names.items()}


def _text(app: App) -> str:
    return cleandoc(app.help).partition("Args:\n")[0].strip()


def _arguments_table(arguments: Iterable[Argument]) -> str:
    return table(("argument or option", "meaning"), [(_names(one), _meaning(one)) for one in arguments])


def _is_common(argument: Argument) -> bool:
    group = argument.parameter.group
    return isinstance(group, tuple) and COMMON in group


def _is_option(argument: Argument) -> bool:
    return argument.name.startswith("-")


def _names(argument: Argument) -> str:
    if not _is_option(argument):
        return f"`{_shown_argument(argument)}`"
    *others, last = argument.names
    return ", ".join(f"`{one}`" for one in (*others, f"{last} {_placeholder(argument)}".rstrip()))


def _shown_argument(argument: Argument) -> str:
    """Return an argument as usages show it: in brackets if it may be absent, with dots if it may be repeated."""
    _, is_repeated = argument.token_count()
    shown = f"{argument.name}..." if is_repeated else argument.name
    return shown if argument.required else f"[{shown}]"


def _placeholder(argument: Argument) -> str:
    """Return what stands for the value of an option; empty for a switch."""
    is_switch = bool in (argument.hint, *get_args(argument.hint))
    return "" if is_switch else argument.name.rpartition("-")[2].upper()


def _meaning(argument: Argument) -> str:
    parts = [argument.parameter.help or ""]
    if choices := argument.get_choices():
        parts.append(f"One of {', '.join(f'`{one}`' for one in choices)}.")
    if argument.parameter.show_default:
        parts.append(f"`{argument.field_info.default}` by default.")
    if argument.required and _is_option(argument):
        parts.append("Required.")
    return " ".join(filter(None, parts))
