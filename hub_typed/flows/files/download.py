"""One file of a repository, in the cache or in a folder of one's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from hub_typed.errors import EntryNotFoundError, HubError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.deprecated import deprecated
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import commit_of, joined, patience_for, remote_file
from hub_typed.flows.files.offline import is_unreachable, may_ask, not_here
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import observer_for
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__ = ["hf_hub_download"]


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
    proxies: Mapping[str, str] | None = None,
    etag_timeout: float = 10,
    local_files_only: bool = False,
    resume_download: bool | None = None,
    force_filename: str | None = None,
    local_dir_use_symlinks: bool | Literal["auto"] = "auto",
) -> str:
    """Download a file, unless it is on this disk already, and say where it is.

    A download that breaks off goes on where it stopped, also in a later run. The file appears at its place when all its
    bytes are there and have the hash that the Hub said. When the Hub cannot be reached, the file of the last time is
    given, if there is one. A file of a commit that is in the cache is given without asking the Hub.

    Args:
        filename: Path in the repository.
        subfolder: A folder in front of it.
        revision: Branch, tag or commit; ``main`` if not given.
        cache_dir: Folder of the cache; that of the settings if not given.
        local_dir: Put the file itself below this folder, in place of a link into the cache.
        force_download: Download it even if it is there.
        proxies: Deprecated: give the client ``Settings(proxies=...)``.
        etag_timeout: Seconds to wait for what the Hub says of the file; 10 stands for what the settings say.
        local_files_only: Do not ask the Hub.
        resume_download: Deprecated: downloads are always resumed.
        force_filename: Deprecated: files keep their names.
        local_dir_use_symlinks: Deprecated: a local folder gets files.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token may not see it.
        GatedRepoError: Access must be asked for first.
        RevisionNotFoundError: There is no such branch, tag or commit.
        EntryNotFoundError: There is no such file.
        LocalEntryNotFoundError: It is not on this disk, and the Hub could not, or was not to be, asked.
        IntegrityError: The bytes that came are not those that the Hub promised.
        ValueError: ``force_download`` needs the Hub, and ``local_files_only`` or offline mode forbids asking it.
        UnsafePathError: The file would be written out of its folder.
    """
    if proxies is not None:
        deprecated("proxies", "give the client Settings(proxies=...)")
    if resume_download is not None:
        deprecated("resume_download", "downloads are always resumed; force_download=True starts anew")
    if force_filename is not None:
        deprecated("force_filename", "files keep their names; with local_dir= they are written below a folder of yours")
    if local_dir_use_symlinks != "auto":
        deprecated("local_dir_use_symlinks", "files are written to local_dir, not linked")
    ask = may_ask(io, local_files_only=local_files_only, force_download=force_download)
    kind = rules.repo_type(repo_type)
    revision = rules.checked_revision(revision or "main")
    path = rules.checked_file(joined(subfolder, filename))
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    place = cached if local_dir is None else LocalFolder.of(local_dir, cached)
    found = await io.work(lambda: place.find(revision, path))
    if found is not None and found.certain and not force_download:
        return str(found.file)
    trouble: HubError | None = None
    if ask:
        try:
            once = found is not None and not force_download
            timeout = patience_for(io, etag_timeout)
            remote = await remote_file(io, repo_id, kind, path, revision, timeout=timeout, once=once)
        except EntryNotFoundError as error:
            absent_at = commit_of(error)
            if absent_at and local_dir is None:
                await io.work(lambda: cached.remember_absence(revision, absent_at, path))
            raise
        except HubError as error:
            if force_download or not is_unreachable(error, at_hand=found is not None):
                raise
            trouble = error
        else:
            file = await place.put(io, remote, observer_for(io.settings), anew=force_download)
            if local_dir is None:
                await io.work(lambda: cached.remember(revision, remote.commit))
            return str(file)
    if found is None:
        raise not_here(io, f"{repo_id}: {path} at revision {revision!r}", place.folder, trouble) from trouble
    if trouble is not None:
        _log.warning("The Hub could not be asked for %s; taking %s of an earlier time. %s", path, found.file, trouble)
    return str(found.file)
