"""Whether the files on this disk are those of the Hub, to the last byte; and how those that are not become so again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict

import attrs

from hub_typed.errors import LocalEntryNotFoundError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.disk import PIECE, Digest, disk_errors
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.metadata import remote_file
from hub_typed.flows.files.snapshot import commit_at
from hub_typed.flows.files.tree import TreeFile, keep_tree, read_tree, tree_file
from hub_typed.flows.local_files import files_below
from hub_typed.folders import NO_FILE, open_file
from hub_typed.io import Io
from hub_typed.progress import observer_for
from hub_typed.session import items
from hub_typed_api import path as rules
from hub_typed_api.models import RepoFile, RepoType
from hub_typed_api.operations import tree as operations

__all__ = ["ChecksumMismatch", "FolderVerification", "verify_repo_checksums"]

Algorithm: TypeAlias = Literal["sha256", "git-sha1"]


class ChecksumMismatch(TypedDict):
    """A file whose bytes are not those that the Hub has.

    Attributes:
        path: Path in the repository.
        expected: The hash of the file on the Hub.
        actual: The hash of the file on this disk; or, in words, why it was not read: it cannot be, or is a symbolic
            link that leads out of its folder.
        algorithm: ``sha256`` for an LFS file, ``git-sha1`` (git's id of a blob) for any other.
    """

    path: str
    expected: str
    actual: str
    algorithm: Algorithm


@attrs.frozen(kw_only=True)
class FolderVerification:
    """What `verify_repo_checksums` found, as it was before anything was repaired.

    Attributes:
        revision: What the files were compared with: a commit for those of the cache, the revision asked for otherwise.
        checked_count: How many files were compared.
        mismatches: Files that differ.
        missing_paths: Files of the repository that are not here.
        extra_paths: Files here that the repository does not have.
        verified_path: The folder.
        unchecked_paths: Files whose hashes the Hub hides from those who may not read them; they were not compared.
        repaired_paths: Files that were downloaded anew, and are right now.
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
    """Compare downloaded files with the hashes that the Hub has, reading every byte.

    The Hub is asked for the hashes each time. A link is read only if it leads to a file of the same cache or folder.

    Args:
        revision: Branch, tag or commit. If not given, ``main``; in a cache that does not know ``main``, the only commit
            that is there.
        local_dir: Compare the files below this folder, in place of those in the cache.
        cache_dir: Folder of the cache; that of the settings if neither is given.
        repair: Download anew what differs, and what is missing of the whole repository.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token may not see it.
        RevisionNotFoundError: There is no such branch, tag or commit.
        LocalEntryNotFoundError: Nothing of it is on this disk; or the cache knows no such revision, or several.
        GatedRepoError: A file is to be downloaded, and access must be asked for first.
        IntegrityError: The bytes that came are not those that the Hub promised.
        DiskError: A file cannot be written.
        ValueError: Both ``local_dir`` and ``cache_dir`` are given.
    """
    if local_dir is not None and cache_dir is not None:
        raise ValueError("Give local_dir or cache_dir, not both: one folder is verified.")
    kind = rules.repo_type(repo_type)
    if revision is not None:
        rules.checked_revision(revision)
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    place: CachedRepo | LocalFolder
    if local_dir is None:
        place = cached
        compared = commit = await io.work(lambda: _cached_commit(cached, revision))
        root = cached.snapshot(commit)
    else:
        place = LocalFolder.of(local_dir, cached)
        compared, root = revision or "main", place.folder
    if not await io.work(root.is_dir):
        raise LocalEntryNotFoundError(f"There is nothing to verify: {root} is no folder. Download {repo_id} first.")
    commit = await commit_at(io, repo_id, kind, compared)
    listing = operations.list_repo_tree(repo_id, repo_type=kind, revision=commit, recursive=True)
    tree = {entry.path: tree_file(entry) async for entry in items(io, listing) if isinstance(entry, RepoFile)}

    def looked() -> tuple[set[str], list[str]]:
        with disk_errors(f"the files of {repo_id}", root):
            return set(files_below(str(root), io.check)), [os.path.realpath(one) for one in (place.folder, cached.root)]

    here, within = await io.work(looked)
    there = [file for path, file in sorted(tree.items()) if path in here]

    async def compare(file: TreeFile) -> ChecksumMismatch | None:
        return await io.work(lambda: _mismatch(io, file, root / file.path, within))

    compared_files = [file for file in there if file.etag is not None]
    mismatches = [found for found in await io.each(compare, compared_files) if found is not None]
    missing = sorted(tree.keys() - here)
    wrong = {found["path"] for found in mismatches}.union(missing)

    async def mend(group: list[TreeFile]) -> None:
        """Bring files of the same content: where the cache keeps it once, the first download mends all of them."""
        for position, file in enumerate(group):
            if position and await io.work(partial(_is_right, io, file, root / file.path, within)):
                continue
            remote = file.remote(repo_id, kind, commit)
            remote = remote or await remote_file(io, repo_id, kind, file.path, commit, timeout=io.settings.etag_timeout)
            await place.put(io, remote, observer, anew=True)

    if repair:
        files = list(tree.values())
        if all(file.etag for file in files) and await io.work(lambda: read_tree(place.lists, commit)) != files:
            await io.work(lambda: keep_tree(place, commit, files))
        observer = observer_for(io.settings)
        await io.each(mend, _by_content(tree[path] for path in sorted(wrong)))
    return FolderVerification(
        revision=compared,
        checked_count=len(compared_files),
        mismatches=mismatches,
        missing_paths=missing,
        extra_paths=sorted(here - tree.keys()),
        verified_path=root,
        unchecked_paths=[file.path for file in there if file.etag is None],
        repaired_paths=sorted(wrong) if repair else [],
    )


def _cached_commit(cached: CachedRepo, revision: str | None) -> str:
    """The commit whose files in the cache are meant.

    Raises:
        LocalEntryNotFoundError: The cache does not know it.
    """
    known = cached.commit(revision or "main")
    if known is not None:
        return known
    if revision is not None:
        raise LocalEntryNotFoundError(
            f"{cached.folder} does not know the revision {revision!r}. Download it first, or give a commit."
        )
    snapshots = cached.folder / "snapshots"
    try:
        commits = os.listdir(snapshots)
    except OSError:
        commits = []
    if len(commits) == 1 and cached.commit(commits[0]) is not None:
        return commits[0]
    raise LocalEntryNotFoundError(
        f"{snapshots} holds several commits, and main is none of them: give revision."
        if commits
        else f"There is nothing to verify: {snapshots} is empty or not there. Download a file of the repository first."
    )


def _by_content(files: Iterable[TreeFile]) -> list[list[TreeFile]]:
    groups: dict[str, list[TreeFile]] = {}
    for file in files:
        groups.setdefault(file.etag or f"hidden {file.path}", []).append(file)
    return list(groups.values())


def _is_right(io: Io, file: TreeFile, place: Path, within: list[str]) -> bool:
    return file.etag is not None and place.exists() and _mismatch(io, file, place, within) is None


def _mismatch(io: Io, file: TreeFile, place: Path, within: list[str]) -> ChecksumMismatch | None:
    """How a file that is there differs; ``None`` if it does not.

    Args:
        within: Folders that a link may lead to.
    """
    assert file.etag is not None
    algorithm: Algorithm = "git-sha1" if file.sha256 is None else "sha256"
    actual = _hash_or_reason(io, place, algorithm, within)
    if actual == file.etag:
        return None
    return ChecksumMismatch(path=file.path, expected=file.etag, actual=actual, algorithm=algorithm)


def _hash_or_reason(io: Io, place: Path, algorithm: Algorithm, within: list[str]) -> str:
    """The hash of a file, or why it was not read."""
    try:
        real = os.path.realpath(place)
        if not any(real.startswith(folder.rstrip(os.sep) + os.sep) for folder in within):
            return f"a symbolic link that leads to {real}"
        with open_file(real, follow=False) as opened:
            size = os.fstat(opened.fileno()).st_size
            digest: Digest = hashlib.sha256() if algorithm == "sha256" else hashlib.sha1(usedforsecurity=False)
            if algorithm == "git-sha1":
                digest.update(b"blob %d\0" % size)
            while piece := opened.read(PIECE):
                io.check()
                digest.update(piece)
            return digest.hexdigest()
    except OSError as error:  # a bad sector, or nobody may read it: it is of no use to anybody
        what = "no regular file" if error.errno in NO_FILE else "unreadable"
        return f"{what}: {error.strerror or error}"
