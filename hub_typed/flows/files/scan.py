"""Scan of the cache, which may be filled by any client of the Hub."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub_typed.disk.folders import read_file
from hub_typed.errors import CacheNotFound, CorruptedCacheException
from hub_typed.flows.files.cache_info import (
    CachedFileInfo,
    CachedIncompleteFileInfo,
    CachedRepoInfo,
    CachedRevisionInfo,
    HFCacheInfo,
)
from hub_typed.flows.files.partial_files import MAP_SUFFIX, RANGES_SUFFIX, SUFFIX
from hub_typed.settings import Settings
from hub_typed.urls.repo_types import TYPES_BY_PLURAL

__all__ = ["scan_cache_dir"]

_SYSTEM_FILES: Final = (".DS_Store", "Thumbs.db", "desktop.ini")
_IGNORED: Final = (".locks", "CACHEDIR.TAG", *_SYSTEM_FILES)
_SHARED_BLOBS_MARKER: Final = ".huggingface-shared-blobs"
"""Marker file in the folder where clients with Xet store the blobs of all repositories."""


def scan_cache_dir(cache_dir: str | os.PathLike[str] | None = None) -> HFCacheInfo:
    """Scan the cache, without sending a request.

    Args:
        cache_dir: Folder of the cache; the one set in the environment if not given.

    Raises:
        CacheNotFound: The folder does not exist.
        ValueError: ``cache_dir`` is not a folder.
    """
    root = Path(cache_dir or Settings.from_environment().cache_dir).expanduser().resolve()
    if not root.exists():
        raise CacheNotFound(f"There is no cache at {root}: nothing was downloaded to this folder yet.", root)
    if not root.is_dir():
        raise ValueError(f"{root} is a file, not the folder of a cache.")
    repos: list[CachedRepoInfo] = []
    warnings: list[CorruptedCacheException] = []
    for folder in sorted(root.iterdir()):
        if folder.name in _IGNORED or (folder / _SHARED_BLOBS_MARKER).is_file():
            continue
        try:
            repos.append(_scan_repo(folder, warnings))
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
        incomplete_files=frozenset(_find_incomplete_files(root)),
        warnings=warnings,
        cache_dir=root,
    )


def _scan_repo(folder: Path, warnings: list[CorruptedCacheException]) -> CachedRepoInfo:
    """Scan one repository.

    Args:
        warnings: Problems of single files, which are omitted, are added here.
    """
    plural, _, name = folder.name.partition("--")
    if not folder.is_dir() or plural not in TYPES_BY_PLURAL or not name:
        raise CorruptedCacheException(f"{folder} is not the folder of a repository, such as models--owner--name.")
    _check_no_links(folder, *(folder / part for part in ("snapshots", "refs", "blobs")))
    snapshots = folder / "snapshots"
    if not snapshots.is_dir():
        raise CorruptedCacheException(f"{folder} has no folder 'snapshots': no file of the repository was downloaded.")
    refs = _read_refs(folder / "refs", warnings)
    blobs: dict[Path, os.stat_result] = {}
    revisions = frozenset(
        _scan_revision(path, refs.pop(path.name, set()), blobs, warnings)
        for path in snapshots.iterdir()
        if path.name not in _SYSTEM_FILES
    )
    if refs:
        missing = ", ".join(f"{name!r}, which is {commit}" for commit, names in refs.items() for name in sorted(names))
        raise CorruptedCacheException(f"{folder} has refs without the files of their commits: {missing}.")
    stats = list(blobs.values()) or [folder.stat()]
    return CachedRepoInfo(
        repo_id=name.replace("--", "/"),
        repo_type=TYPES_BY_PLURAL[plural],
        repo_path=folder,
        size_on_disk=sum(stat.st_size for stat in blobs.values()),
        nb_files=len(blobs),
        revisions=revisions,
        last_accessed=max(stat.st_atime for stat in stats),
        last_modified=max(stat.st_mtime for stat in stats),
    )


def _check_no_links(*folders: Path) -> None:
    """Check that folders are not symbolic links, so that deletions stay in the cache."""
    for folder in folders:
        if folder.is_symlink():
            raise CorruptedCacheException(f"{folder} is a symbolic link, which is not followed.")


def _read_refs(folder: Path, warnings: list[CorruptedCacheException]) -> dict[str, set[str]]:
    """Read the refs of a repository, by commit; those that cannot be read, as links, are left out with a warning."""
    if folder.is_file():
        raise CorruptedCacheException(f"{folder} is a file, not a folder of refs.")
    refs: dict[str, set[str]] = {}
    for path in _walk_files(folder) if folder.exists() else ():
        if path.name not in _SYSTEM_FILES:
            try:
                commit = read_file(path).decode().strip()
            except (OSError, UnicodeDecodeError) as error:
                warnings.append(CorruptedCacheException(f"{path} cannot be read, so this ref is left out: {error}"))
                continue
            refs.setdefault(commit, set()).add(path.relative_to(folder).as_posix())
    return refs


def _scan_revision(
    folder: Path, refs: set[str], blobs: dict[Path, os.stat_result], warnings: list[CorruptedCacheException]
) -> CachedRevisionInfo:
    """Scan one commit.

    Args:
        blobs: Status of the blobs found so far; those of this commit are added.
        warnings: Problems of single files are added here.
    """
    _check_no_links(folder)
    if not folder.is_dir():
        raise CorruptedCacheException(f"{folder} is a file, not the folder of a commit.")
    files: list[CachedFileInfo] = []
    for path in _walk_files(folder):
        try:
            files.append(_scan_file(path, blobs))
        except CorruptedCacheException as warning:
            warnings.append(warning)
    sizes = {file.blob_path: file.size_on_disk for file in files}
    return CachedRevisionInfo(
        commit_hash=folder.name,
        snapshot_path=folder,
        size_on_disk=sum(sizes.values()),
        files=frozenset(files),
        refs=frozenset(refs),
        last_modified=max((file.blob_last_modified for file in files), default=folder.stat().st_mtime),
    )


def _scan_file(path: Path, blobs: dict[Path, os.stat_result]) -> CachedFileInfo:
    """Scan one file.

    Raises:
        CorruptedCacheException: The file is a broken link, or cannot be read.
    """
    try:
        # Follows one link only: the blob may itself be a link to a blob that several repositories share.
        blob = Path(os.path.abspath(path.parent / os.readlink(path))) if path.is_symlink() else path
        if blob not in blobs:
            blobs[blob] = blob.stat()
    except FileNotFoundError:
        raise CorruptedCacheException(
            f"{path} is a broken link: its blob does not exist. Download the file again, or remove the link."
        ) from None
    except OSError as error:
        raise CorruptedCacheException(f"{path} cannot be read: {error}") from None
    stat = blobs[blob]
    return CachedFileInfo(
        file_name=path.name,
        file_path=path,
        blob_path=blob,
        size_on_disk=stat.st_size,
        blob_last_accessed=stat.st_atime,
        blob_last_modified=stat.st_mtime,
    )


def _find_incomplete_files(root: Path) -> Iterator[CachedIncompleteFileInfo]:
    for path in root.glob("*/blobs/*"):
        if path.name.endswith((SUFFIX, RANGES_SUFFIX, MAP_SUFFIX)):
            with suppress(FileNotFoundError):  # the download finished during the scan
                yield CachedIncompleteFileInfo(file_path=path, size_on_disk=path.stat().st_size)


def _walk_files(folder: Path) -> Iterator[Path]:
    """List all files and links below a folder."""

    def fail(error: OSError) -> None:
        raise error

    for parent, _, names in os.walk(folder, onerror=fail):
        for name in names:
            yield Path(parent, name)
