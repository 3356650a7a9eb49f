"""Lists of models, datasets and Spaces, and of the files of one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias, cast

import attrs
from cyclopts import Group, Parameter

from hub_typed.cli.cells import Size
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import Revision
from hub_typed.cli.repo_files import print_files
from hub_typed.cli.shared_options import HubOptions, Patterns

if TYPE_CHECKING:
    from hub_typed import DatasetInfo, ModelInfo, SpaceInfo

    Info: TypeAlias = ModelInfo | DatasetInfo | SpaceInfo

__all__ = [
    "DEFAULT_LIMIT",
    "Author",
    "Expand",
    "FileList",
    "Filter",
    "ListedRepo",
    "Search",
    "expanded",
    "print_info",
    "print_infos",
]

DEFAULT_LIMIT: Final = 30
"""Repositories that are listed without ``--limit``."""

ListedRepo: TypeAlias = Annotated[
    str | None,
    Parameter(help="Name of a repository, owner/name, whose files are listed; if not given, repositories are."),
]
Search: TypeAlias = Annotated[str | None, Parameter(help="Text that the names must contain.")]
Author: TypeAlias = Annotated[str | None, Parameter(help="Only those of this user or organization.")]
Filter: TypeAlias = Annotated[Patterns, Parameter(help="A tag that they must have; may be repeated.")]
Expand: TypeAlias = Annotated[
    Patterns,
    Parameter(help="Members to print instead of the usual ones, by their names in JSON, separated by commas."),
]


def expanded(expand: Patterns) -> list[str] | None:
    """Return the members that ``--expand`` names."""
    return [name for one in expand or () for name in one.split(",") if name] or None


@Parameter(name="*", group=Group("Options of lists of files", sort_key=50))
@attrs.frozen(kw_only=True)
class FileList:
    """Which files of a repository are listed. Its attributes are options of every command that takes it."""

    tree: Annotated[bool, Parameter(help="Draw the files as a tree.")] = False
    recursive: Annotated[bool, Parameter(name=("--recursive", "-R"), help="Also list what is in folders.")] = False
    revision: Revision = None

    def check_unused(self) -> None:
        """Check that none of the options is given, because repositories are listed.

        Raises:
            CommandError: One is.
        """
        if self != FileList():
            raise CommandError("--tree, --recursive and --revision are for the files of a repository: say which one.")

    def print(
        self,
        repo_id: str,
        repo_type: Literal["model", "dataset", "space"],
        *,
        limit: int | None,
        filters: Mapping[str, object],
        hub: HubOptions,
        output: Output,
    ) -> None:
        """Print the files of a repository.

        Args:
            filters: Options of lists of repositories, by name.

        Raises:
            CommandError: One of these is given.
        """
        if names := ", ".join(f"--{name}" for name, value in filters.items() if value not in (None, False)):
            raise CommandError(f"{names} cannot be used for the files of {repo_id}, but for lists of repositories.")
        with hub.client() as api:
            entries = api.list_repo_tree(repo_id, recursive=self.recursive, revision=self.revision, repo_type=repo_type)
            print_files(islice(entries, limit), output, as_tree=self.tree)


def print_infos(infos: Iterable[Info], output: Output, *, members: list[str] | None) -> None:
    """Print a list of repositories.

    Args:
        members: Names in JSON of the members to show besides the name; the usual columns if not given.
    """
    columns: dict[str, Callable[[Info], object]] = {"id": lambda one: one.id}
    if members is not None:
        columns |= {name: _member(name) for name in members}
    else:
        columns |= {
            "downloads": lambda one: getattr(one, "downloads", None),
            "likes": lambda one: one.likes,
            "kind": _kind,
            "private": lambda one: one.private,
            "created": lambda one: one.created_at,
        }
    output.rows(infos, columns, id=lambda one: one.id)


def print_info(info: Info, output: Output, *, members: list[str] | None) -> None:
    """Print what the Hub says about a repository.

    Args:
        members: Names in JSON of the members to show besides the name; the usual ones if not given.
    """
    fields: dict[str, object] = {"id": info.id}
    if members is not None:
        fields |= {name: _member(name)(info) for name in members}
    else:
        fields |= {
            "commit": info.sha,
            "private": info.private,
            "gated": info.gated,
            "disabled": info.disabled,
            "kind": _kind(info),
            "library": getattr(info, "library_name", None),
            "stage": _stage(info),
            "downloads": getattr(info, "downloads", None),
            "likes": info.likes,
            "created": info.created_at,
            "modified": info.last_modified,
            "files": None if info.siblings is None else len(info.siblings),
            "storage": None if info.used_storage is None else Size(info.used_storage),
            "tags": info.tags,
        }
        fields = {name: value for name, value in fields.items() if value is not None}
    output.record(info, fields, id=info.id)


def _kind(info: Info) -> str | None:
    """Return the task of a model, or the SDK of a Space."""
    return getattr(info, "pipeline_tag", None) or getattr(info, "sdk", None)


def _stage(info: Info) -> str | None:
    runtime = getattr(info, "runtime", None)
    return runtime and cast("str", runtime.stage)


def _member(name: str) -> Callable[[Info], object]:
    return lambda info: _as_cell(info.to_dict().get(name))


def _as_cell(value: object) -> object:
    """Return a JSON value as a cell; objects and lists of objects as JSON."""
    inner = cast("list[object]", value) if isinstance(value, list) else [value]
    if any(isinstance(one, dict) for one in inner):
        return json.dumps(value)
    return inner if isinstance(value, list) else value
