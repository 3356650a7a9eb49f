"""``cp``: files between this machine and repositories, and between repositories."""

from __future__ import annotations

import glob
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from hub_typed.cli.commit_output import print_commit
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.hub_paths import SCHEME, HubPath
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions

if TYPE_CHECKING:
    from hub_typed import CommitInfo, HfApi

__all__ = ["copy"]

STANDARD_STREAM: Final = "-"


def copy(
    source: Annotated[
        str,
        Parameter(
            help="A local file, - for stdin, or hf://[datasets/|spaces/|kernels/]owner/name[@revision]/path. A folder "
            "on the Hub with / at its end stands for what is in it.",
            allow_leading_hyphen=True,
        ),
    ],
    destination: Annotated[
        str | None,
        Parameter(
            help="The same, - for stdout; by default, the current folder. With / at its end, it is a folder.",
            allow_leading_hyphen=True,
        ),
    ] = None,
    /,
    *,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Copy a file to a repository, from one, or files between repositories; existing files are replaced.

    What comes from the Hub is downloaded to the cache first, also on its way to another repository.
    """
    if source.startswith(SCHEME):
        origin = HubPath.of(source)
        if destination is not None and destination.startswith(SCHEME):
            target = HubPath.of(destination)
            with hub.client(output) as api:
                print_commit(_copy_on_hub(api, origin, target), output)
        else:
            _download(origin, destination, hub, output)
    elif destination is not None and destination.startswith(SCHEME):
        _upload(source, HubPath.of(destination), hub, output)
    else:
        raise CommandError("Neither path is on the Hub: one of them must begin with hf://.")


def _download(origin: HubPath, destination: str | None, hub: HubOptions, output: Output) -> None:
    if origin.is_folder:
        raise CommandError(f"{origin} is a folder: `hub-typed download` downloads folders.")
    with hub.client(output) as api:
        file = api.hf_hub_download(origin.repo_id, origin.path, repo_type=origin.repo_type, revision=origin.revision)
    if destination == STANDARD_STREAM:
        with Path(file).open("rb") as content:
            shutil.copyfileobj(content, sys.stdout.buffer)
        return
    wanted = Path(destination or ".")
    is_folder = wanted.is_dir() or (destination or "").endswith("/")
    path = wanted / origin.name if is_folder else wanted
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(
        prefix=".hub-typed-", dir=path.parent
    ) as folder:  # the file gets its name when it is complete
        Path(shutil.copyfile(file, Path(folder, path.name))).replace(path)
    output.done(f"Copied {origin} to {path}.", id=path, source=str(origin), path=str(path))


def _upload(source: str, target: HubPath, hub: HubOptions, output: Output) -> None:
    from hub_typed import CommitInfo

    local = Path(source)
    if source == STANDARD_STREAM and target.is_folder:
        raise CommandError(f"{target} is a folder: say the name of the file that stdin is written to.")
    if source != STANDARD_STREAM and local.is_dir():
        raise CommandError(f"{local} is a folder: `hub-typed upload` uploads folders.")
    if source != STANDARD_STREAM and not local.is_file():
        raise FileNotFoundError(f"There is no file {local} to copy.")
    with hub.client(output) as api, TemporaryFile() as piped:
        if source == STANDARD_STREAM:
            shutil.copyfileobj(sys.stdin.buffer, piped)
            piped.seek(0)
        commit = api.upload_file(
            path_or_fileobj=piped if source == STANDARD_STREAM else local,
            path_in_repo=target.below(local.name) if target.is_folder else target.path,
            repo_id=target.repo_id,
            repo_type=target.repo_type,
            revision=target.revision,
        )
    assert isinstance(commit, CommitInfo)  # no future was asked for
    print_commit(commit, output)


def _copy_on_hub(api: HfApi, origin: HubPath, target: HubPath) -> CommitInfo:
    from hub_typed import CommitInfo, CommitOperationAdd, CommitOperationCopy

    paths = _paths_to_copy(api, origin, target)
    message = f"Copy {origin.path or 'all files'} from {origin.repo_id}"
    operations: list[CommitOperationAdd | CommitOperationCopy]
    if (origin.repo_type, origin.repo_id) == (target.repo_type, target.repo_id):
        operations = [CommitOperationCopy(old, new, origin.revision or "main") for old, new in paths.items()]
    else:
        folder = api.snapshot_download(
            origin.repo_id,
            repo_type=origin.repo_type,
            revision=origin.revision,
            allow_patterns=[glob.escape(path) for path in paths],
        )
        operations = [CommitOperationAdd(new, Path(folder, old)) for old, new in paths.items()]
    commit = api.create_commit(
        target.repo_id, operations, commit_message=message, repo_type=target.repo_type, revision=target.revision
    )
    assert isinstance(commit, CommitInfo)  # no future was asked for
    return commit


def _paths_to_copy(api: HfApi, origin: HubPath, target: HubPath) -> Mapping[str, str]:
    """Return the path in the other repository of each file to copy."""
    from hub_typed import RepoFile

    if not origin.is_folder:
        found = api.get_paths_info(origin.repo_id, origin.path, revision=origin.revision, repo_type=origin.repo_type)
        if not found:
            raise CommandError(f"There is no file {origin}.", ExitCode.NOT_FOUND)
        if isinstance(found[0], RepoFile):
            return {origin.path: target.below(origin.name) if target.is_folder else target.path}
    entries = api.list_repo_tree(
        origin.repo_id, origin.path or None, recursive=True, revision=origin.revision, repo_type=origin.repo_type
    )
    files = [one.path for one in entries if isinstance(one, RepoFile)]
    start = len(origin.path) + 1 if origin.path else 0
    prefix = "" if origin.is_folder or not target.is_folder else f"{origin.name}/"
    return {path: target.below(prefix + path[start:]) for path in files}
