"""Download files of a bucket."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from hub_typed.disk.files import MISSING_FILE_ERRORS, disk_errors
from hub_typed.disk.folders import Folder
from hub_typed.errors import DiskError, EntryNotFoundError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.buckets.listing import get_bucket_paths_info
from hub_typed.flows.buckets.remote_file import RemoteBucketFile
from hub_typed.flows.files.disk_space import check_space_for
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.local_dir import name_hash
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.logs.warnings import warn
from hub_typed.progress_bars.observers import job_of
from hub_typed.urls.hf_uri import HfUri
from hub_typed.xet.file_hashes import file_hash
from hub_typed_api.models import BucketFile

__all__ = ["download_bucket_files"]

PARTIAL_PREFIX: Final = ".hub-typed."
"""Start of the names of partial files, which are beside the complete ones."""
ATTEMPTS: Final = 3
"""Attempts to write a file whose partial file another process deletes."""
MAX_NAMED: Final = 10
"""Number of missing files in an error message."""


@attrs.frozen
class Target:
    """Where a file is written.

    Attributes:
        remote: The file.
        file: Path of the local file.
        open_folder: Opens its folder, and creates it if needed.
        mtime: Modification time that it gets, in seconds since 1970; that of the download if not given.
    """

    remote: RemoteBucketFile
    file: Path
    open_folder: Callable[[], Folder]
    mtime: float | None = None


async def download_bucket_files(
    io: Io,
    bucket_id: str | HfUri,
    files: Sequence[tuple[str | BucketFile, str | os.PathLike[str]]],
    *,
    raise_on_missing_files: bool = False,
) -> None:
    """Download files of a bucket, each to a local path.

    Files with the right content are kept. Size and hash of each file are verified before it replaces an existing one;
    without ``hub-typed[xet]``, which computes the hash, only the size. An interrupted download is resumed by the next
    one.

    Args:
        bucket_id: Name, ``owner/name``.
        files: What to download where to: a path in the bucket, or a file of `list_bucket_tree`, which saves a request;
            and the path of the local file. Missing folders are created.
        raise_on_missing_files: Raise an error if the bucket lacks one of the files, instead of a warning.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        EntryNotFoundError: The bucket lacks one of the files; nothing was downloaded.
        ValueError: Two files have the same local path.
        IntegrityError: The size or hash of the received bytes is wrong.
        DiskError: A file cannot be written to this disk.
    """
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    bucket = f"{owner}/{name}"
    found = await look_up_files(
        io, bucket, [one for one, _ in files if isinstance(one, str)], raise_if_missing=raise_on_missing_files
    )
    await download_all(io, bucket, _targets(bucket, files, found))


def _targets(
    bucket_id: str, files: Iterable[tuple[str | BucketFile, str | os.PathLike[str]]], found: Mapping[str, BucketFile]
) -> Iterable[Target]:
    """Return where each file is written.

    Args:
        found: The files that are given by their path.
    """
    targets: dict[Path, Target] = {}
    for one, local in files:
        listed = found.get(one) if isinstance(one, str) else one
        if listed is None:
            continue
        file = Path(local).expanduser().absolute()
        if file in targets:
            raise ValueError(
                f"{targets[file].remote.path!r} and {listed.path!r} of {bucket_id} have the same local path "
                f"{str(file)!r}."
            )
        open_folder = partial(Folder.root, file.parent, make=True)
        targets[file] = Target(RemoteBucketFile.of(bucket_id, listed), file, open_folder)
    return targets.values()


async def look_up_files(
    io: Io, bucket_id: str, paths: Sequence[str], *, raise_if_missing: bool
) -> dict[str, BucketFile]:
    """Return the files at some paths, by path.

    Args:
        raise_if_missing: Raise an error for missing files, instead of a warning.

    Raises:
        EntryNotFoundError: A file is missing.
    """
    found = {file.path: file async for file in get_bucket_paths_info(io, bucket_id, paths)}
    missing = [path for path in dict.fromkeys(paths) if path not in found]
    if not missing:
        return found
    named = ", ".join(map(repr, missing[:MAX_NAMED])) + (" and others" if len(missing) > MAX_NAMED else "")
    if raise_if_missing:
        raise EntryNotFoundError(f"The bucket {bucket_id} has no file {named}; list_bucket_tree() lists its files.")
    warn(f"The bucket {bucket_id} has no file {named}; skipped.")
    return found


async def download_all(io: Io, bucket_id: str, targets: Iterable[Target]) -> None:
    """Download files of a bucket, several at the same time.

    Raises:
        IntegrityError: The size or hash of the received bytes is wrong.
        DiskError: A file cannot be written to this disk.
        UnsafePathError: A symbolic link is in place of a folder.
    """
    wanted = list(targets)
    with job_of(io, "download", bucket_id) as job:
        if job is not None:
            job.expect({target.remote.path: target.remote.size for target in wanted})
        await io.each(partial(_put, io.with_job(job)), wanted, adaptive=True)


async def _put(io: Io, target: Target) -> None:
    """Ensure that a file is in place: keep it, or download it."""
    for last in (False,) * (ATTEMPTS - 1) + (True,):
        try:
            with disk_errors(target.remote.path, target.file.parent), ExitStack() as opened:
                # Closed even if the task is cancelled before `run_blocking` returns.
                folder = await io.run_blocking(partial(_open, target, opened))
                await _put_into(io, folder, target)
            return
        except DiskError as error:
            if last or error.errno not in MISSING_FILE_ERRORS:
                raise
            _log.warning("Starting again, since another process deleted a file during the download: %s", error)


def _open(target: Target, opened: ExitStack) -> Folder:
    return opened.enter_context(target.open_folder())


async def _put_into(io: Io, folder: Folder, target: Target) -> None:
    remote, name = target.remote, target.file.name
    if await io.run_blocking(lambda: _has_content(folder, name, target)):
        if io.job is not None:
            io.job.settle([remote.path])
    else:
        start = f"{PARTIAL_PREFIX}{name_hash(name)}."
        partial_files = PartialFiles(folder, f"{start}{remote.etag}", start, remote.path, remote.size)
        await io.run_blocking(lambda: check_space_for(partial_files))
        await fetch(io, remote, partial_files, folder, name, io.job)
    if (mtime := target.mtime) is not None:
        await io.run_blocking(lambda: folder.touch(name, mtime))


def _has_content(folder: Folder, name: str, target: Target) -> bool:
    """Whether the file exists with the right content, as far as its hash can be computed."""
    remote = target.remote
    status = folder.status(name)
    if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != remote.size:
        return False
    return remote.size == 0 or file_hash(str(target.file)) == remote.etag
