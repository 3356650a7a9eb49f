"""A whole repository, or what patterns let through of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs

from hub_typed.errors import HubError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.deprecated import deprecated
from hub_typed.flows.files.disk import disk_errors
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import RemoteFile, patience_for, remote_file
from hub_typed.flows.files.offline import is_unreachable, may_ask, not_here, shortened
from hub_typed.flows.files.paths import COMMIT, check_together, checked_hash
from hub_typed.flows.files.tree import TreeFile, last_tree, read_tree, tree_of
from hub_typed.flows.patterns import filter_paths
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import Observer, observer_for
from hub_typed.session import answer
from hub_typed_api import path as rules
from hub_typed_api.models import DatasetInfo, ModelInfo, RepoType, SpaceInfo
from hub_typed_api.operations import datasets, models, spaces
from hub_typed_api.wire import Call

__all__ = ["snapshot_download"]

T = TypeVar("T")


async def snapshot_download(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_dir: str | os.PathLike[str] | None = None,
    proxies: Mapping[str, str] | None = None,
    etag_timeout: float = 10,
    force_download: bool = False,
    local_files_only: bool = False,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    max_workers: int = 8,
    tqdm_class: Callable[..., Any] | None = None,
    local_dir_use_symlinks: bool | Literal["auto"] = "auto",
    resume_download: bool | None = None,
) -> str:
    """Download the files of a repository, unless they are on this disk already, and say in which folder they are.

    All files are of one commit. Each is downloaded as `hf_hub_download` does it, but without being asked about one by
    one: the Hub lists them once. When the Hub cannot be reached, the folder of the last time is given, if it holds all
    that is wanted.

    Args:
        revision: Branch, tag or commit; ``main`` if not given.
        cache_dir: Folder of the cache; that of the settings if not given.
        local_dir: Put the files themselves below this folder, in place of links into the cache.
        proxies: Deprecated: give the client ``Settings(proxies=...)``.
        etag_timeout: Seconds to wait for what the Hub says of the repository; 10 stands for what the settings say.
        force_download: Download the files even if they are there.
        local_files_only: Do not ask the Hub.
        allow_patterns: One or more shell patterns; only paths that match one are downloaded.
        ignore_patterns: One or more shell patterns; paths that match one are left out.
        max_workers: Files that are downloaded at once.
        tqdm_class: Draws the bars in place of tqdm.
        local_dir_use_symlinks: Deprecated: a local folder gets files.
        resume_download: Deprecated: downloads are always resumed.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token may not see it.
        GatedRepoError: Access must be asked for first.
        RevisionNotFoundError: There is no such branch, tag or commit.
        LocalEntryNotFoundError: It is not on this disk, and the Hub could not, or was not to be, asked.
        IntegrityError: The bytes that came are not those that the Hub promised.
        ValueError: ``force_download`` needs the Hub, and ``local_files_only`` or offline mode forbids asking it.
        UnsafePathError: A file would be written out of its folder, or two to the same place.
    """
    if proxies is not None:
        deprecated("proxies", "give the client Settings(proxies=...)")
    if resume_download is not None:
        deprecated("resume_download", "downloads are always resumed; force_download=True starts anew")
    if local_dir_use_symlinks != "auto":
        deprecated("local_dir_use_symlinks", "files are written to local_dir, not linked")
    ask = may_ask(io, local_files_only=local_files_only, force_download=force_download)
    kind = rules.repo_type(repo_type)
    revision = rules.checked_revision(revision or "main")
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    local = None if local_dir is None else LocalFolder.of(local_dir, cached)
    place = local or cached

    def chosen(tree: list[TreeFile]) -> list[TreeFile]:
        paths = set(filter_paths((file.path for file in tree), allow_patterns, ignore_patterns))
        return [file for file in tree if file.path in paths]

    def at_hand() -> tuple[Path | None, list[str]]:
        """The folder of the last time, and which files it is known to lack."""
        commit = cached.commit(revision)
        folder = local.folder if local else cached.snapshot(commit) if commit else None
        if folder is None or not _has_files(folder):
            return None, []
        tree = read_tree(place.lists, commit) if commit else None
        if tree is None and local is not None:  # its downloads leave the refs of the cache alone
            tree = last_tree(local.lists)
        return folder, [file.path for file in chosen(tree or []) if not place.find(commit or "", file.path)]

    def looked() -> tuple[Path | None, list[str]]:
        with disk_errors(f"the files of {repo_id}", place.folder):
            return at_hand()

    folder, lacking = await io.work(looked)
    trouble: HubError | None = None
    if ask:
        once = folder is not None and not lacking and not force_download
        timeout = patience_for(io, etag_timeout)
        began = io.now()
        try:
            commit = await commit_at(io, repo_id, kind, revision, timeout=timeout, once=once)
            tree = await tree_of(io, repo_id, kind, commit, place, timeout=timeout, once=once, began=began)
        except HubError as error:
            if force_download or not is_unreachable(error, at_hand=folder is not None and not lacking):
                raise
            trouble = error
        else:
            wanted = _Wanted(io, place, repo_id, kind, commit, timeout)
            observer = observer_for(io.settings, tqdm_class)
            await wanted.bring(chosen(tree), observer, anew=force_download, limit=max_workers)
            if local is None:
                await io.work(lambda: cached.remember(revision, commit))
            return str(cached.snapshot(commit) if local is None else local.folder)
    if folder is None or lacking:
        what = f"{repo_id} at revision {revision!r}"
        if lacking:
            what = f"Not all of {what} ({len(lacking)} files are missing, {lacking[0]} among them)"
        raise not_here(io, what, place.folder, trouble) from trouble
    if trouble is not None:
        _log.warning("The Hub could not be asked for %s; taking %s of an earlier time. %s", repo_id, folder, trouble)
    return str(folder)


def _has_files(folder: Path) -> bool:
    try:
        return any(name != ".cache" for name in os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return False


@attrs.frozen
class _Wanted:
    """Files of one commit, on their way to their place."""

    io: Io
    place: CachedRepo | LocalFolder
    repo_id: str
    repo_type: str
    commit: str
    timeout: float | None

    async def bring(self, files: list[TreeFile], observer: Observer | None, *, anew: bool, limit: int) -> None:
        """Have all of them at their place."""

        async def one(file: TreeFile) -> None:
            remote = self._known(file) or await remote_file(
                self.io, self.repo_id, self.repo_type, file.path, self.commit, timeout=self.timeout
            )
            await self.place.put(self.io, remote, observer, anew=anew)

        def absent() -> list[TreeFile]:
            for file in files:
                self.place.check(file.path)
            check_together([file.path for file in files], self.place.folds_case)
            return [file for file in files if anew or not self._is_there(file)]

        await self.io.each(one, await self.io.work(absent), limit=limit)

    def _is_there(self, file: TreeFile) -> bool:
        self.io.check()
        remote = self._known(file)
        return remote is not None and self.place.has(remote)

    def _known(self, file: TreeFile) -> RemoteFile | None:
        """The file as a download needs to know it; ``None`` where the list hides its hash."""
        return file.remote(self.repo_id, self.repo_type, self.commit)


async def commit_at(
    io: Io, repo_id: str, repo_type: str, revision: str, *, timeout: float | None = None, once: bool = False
) -> str:
    """The commit that a revision is now.

    Args:
        timeout: Seconds to wait for the answer.
        once: Ask once, and not long: something on this disk will do instead.
    """
    if COMMIT.fullmatch(revision):
        return revision

    def ask(call: Call[T]) -> Coroutine[Any, Any, T]:
        return answer(io, call, timeout=shortened(timeout) if once else timeout, once=once, waits=True)

    info: ModelInfo | DatasetInfo | SpaceInfo
    if repo_type == "dataset":
        info = await ask(datasets.dataset_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    elif repo_type == "space":
        info = await ask(spaces.space_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    else:
        info = await ask(models.model_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    return checked_hash(info.sha or "", f"{repo_id}: the commit of revision {revision!r}")
