"""Download a whole repository, or the files that match patterns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, Literal

from hub_typed.disk.files import disk_errors
from hub_typed.errors import DryRunError, HubError, LocalEntryNotFoundError
from hub_typed.flows.argument_checks import check_range
from hub_typed.flows.decorators import alternative_result, client_options
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.commit_tree import TreeFile, list_commit_files, touch_cached_tree
from hub_typed.flows.files.deprecated_arguments import deprecated
from hub_typed.flows.files.local_copy import LocalCopy, find_local_copy
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import metadata_timeout
from hub_typed.flows.files.offline import is_hub_unavailable, may_send_requests, not_found_locally
from hub_typed.flows.files.resolved_revision import revision_to_read
from hub_typed.flows.files.revision import request_commit
from hub_typed.flows.files.snapshot_files import SnapshotDownload
from hub_typed.flows.patterns import filter_paths
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Job
from hub_typed.progress_bars.observers import job_of
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

if TYPE_CHECKING:
    from hub_typed.flows.files.dry_run import DryRunFileInfo

__all__ = ["snapshot_download"]

DEFAULT_WORKERS: Final = 8
"""Default of ``max_workers``; stands for as many as the connection and the processor allow."""


@client_options
@alternative_result("dry_run")
async def snapshot_download(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_dir: str | os.PathLike[str] | None = None,
    proxies: Mapping[str, str | None] | None = None,
    etag_timeout: float = 10,
    force_download: bool = False,
    local_files_only: bool = False,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    max_workers: int = 8,
    tqdm_class: Callable[..., Any] | None = None,
    local_dir_use_symlinks: bool | Literal["auto"] = "auto",
    resume_download: bool | None = None,
    dry_run: bool = False,
) -> str | list[DryRunFileInfo]:
    """Download the files of a repository, unless they are on disk already, and return their folder.

    All files belong to one commit. Each is downloaded as by `hf_hub_download`, but the Hub lists the metadata of all
    files at once, without a request per file. If the Hub is unreachable, the folder of an earlier download is used,
    provided that it contains all requested files. Before the first content is requested, the free disk space is
    compared with the size of the missing files.

    With ``dry_run=True``, nothing is written to disk and no content is requested: the result says for each requested
    file, on disk or not, what the same call would do without it. The requests for the list of files are not in it. It
    raises the same errors, except that a full disk is not noticed.

    Args:
        revision: Branch, tag or commit; ``main`` if not given.
        cache_dir: Folder of the cache; the one from the settings if not given.
        local_dir: Write the files themselves below this folder, instead of links into the cache.
        proxies: Proxy URL by scheme (``http``, ``https``, ``all``), in place of those from the settings.
        etag_timeout: Seconds to wait for the metadata of the repository; 10 stands for the value in the settings.
        force_download: Download the files even if they exist.
        local_files_only: Send no requests.
        allow_patterns: One or more shell patterns; only paths that match one are downloaded.
        ignore_patterns: One or more shell patterns; paths that match one are skipped.
        max_workers: Maximum number of concurrent downloads; 8 stands for a number that follows the connection and the
            processor, at most the ``concurrency`` of the settings.
        tqdm_class: Class of two progress bars, of the files and of their bytes, in place of the usual display; it is
            called with arguments of tqdm, and needs ``n``, ``total``, ``update``, ``refresh`` and ``close``.
        local_dir_use_symlinks: Deprecated: ``local_dir`` always gets regular files.
        resume_download: Deprecated: downloads are always resumed.
        dry_run: Return what would be downloaded as a list of `DryRunFileInfo`, instead of downloading it.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        GatedRepoError: The repository is gated, and access must be requested first.
        RevisionNotFoundError: The revision does not exist.
        LocalEntryNotFoundError: A file is not on disk, and the Hub is unreachable or requests are not allowed; a
            `DryRunError` with ``dry_run=True``.
        IntegrityError: The size or hash of a received file differs from the metadata of the Hub.
        DiskError: The missing files do not fit on the disk, or cannot be written to it.
        ValueError: ``force_download`` is combined with ``local_files_only`` or offline mode.
        UnsafePathError: A file would be written outside its folder, or two files to the same path.
    """
    io = io.with_proxies(proxies)
    if resume_download is not None:
        deprecated("resume_download", "downloads are always resumed; force_download=True downloads the files again")
    if local_dir_use_symlinks != "auto":
        deprecated("local_dir_use_symlinks", "files are written to local_dir, not linked")
    check_range("max_workers", max_workers, 1)
    online = may_send_requests(io, local_files_only=local_files_only, force_download=force_download)
    kind = rules.repo_type(repo_type)
    revision = revision_to_read(revision, repo_id, kind)
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    local = None if local_dir is None else LocalFolder.of(local_dir, cached, io.settings)
    destination = local or cached

    def select(tree: list[TreeFile]) -> list[TreeFile]:
        if allow_patterns is None and ignore_patterns is None:
            return tree
        paths = set(filter_paths((file.path for file in tree), allow_patterns, ignore_patterns))
        return [file for file in tree if file.path in paths]

    def find_copy() -> LocalCopy:
        with disk_errors(f"the files of {repo_id}", destination.folder):
            return find_local_copy(cached, local, revision, select, io.check)

    def expect(job: Job | None, files: list[TreeFile]) -> None:
        if job is not None:
            job.expect({file.path: file.size for file in select(files)})

    copy = await io.run_blocking(find_copy)
    failure: HubError | None = None
    is_job = online and not dry_run
    with job_of(io, "download", repo_id, tqdm_class) if is_job else nullcontext() as job:
        if online:
            single_attempt = copy.is_usable and not force_download
            timeout = metadata_timeout(io, etag_timeout)
            began = io.now()
            try:
                commit = await request_commit(
                    io, repo_id, kind, revision, timeout=timeout, single_attempt=single_attempt
                )
                is_current = copy.is_current(commit) and not force_download
                if is_current and dry_run:
                    tree = copy.tree
                elif is_current:
                    await io.run_blocking(lambda: touch_cached_tree(destination.metadata_folder, commit))
                    tree = []
                else:
                    tree = await list_commit_files(
                        io,
                        repo_id,
                        kind,
                        commit,
                        destination,
                        timeout=timeout,
                        single_attempt=single_attempt,
                        began=began,
                        keep=not dry_run,
                        on_listed=lambda files: expect(job, files),
                    )
            except HubError as error:
                if force_download or not is_hub_unavailable(error, has_local_copy=copy.is_usable):
                    raise
                failure = error
            else:
                download = SnapshotDownload(io, destination, repo_id, kind, commit, timeout)
                if dry_run:
                    return await io.run_blocking(lambda: download.plan(select(tree), force=force_download))
                limit = None if max_workers == DEFAULT_WORKERS else max_workers
                await download.run(select(tree), job, force=force_download, limit=limit)
                if local is None:
                    await io.run_blocking(lambda: cached.write_ref(revision, commit))
                return str(cached.snapshot(commit) if local is None else local.folder)
        if not copy.is_usable or (dry_run and copy.commit is None):
            what = f"{repo_id} at revision {revision!r}"
            if absent := copy.files.absent:
                what = f"A part of {what} ({len(absent)} files are missing, {absent[0]} among them)"
            elif copy.is_usable:
                what = f"The list of files of {what}"
            kind_of_error = DryRunError if dry_run else LocalEntryNotFoundError
            raise not_found_locally(io, what, destination.folder, failure, kind_of_error) from failure
        if failure is not None:
            _log.warning(
                "The Hub is unavailable for %s; using %s from an earlier download. %s", repo_id, copy.folder, failure
            )
        if dry_run:
            from hub_typed.flows.files.dry_run import plan_existing_files

            return plan_existing_files(destination, copy.commit or "", copy.tree)
        return str(copy.folder)
