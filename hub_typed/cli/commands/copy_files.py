"""``cp``: files between this machine, repositories and buckets."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.commit_output import print_commit
from hub_typed.cli.failures import CommandError
from hub_typed.cli.hub_paths import SCHEME, HubPath
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions

if TYPE_CHECKING:
    from hub_typed import HfApi

__all__ = ["copy", "copy_of_bucket"]

STANDARD_STREAM: Final = "-"


Source: TypeAlias = Annotated[
    str,
    Parameter(
        help="A local file, - for stdin, or hf://[datasets/|spaces/|kernels/|buckets/]owner/name[@revision]/path. A "
        "folder on the Hub with / at its end stands for what is in it.",
        allow_leading_hyphen=True,
    ),
]
Target: TypeAlias = Annotated[
    str | None,
    Parameter(
        help="The same, - for stdout; by default, the current folder. With / at its end, it is a folder.",
        allow_leading_hyphen=True,
    ),
]


def copy(
    source: Source, destination: Target = None, /, *, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Copy a file to or from a repository or bucket, or files between these; existing files are replaced.

    Between repositories and buckets, files are not transferred as far as possible. Files of buckets cannot be copied to
    repositories.
    """
    if source.startswith(SCHEME):
        origin = HubPath.of(source)
        if destination is not None and destination.startswith(SCHEME):
            target = HubPath.of(destination)
            with hub.client(output) as api:
                api.copy_files(source, destination)
            output.done(f"Copied {origin} to {target}.", id=destination, source=source, destination=destination)
        else:
            _download(origin, destination, hub, output)
    elif destination is not None and destination.startswith(SCHEME):
        _upload(source, HubPath.of(destination), hub, output)
    else:
        raise CommandError("Neither path is on the Hub: one of them must begin with hf://.")


def copy_of_bucket(
    source: Source, destination: Target = None, /, *, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Copy a file to or from a bucket, or files between buckets, or from a repository; existing files are replaced."""
    remote = destination if destination is not None and destination.startswith(SCHEME) else source
    if remote.startswith(SCHEME) and not HubPath.of(remote).is_bucket:
        raise CommandError(f"{remote} is not in a bucket: `hub-typed cp` copies files of repositories.")
    copy(source, destination, hub=hub, output=output)


def _download(origin: HubPath, destination: str | None, hub: HubOptions, output: Output) -> None:
    if origin.is_folder:
        command = "hub-typed buckets sync" if origin.is_bucket else "hub-typed download"
        raise CommandError(f"{origin} is a folder: `{command}` downloads folders.")
    if destination == STANDARD_STREAM:
        with (
            hub.client(output) as api,
            TemporaryDirectory() as folder,
            _downloaded(api, origin, Path(folder)).open("rb") as content,
        ):
            shutil.copyfileobj(content, sys.stdout.buffer)
        return
    wanted = Path(destination or ".")
    is_folder = wanted.is_dir() or (destination or "").endswith("/")
    path = wanted / origin.name if is_folder else wanted
    with hub.client(output) as api:
        if origin.is_bucket:
            api.download_bucket_files(origin.repo_id, [(origin.path, path)], raise_on_missing_files=True)
        else:
            file = _downloaded(api, origin, Path())
            path.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(
                prefix=".hub-typed-", dir=path.parent
            ) as folder:  # the file gets its name when it is complete
                Path(shutil.copyfile(file, Path(folder, path.name))).replace(path)
    output.done(f"Copied {origin} to {path}.", id=path, source=str(origin), path=str(path))


def _downloaded(api: HfApi, origin: HubPath, folder: Path) -> Path:
    """Return a file in the cache, or for one of a bucket, in a temporary folder."""
    if origin.is_bucket:
        path = folder / origin.name
        api.download_bucket_files(origin.repo_id, [(origin.path, path)], raise_on_missing_files=True)
        return path
    return Path(api.hf_hub_download(origin.repo_id, origin.path, repo_type=origin.repo_type, revision=origin.revision))


def _upload(source: str, target: HubPath, hub: HubOptions, output: Output) -> None:
    from hub_typed import CommitInfo

    local = Path(source)
    if source == STANDARD_STREAM and target.is_folder:
        raise CommandError(f"{target} is a folder: say the name of the file that stdin is written to.")
    if source != STANDARD_STREAM and local.is_dir():
        raise CommandError(f"{local} is a folder: `hub-typed upload` uploads folders.")
    if source != STANDARD_STREAM and not local.is_file():
        raise FileNotFoundError(f"There is no file {local} to copy.")
    path = target.below(local.name) if target.is_folder else target.path
    with hub.client(output) as api, TemporaryDirectory() as folder:
        if source == STANDARD_STREAM:
            local = Path(folder, target.name)
            with local.open("wb") as piped:
                shutil.copyfileobj(sys.stdin.buffer, piped)
        if target.is_bucket:
            api.batch_bucket_files(target.repo_id, add=[(local, path)])
            copied = f"hf://buckets/{target.repo_id}/{path}"
            output.done(f"Copied {source} to {copied}.", id=copied, source=source, destination=copied)
            return
        commit = api.upload_file(
            path_or_fileobj=local,
            path_in_repo=path,
            repo_id=target.repo_id,
            repo_type=target.repo_type,
            revision=target.revision,
        )
    assert isinstance(commit, CommitInfo)  # no future was asked for
    print_commit(commit, output)
