"""``download``: files of a repository, to the cache or to a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hub_typed.cli.cells import Size, human_text
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId, RepoType, Revision
from hub_typed.cli.shared_options import CacheDir, DryRun, HubOptions, Patterns

if TYPE_CHECKING:
    from hub_typed import DryRunFileInfo

__all__ = ["download"]


def download(
    repo_id: RepoId,
    /,
    *filenames: Annotated[str, Parameter(help="Paths of files, or patterns; all files if not given.")],
    repo_type: RepoType = "model",
    revision: Revision = None,
    include: Patterns = None,
    exclude: Patterns = None,
    cache_dir: CacheDir = None,
    local_dir: Path | None = None,
    force_download: bool = False,
    dry_run: DryRun = False,
    max_workers: int = 8,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Download files of a repository, and print the path of the file or of the folder.

    Args:
        include: Shell pattern of files to download; may be repeated.
        exclude: Shell pattern of files to skip; may be repeated.
        local_dir: Folder for the files themselves, instead of the cache.
        force_download: Download files even if they exist.
        max_workers: Maximum number of files at the same time; 8 stands for as many as help.
    """
    if filenames and include:
        raise CommandError("Name files, or choose them with --include, not both.")
    found: str | DryRunFileInfo | list[DryRunFileInfo]
    with hub.client(output) as api:
        if len(filenames) == 1 and not exclude and not _is_pattern(filenames[0]):
            found = api.hf_hub_download(
                repo_id,
                filenames[0],
                repo_type=repo_type,
                revision=revision,
                cache_dir=cache_dir,
                local_dir=local_dir,
                force_download=force_download,
                dry_run=dry_run,
            )
        else:
            found = api.snapshot_download(
                repo_id,
                repo_type=repo_type,
                revision=revision,
                allow_patterns=list(filenames) or include,
                ignore_patterns=exclude,
                cache_dir=cache_dir,
                local_dir=local_dir,
                force_download=force_download,
                max_workers=max_workers,
                dry_run=dry_run,
            )
    if not isinstance(found, str):
        _print_plan(found if isinstance(found, list) else [found], output)
        return
    if os.path.isdir(found):
        _check_all_there(found, filenames, repo_id)
    output.value("path", found)


def _is_pattern(name: str) -> bool:
    return name.endswith("/") or any(char in name for char in "*?[")


def _check_all_there(folder: str, names: tuple[str, ...], repo_id: str) -> None:
    """Check that the files which were named exist: patterns without a match are no error of a download."""
    missing = [name for name in names if not _is_pattern(name) and not os.path.lexists(os.path.join(folder, name))]
    if missing:
        raise CommandError(
            f"{repo_id} has no {', '.join(missing)}; the other files are in {folder}.", ExitCode.NOT_FOUND
        )


def _print_plan(plan: list[DryRunFileInfo], output: Output) -> None:
    output.rows(
        plan,
        {
            "file": lambda one: one.filename,
            "size": lambda one: None if one.file_size is None else Size(one.file_size),
            "to download": lambda one: Size(one.bytes_to_download),
            "cached": lambda one: one.is_cached,
        },
        id=lambda one: one.filename,
    )
    total = Size(sum(one.bytes_to_download for one in plan))
    output.note(f"{sum(one.will_download for one in plan)} of {len(plan)} files, {human_text(total)} to download.")
