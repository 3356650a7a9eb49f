"""Plans of downloads: what a call would download, without writing to disk or requesting contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from hub_typed.flows.files.cache import CachedRepo, ExistingFile
from hub_typed.flows.files.commit_tree import TreeFile
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.small_files import MAX_SMALL_SIZE
from hub_typed_api.fields import Fields

__all__ = ["DryRunFileInfo"]


@attrs.frozen(kw_only=True)
class DryRunFileInfo(Fields):
    """What a download would do with one file, as returned with ``dry_run=True``.

    Attributes:
        commit_hash: Commit of the file.
        file_size: Size of the content in bytes.
        filename: Path in the repository.
        local_path: Path that the download would return, or would write the file to.
        is_cached: Whether the content is on disk.
        will_download: Whether the content would be downloaded.
        bytes_to_download: Bytes of content that would be received: 0 if the file is on disk, or comes with another file
            of the same content. Bytes in a partial file of an interrupted download are included.
        requests: Requests that would be sent for this file: for its content, and for its metadata unless the list of
            files has it. Retries are not included; a large file may be received in several ranges, a request each.
    """

    commit_hash: str
    file_size: int | None
    filename: str
    local_path: str
    is_cached: bool
    will_download: bool
    bytes_to_download: int = 0
    requests: int = 0


def plan_existing_file(existing: ExistingFile, commit: str, path: str) -> DryRunFileInfo:
    """Return the plan for a file on disk that is used as it is."""
    return DryRunFileInfo(
        commit_hash=commit,
        file_size=existing.path.stat().st_size,
        filename=path,
        local_path=str(existing.path),
        is_cached=True,
        will_download=False,
    )


def plan_file(
    destination: CachedRepo | LocalFolder, remote: RemoteFile, check: Callable[[], None], *, force: bool
) -> DryRunFileInfo:
    """Return the plan for a file whose metadata the Hub was asked for.

    Args:
        check: Called between chunks of files that are read; an exception that it raises stops the work.
        force: Whether the file is downloaded even if it exists.
    """
    is_cached = destination.has_content(remote, check)
    will_download = force or not is_cached
    return DryRunFileInfo(
        commit_hash=remote.commit,
        file_size=remote.size,
        filename=remote.path,
        local_path=_path(destination, remote.commit, remote.path),
        is_cached=is_cached,
        will_download=will_download,
        bytes_to_download=remote.size if will_download else 0,
        requests=2 if will_download else 1,
    )


def plan_existing_files(
    destination: CachedRepo | LocalFolder, commit: str, files: Iterable[TreeFile]
) -> list[DryRunFileInfo]:
    """Return the plan for files on disk that are used as they are."""
    return [
        DryRunFileInfo(
            commit_hash=commit,
            file_size=file.size,
            filename=file.path,
            local_path=_path(destination, commit, file.path),
            is_cached=True,
            will_download=False,
        )
        for file in files
    ]


def plan_files(
    destination: CachedRepo | LocalFolder,
    commit: str,
    files: list[TreeFile],
    listed_metadata: Callable[[TreeFile], RemoteFile | None],
    check: Callable[[], None],
    *,
    force: bool,
) -> list[DryRunFileInfo]:
    """Return the plan for files of a commit.

    Args:
        listed_metadata: Returns the metadata of a file from the list of files; ``None`` if the Hub hides its hash. Such
            a file does not count as cached.
        check: Called for each file; an exception that it raises stops the work.
        force: Whether files are downloaded even if they exist.

    Raises:
        UnsafePathError: A file would be written outside its folder.
    """
    outdated = {file.path for file in destination.compare(commit, files, check).outdated}
    received: set[str] = set()
    plan: list[DryRunFileInfo] = []
    for file in files:
        check()
        remote = listed_metadata(file)
        is_cached = file.path not in outdated or (remote is not None and destination.has_content(remote, check))
        will_download = force or not is_cached
        comes_with_another = remote is not None and remote.etag in received
        if will_download and remote is not None and _is_shared(destination, remote, force=force):
            received.add(remote.etag)
        is_received = will_download and not comes_with_another
        plan.append(
            DryRunFileInfo(
                commit_hash=commit,
                file_size=file.size,
                filename=file.path,
                local_path=_path(destination, commit, file.path),
                is_cached=is_cached,
                will_download=will_download,
                bytes_to_download=file.size if is_received else 0,
                requests=int(is_received) + (remote is None),
            )
        )
    return plan


def _path(destination: CachedRepo | LocalFolder, commit: str, path: str) -> str:
    return str(destination.file(commit, path) if isinstance(destination, CachedRepo) else destination.file(path))


def _is_shared(destination: CachedRepo | LocalFolder, remote: RemoteFile, *, force: bool) -> bool:
    """Whether files of the same content are downloaded once: small ones, and those that become one blob."""
    return remote.size < MAX_SMALL_SIZE or (isinstance(destination, CachedRepo) and not force)
