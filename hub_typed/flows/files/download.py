"""Download one file, into the cache or a local folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from hub_typed.errors import EntryNotFoundError, HubError
from hub_typed.flows.decorators import alternative_result, client_options
from hub_typed.flows.files.cache import CachedRepo, ExistingFile
from hub_typed.flows.files.deprecated_arguments import deprecated
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import commit_from_error, get_remote_file, join_path, metadata_timeout
from hub_typed.flows.files.offline import is_hub_unavailable, may_send_requests, not_found_locally
from hub_typed.flows.files.resolved_revision import revision_to_read
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress_bars.observers import observer_for
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

if TYPE_CHECKING:
    from hub_typed.flows.files.dry_run import DryRunFileInfo

__all__ = ["hf_hub_download"]


@client_options
@alternative_result("dry_run")
async def hf_hub_download(
    io: Io,
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = None,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    proxies: Mapping[str, str | None] | None = None,
    etag_timeout: float = 10,
    local_files_only: bool = False,
    resume_download: bool | None = None,
    force_filename: str | None = None,
    local_dir_use_symlinks: bool | Literal["auto"] = "auto",
    tqdm_class: Callable[..., Any] | None = None,
    dry_run: bool = False,
) -> str | DryRunFileInfo:
    """Download a file, unless it is on disk already, and return its path.

    An interrupted download is resumed, also by a later run. The file appears at its path only when it is complete and
    its hash matches that of the Hub. If the Hub is unreachable, an existing file of an earlier download is used. A
    cached file of a full commit hash is returned without any request.

    With ``dry_run=True``, nothing is written to disk and no content is requested: the result says what the same call
    would do without it. It raises the same errors, except that a full disk is not noticed.

    Args:
        filename: Path in the repository.
        subfolder: Folder that is prepended to ``filename``.
        revision: Branch, tag or commit; ``main`` if not given.
        cache_dir: Folder of the cache; the one from the settings if not given.
        local_dir: Write the file itself below this folder, instead of a link into the cache.
        force_download: Download the file even if it exists.
        proxies: Proxy URL by scheme (``http``, ``https``, ``all``), in place of those from the settings.
        etag_timeout: Seconds to wait for the metadata of the file; 10 stands for the value in the settings.
        local_files_only: Send no requests.
        resume_download: Deprecated: downloads are always resumed.
        force_filename: Deprecated: files keep their names.
        local_dir_use_symlinks: Deprecated: ``local_dir`` always gets regular files.
        tqdm_class: Class of the progress bar, in place of the usual display; it is called with arguments of tqdm, and
            needs ``n``, ``total``, ``update``, ``refresh`` and ``close``.
        dry_run: Return what would be downloaded as a `DryRunFileInfo`, instead of downloading it.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        GatedRepoError: The repository is gated, and access must be requested first.
        RevisionNotFoundError: The revision does not exist.
        EntryNotFoundError: The file does not exist.
        LocalEntryNotFoundError: The file is not on disk, and the Hub is unreachable or requests are not allowed.
        IntegrityError: The size or hash of the received file differs from the metadata of the Hub.
        DiskError: The file does not fit on the disk, or cannot be written to it.
        ValueError: ``force_download`` is combined with ``local_files_only`` or offline mode.
        UnsafePathError: The file would be written outside its folder.
    """
    io = io.with_proxies(proxies)
    if resume_download is not None:
        deprecated("resume_download", "downloads are always resumed; force_download=True downloads the file again")
    if force_filename is not None:
        deprecated("force_filename", "files keep their names; local_dir= writes them below a folder of your choice")
    if local_dir_use_symlinks != "auto":
        deprecated("local_dir_use_symlinks", "files are written to local_dir, not linked")
    online = may_send_requests(io, local_files_only=local_files_only, force_download=force_download)
    kind = rules.repo_type(repo_type)
    revision = revision_to_read(revision, repo_id, kind)
    path = rules.checked_file(join_path(subfolder, filename))
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    destination = cached if local_dir is None else LocalFolder.of(local_dir, cached, io.settings)

    def plan_existing(found: ExistingFile) -> DryRunFileInfo:
        from hub_typed.flows.files.dry_run import plan_existing_file

        if found.commit is None:
            what = f"{repo_id}: the commit of {path}"
            raise not_found_locally(io, what, destination.folder, failure) from failure
        return plan_existing_file(found, found.commit, path)

    failure: HubError | None = None
    found = await io.run_blocking(lambda: destination.find(revision, path))
    if found is not None and found.matches_revision and not force_download:
        return plan_existing(found) if dry_run else str(found.path)
    if online:
        try:
            single_attempt = found is not None and not force_download
            timeout = metadata_timeout(io, etag_timeout)
            remote = await get_remote_file(
                io, repo_id, kind, path, revision, timeout=timeout, single_attempt=single_attempt
            )
        except EntryNotFoundError as error:
            absent_at = commit_from_error(error)
            if absent_at and local_dir is None and not dry_run:
                await io.run_blocking(lambda: cached.record_missing_file(revision, absent_at, path))
            raise
        except HubError as error:
            if force_download or not is_hub_unavailable(error, has_local_copy=found is not None):
                raise
            failure = error
        else:
            if dry_run:
                from hub_typed.flows.files.dry_run import plan_file

                return await io.run_blocking(lambda: plan_file(destination, remote, io.check, force=force_download))
            observer = io.job or observer_for(io.settings, "download", tqdm_class)
            file = await destination.put(io, remote, observer, force=force_download)
            if local_dir is None:
                await io.run_blocking(lambda: cached.write_ref(revision, remote.commit))
            return str(file)
    if found is None:
        raise not_found_locally(
            io, f"{repo_id}: {path} at revision {revision!r}", destination.folder, failure
        ) from failure
    if failure is not None:
        _log.warning("The Hub is unavailable for %s; using %s from an earlier download. %s", path, found.path, failure)
    return plan_existing(found) if dry_run else str(found.path)
