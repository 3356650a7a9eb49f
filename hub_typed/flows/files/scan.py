"""Looks through the cache, whichever clients filled it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub_typed.errors import CacheNotFound, CorruptedCacheException
from hub_typed.flows.files.cache_info import (
    CachedFileInfo,
    CachedIncompleteFileInfo,
    CachedRepoInfo,
    CachedRepoType,
    CachedRevisionInfo,
    HFCacheInfo,
)
from hub_typed.folders import read_file
from hub_typed.settings import Settings

__all__ = ["scan_cache_dir"]

_TYPES: Final[dict[str, CachedRepoType]] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
    "kernels": "kernel",
}
_OF_SYSTEMS: Final = (".DS_Store", "Thumbs.db", "desktop.ini")
_NO_REPOS: Final = (".locks", "CACHEDIR.TAG", *_OF_SYSTEMS)
_SHARED: Final = ".huggingface-shared-blobs"
"""Marks the folder that clients with Xet keep contents in for all repositories."""


def scan_cache_dir(cache_dir: str | os.PathLike[str] | None = None) -> HFCacheInfo:
    """Look through the cache, without asking the Hub.

    Args:
        cache_dir: Folder of the cache; that of the environment if not given.

    Raises:
        CacheNotFound: There is no such folder.
        ValueError: It is no folder.
    """
    root = Path(cache_dir or Settings.from_environment().cache_dir).expanduser().resolve()
    if not root.exists():
        raise CacheNotFound(f"There is no cache at {root}: nothing was downloaded to it yet.", root)
    if not root.is_dir():
        raise ValueError(f"{root} is a file, and not the folder of a cache.")
    repos: list[CachedRepoInfo] = []
    warnings: list[CorruptedCacheException] = []
    for folder in sorted(root.iterdir()):
        if folder.name in _NO_REPOS or (folder / _SHARED).is_file():
            continue
        try:
            repos.append(_repo(folder))
        except CorruptedCacheException as warning:
            warnings.append(warning)
        except (OSError, ValueError) as error:
            warnings.append(CorruptedCacheException(f"{folder} cannot be read: {error}"))
    sizes = {
        os.path.realpath(file.blob_path): file.size_on_disk
        for repo in repos
        for revision in repo.revisions
        for file in revision.files
    }
    return HFCacheInfo(
        size_on_disk=sum(sizes.values()),
        repos=frozenset(repos),
        incomplete_files=frozenset(_incomplete(root)),
        warnings=warnings,
        cache_dir=root,
    )


def _repo(folder: Path) -> CachedRepoInfo:
    plural, _, name = folder.name.partition("--")
    if not folder.is_dir() or plural not in _TYPES or not name:
        raise CorruptedCacheException(f"{folder} is no folder of a repository, as models--owner--name would be.")
    _check_own(folder, *(folder / part for part in ("snapshots", "refs", "blobs")))
    snapshots = folder / "snapshots"
    if not snapshots.is_dir():
        raise CorruptedCacheException(f"{folder} has no folder 'snapshots': no file was downloaded.")
    refs = _refs(folder / "refs")
    blobs: dict[Path, os.stat_result] = {}
    revisions = frozenset(
        _revision(path, refs.pop(path.name, set()), blobs)
        for path in snapshots.iterdir()
        if path.name not in _OF_SYSTEMS
    )
    if refs:
        lacking = ", ".join(f"{name!r}, which is {commit}" for commit, names in refs.items() for name in sorted(names))
        raise CorruptedCacheException(f"{folder} has refs without the files of their commits: {lacking}.")
    stats = list(blobs.values()) or [folder.stat()]
    return CachedRepoInfo(
        repo_id=name.replace("--", "/"),
        repo_type=_TYPES[plural],
        repo_path=folder,
        size_on_disk=sum(stat.st_size for stat in blobs.values()),
        nb_files=len(blobs),
        revisions=revisions,
        last_accessed=max(stat.st_atime for stat in stats),
        last_modified=max(stat.st_mtime for stat in stats),
    )


def _check_own(*folders: Path) -> None:
    """See that folders are of the cache: who deletes what is found in them must not be led to other ones."""
    for folder in folders:
        if folder.is_symlink():
            raise CorruptedCacheException(f"{folder} is a symbolic link, and what it leads to is not looked at.")


def _refs(folder: Path) -> dict[str, set[str]]:
    """The names of refs by the commits that they are."""
    if folder.is_file():
        raise CorruptedCacheException(f"{folder} is a file, and not a folder of refs.")
    refs: dict[str, set[str]] = {}
    for path in _files(folder) if folder.exists() else ():
        if path.name not in _OF_SYSTEMS:
            commit = read_file(path).decode().strip()
            refs.setdefault(commit, set()).add(path.relative_to(folder).as_posix())
    return refs


def _revision(folder: Path, refs: set[str], blobs: dict[Path, os.stat_result]) -> CachedRevisionInfo:
    """One commit.

    Args:
        blobs: The contents seen so far, to which those of this commit are added.
    """
    _check_own(folder)
    if not folder.is_dir():
        raise CorruptedCacheException(f"{folder} is a file, and not the folder of a commit.")
    files = [_file(path, blobs) for path in _files(folder)]
    sizes = {file.blob_path: file.size_on_disk for file in files}
    return CachedRevisionInfo(
        commit_hash=folder.name,
        snapshot_path=folder,
        size_on_disk=sum(sizes.values()),
        files=frozenset(files),
        refs=frozenset(refs),
        last_modified=max((file.blob_last_modified for file in files), default=folder.stat().st_mtime),
    )


def _file(path: Path, blobs: dict[Path, os.stat_result]) -> CachedFileInfo:
    # One link further, and not to its end: a blob may itself be a link to what several repositories share.
    blob = Path(os.path.abspath(path.parent / os.readlink(path))) if path.is_symlink() else path
    if blob not in blobs:
        try:
            blobs[blob] = blob.stat()
        except FileNotFoundError:
            raise CorruptedCacheException(f"{path} is a link to {blob}, which is not there.") from None
    stat = blobs[blob]
    return CachedFileInfo(
        file_name=path.name,
        file_path=path,
        blob_path=blob,
        size_on_disk=stat.st_size,
        blob_last_accessed=stat.st_atime,
        blob_last_modified=stat.st_mtime,
    )


def _incomplete(root: Path) -> Iterator[CachedIncompleteFileInfo]:
    for path in root.glob("*/blobs/*.incomplete"):
        with suppress(FileNotFoundError):  # it was completed just now
            yield CachedIncompleteFileInfo(file_path=path, size_on_disk=path.stat().st_size)


def _files(folder: Path) -> Iterator[Path]:
    """All files and links below a folder."""

    def fail(error: OSError) -> None:
        raise error

    for parent, _, names in os.walk(folder, onerror=fail):
        for name in names:
            yield Path(parent, name)
