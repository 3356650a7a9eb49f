"""Compare files on disk with the checksums on the Hub, and repair them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict

import attrs

from hub_typed.disk.files import CHUNK_SIZE, Digest, disk_errors
from hub_typed.disk.folders import NOT_A_FILE_ERRORS, open_file
from hub_typed.errors import LocalEntryNotFoundError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.commit_tree import TreeFile, read_cached_tree, tree_file, write_cached_tree
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import get_remote_file
from hub_typed.flows.files.resolved_revision import revision_to_read
from hub_typed.flows.files.revision import request_commit
from hub_typed.flows.local_files import files_below
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.progress import Job
from hub_typed.progress_bars.observers import job_of
from hub_typed_api import path as rules
from hub_typed_api.fields import Fields
from hub_typed_api.models import RepoFile, RepoType
from hub_typed_api.operations import tree as operations

__all__ = ["ChecksumMismatch", "FolderVerification", "verify_repo_checksums"]

Algorithm: TypeAlias = Literal["sha256", "git-sha1"]


class ChecksumMismatch(TypedDict):
    """A file whose content differs from that on the Hub.

    Attributes:
        path: Path in the repository.
        expected: Hash of the file on the Hub.
        actual: Hash of the file on disk; or, as text, the reason why it was not read: it is unreadable, or a symbolic
            link that points outside its folder.
        algorithm: ``sha256`` for an LFS file, ``git-sha1`` (git blob id) for any other file.
    """

    path: str
    expected: str
    actual: str
    algorithm: Algorithm


@attrs.frozen(kw_only=True)
class FolderVerification(Fields):
    """Result of `verify_repo_checksums`: the state before any repair.

    Attributes:
        revision: Revision that the files were compared with: a commit for the cache, the requested one otherwise.
        checked_count: Number of compared files.
        mismatches: Files whose content differs.
        missing_paths: Files of the repository that are not on disk.
        extra_paths: Files on disk that are not in the repository.
        verified_path: Folder of the compared files.
        unchecked_paths: Files that were not compared, because the Hub hides their hashes from accounts without access.
        repaired_paths: Files that were downloaded again and are now correct.
    """

    revision: str
    checked_count: int
    mismatches: list[ChecksumMismatch]
    missing_paths: list[str]
    extra_paths: list[str]
    verified_path: Path
    unchecked_paths: list[str] = attrs.field(factory=list[str])
    repaired_paths: list[str] = attrs.field(factory=list[str])


async def verify_repo_checksums(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    local_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    repair: bool = False,
) -> FolderVerification:
    """Compare downloaded files with the checksums on the Hub, reading every byte.

    Each call requests the hashes from the Hub. A link is read only if it points to a file in the same cache or folder.

    Args:
        revision: Branch, tag or commit. If not given, ``main``; if the cache has no ``main``, its only commit.
        local_dir: Compare the files below this folder, instead of those in the cache.
        cache_dir: Folder of the cache; the one from the settings if neither is given.
        repair: Download the files that differ, and all missing files of the repository.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        LocalEntryNotFoundError: There are no files on disk; or the revision is not cached, or not unique.
        GatedRepoError: A file needs a download, and access to the repository must be requested first.
        IntegrityError: The size or hash of a received file differs from the metadata of the Hub.
        DiskError: A file cannot be written.
        ValueError: Both ``local_dir`` and ``cache_dir`` are given.
    """
    if local_dir is not None and cache_dir is not None:
        raise ValueError("Pass local_dir or cache_dir, not both: only one folder is verified.")
    kind = rules.repo_type(repo_type)
    if revision is not None:
        revision = revision_to_read(revision, repo_id, kind)
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    destination: CachedRepo | LocalFolder
    if local_dir is None:
        destination = cached
        compared = commit = await io.run_blocking(lambda: _cached_commit(cached, revision))
        root = cached.snapshot(commit)
    else:
        destination = LocalFolder.of(local_dir, cached, io.settings)
        compared, root = revision or "main", destination.folder
    if not await io.run_blocking(root.is_dir):
        raise LocalEntryNotFoundError(f"There is nothing to verify: {root} is not a folder. Download {repo_id} first.")
    commit = await request_commit(io, repo_id, kind, compared)
    listing = operations.list_repo_tree(repo_id, repo_type=kind, revision=commit, recursive=True)
    tree = {entry.path: tree_file(entry) async for entry in items(io, listing) if isinstance(entry, RepoFile)}

    def list_local_files() -> tuple[set[str], list[str]]:
        with disk_errors(f"the files of {repo_id}", root):
            follow = isinstance(destination, LocalFolder) and destination.follow_links
            found = set(files_below(str(root), io.check, follow=follow))
            linked = [root / os.path.dirname(path) for path in found] if follow else []
            return found, sorted({os.path.realpath(one) for one in (destination.folder, cached.root, *linked)})

    local_paths, allowed_folders = await io.run_blocking(list_local_files)
    existing = [file for path, file in sorted(tree.items()) if path in local_paths]

    async def compare(file: TreeFile) -> ChecksumMismatch | None:
        return await io.run_blocking(lambda: _mismatch(io, file, root / file.path, allowed_folders))

    compared_files = [file for file in existing if file.etag is not None]
    mismatches = [found for found in await io.each(compare, compared_files) if found is not None]
    missing = sorted(tree.keys() - local_paths)
    wrong = {found["path"] for found in mismatches}.union(missing)

    async def repair_group(group: list[TreeFile], job: Job | None) -> None:
        """Download files of the same content; in the cache, the first download repairs all of them."""
        for position, file in enumerate(group):
            if position and await io.run_blocking(partial(_matches, io, file, root / file.path, allowed_folders)):
                continue
            remote = file.remote(repo_id, kind, commit)
            remote = remote or await get_remote_file(
                io, repo_id, kind, file.path, commit, timeout=io.settings.etag_timeout
            )
            await destination.put(io, remote, job, force=True)
        if job is not None:
            job.settle(file.path for file in group)

    if repair:
        files = list(tree.values())
        if (
            all(file.etag for file in files)
            and await io.run_blocking(lambda: read_cached_tree(destination.metadata_folder, commit)) != files
        ):
            await io.run_blocking(lambda: write_cached_tree(destination, commit, files))
        with job_of(io, "download", repo_id) as job:
            if job is not None:
                job.expect({path: tree[path].size for path in wrong})
            groups = _group_by_content(tree[path] for path in sorted(wrong))
            await io.each(lambda group: repair_group(group, job), groups)
    return FolderVerification(
        revision=compared,
        checked_count=len(compared_files),
        mismatches=mismatches,
        missing_paths=missing,
        extra_paths=sorted(local_paths - tree.keys()),
        verified_path=root,
        unchecked_paths=[file.path for file in existing if file.etag is None],
        repaired_paths=sorted(wrong) if repair else [],
    )


def _cached_commit(cached: CachedRepo, revision: str | None) -> str:
    """Return the commit whose cached files are compared.

    Raises:
        LocalEntryNotFoundError: The revision is not cached, or not unique.
    """
    known = cached.commit(revision or "main")
    if known is not None:
        return known
    if revision is not None:
        raise LocalEntryNotFoundError(
            f"{cached.folder} does not contain the revision {revision!r}. Download it first, or pass a commit."
        )
    snapshots = cached.folder / "snapshots"
    try:
        commits = os.listdir(snapshots)
    except OSError:
        commits = []
    if len(commits) == 1 and cached.commit(commits[0]) is not None:
        return commits[0]
    raise LocalEntryNotFoundError(
        f"{snapshots} contains several commits, none of which is main: pass revision."
        if commits
        else f"There is nothing to verify: {snapshots} is empty or missing. Download a file of the repository first."
    )


def _group_by_content(files: Iterable[TreeFile]) -> list[list[TreeFile]]:
    groups: dict[str, list[TreeFile]] = {}
    for file in files:
        groups.setdefault(file.etag or f"hidden {file.path}", []).append(file)
    return list(groups.values())


def _matches(io: Io, file: TreeFile, path: Path, allowed_folders: list[str]) -> bool:
    return file.etag is not None and path.exists() and _mismatch(io, file, path, allowed_folders) is None


def _mismatch(io: Io, file: TreeFile, path: Path, allowed_folders: list[str]) -> ChecksumMismatch | None:
    """Return the mismatch of an existing file; ``None`` if its content is correct.

    Args:
        allowed_folders: Folders that a link may point to.
    """
    assert file.etag is not None
    algorithm: Algorithm = "git-sha1" if file.sha256 is None else "sha256"
    actual = _hash_or_reason(io, path, algorithm, allowed_folders)
    if actual == file.etag:
        return None
    return ChecksumMismatch(path=file.path, expected=file.etag, actual=actual, algorithm=algorithm)


def _hash_or_reason(io: Io, path: Path, algorithm: Algorithm, allowed_folders: list[str]) -> str:
    """Return the hash of a file, or the reason why it was not read."""
    try:
        real = os.path.realpath(path)
        if not any(real.startswith(folder.rstrip(os.sep) + os.sep) for folder in allowed_folders):
            return f"a symbolic link that points to {real}"
        with open_file(real, follow=False) as opened:
            size = os.fstat(opened.fileno()).st_size
            digest: Digest = hashlib.sha256() if algorithm == "sha256" else hashlib.sha1(usedforsecurity=False)
            if algorithm == "git-sha1":
                digest.update(b"blob %d\0" % size)
            while piece := opened.read(CHUNK_SIZE):
                io.check()
                digest.update(piece)
            return digest.hexdigest()
    except OSError as error:  # unreadable, as with a bad sector: reported as a mismatch
        what = "not a regular file" if error.errno in NOT_A_FILE_ERRORS else "unreadable"
        return f"{what}: {error.strerror or error}"
