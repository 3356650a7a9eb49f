"""Contents of the cache (repositories, revisions, files) and their deletion."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import attrs

from hub_typed.disk.folders import Folder
from hub_typed.errors import CorruptedCacheException
from hub_typed.flows.files.formatting import format_age, format_size, format_table
from hub_typed.logs.logger import log as _log
from hub_typed.urls.repo_types import KnownRepoType
from hub_typed_api.fields import Fields

__all__ = [
    "CachedFileInfo",
    "CachedIncompleteFileInfo",
    "CachedRepoInfo",
    "CachedRevisionInfo",
    "DeleteCacheStrategy",
    "HFCacheInfo",
]


@attrs.frozen
class CachedFileInfo(Fields):
    """A cached file of a commit.

    Attributes:
        file_name: Last part of the path.
        file_path: Path among the files of the commit.
        blob_path: Path of the blob; equal to ``file_path`` if the cache does not use links.
        size_on_disk: Size of the blob in bytes.
        blob_last_accessed: Seconds since 1970; only approximate on many systems.
        blob_last_modified: Seconds since 1970.
    """

    file_name: str
    file_path: Path
    blob_path: Path
    size_on_disk: int
    blob_last_accessed: float
    blob_last_modified: float

    @property
    def blob_last_accessed_str(self) -> str:
        """Age of the last access to the blob, for example ``2 weeks ago``."""
        return format_age(self.blob_last_accessed)

    @property
    def blob_last_modified_str(self) -> str:
        """Age of the download of the blob, for example ``2 weeks ago``."""
        return format_age(self.blob_last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Size of the blob, for example ``42.2K``."""
        return format_size(self.size_on_disk)


@attrs.frozen
class CachedRevisionInfo(Fields):
    """A cached commit with its cached files.

    Attributes:
        commit_hash: 40 hexadecimal digits.
        snapshot_path: Folder of the files.
        size_on_disk: Total size of the blobs in bytes, each counted once.
        files: The cached files.
        refs: Branches, tags and other refs that pointed to this commit as of the last request.
        last_modified: Modification time of the newest blob, in seconds since 1970.
    """

    commit_hash: str
    snapshot_path: Path
    size_on_disk: int
    files: frozenset[CachedFileInfo]
    refs: frozenset[str]
    last_modified: float

    @property
    def last_modified_str(self) -> str:
        """Age of the latest download, for example ``2 weeks ago``."""
        return format_age(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Size of all blobs, for example ``42.2K``."""
        return format_size(self.size_on_disk)

    @property
    def nb_files(self) -> int:
        """Number of files."""
        return len(self.files)


@attrs.frozen
class CachedRepoInfo(Fields):
    """A cached repository with its cached commits.

    Attributes:
        repo_path: Folder of the repository.
        size_on_disk: Total size of the blobs in bytes, each counted once.
        nb_files: Number of blobs.
        revisions: The cached commits.
        last_accessed: Latest access to a blob, in seconds since 1970; only approximate on many systems.
        last_modified: Modification time of the newest blob, in seconds since 1970.
    """

    repo_id: str
    repo_type: KnownRepoType
    repo_path: Path
    size_on_disk: int
    nb_files: int
    revisions: frozenset[CachedRevisionInfo]
    last_accessed: float
    last_modified: float

    @property
    def last_accessed_str(self) -> str:
        """Age of the last access to a blob, for example ``2 weeks ago``."""
        return format_age(self.last_accessed)

    @property
    def last_modified_str(self) -> str:
        """Age of the latest download, for example ``2 weeks ago``."""
        return format_age(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Size of all blobs, for example ``42.2K``."""
        return format_size(self.size_on_disk)

    @property
    def cache_id(self) -> str:
        """Type and id, for example ``dataset/owner/name``."""
        return f"{self.repo_type}/{self.repo_id}"

    @property
    def refs(self) -> dict[str, CachedRevisionInfo]:
        """Cached commits by ref."""
        return {ref: revision for revision in self.revisions for ref in revision.refs}


@attrs.frozen
class CachedIncompleteFileInfo(Fields):
    """Partial file of an interrupted download.

    Attributes:
        size_on_disk: Bytes downloaded so far.
    """

    file_path: Path
    size_on_disk: int


@attrs.frozen
class DeleteCacheStrategy(Fields):
    """Plan of a deletion; nothing is deleted before `execute`.

    Attributes:
        expected_freed_size: Total size of the blobs to delete, in bytes.
        blobs: Blobs that no other file uses.
        refs: Files that hold the commit of a ref.
        repos: Folders of whole repositories.
        snapshots: Folders of the files of a commit.
        files: Single files of commits.
        cache_dir: Folder of the cache.
    """

    expected_freed_size: int
    blobs: frozenset[Path]
    refs: frozenset[Path]
    repos: frozenset[Path]
    snapshots: frozenset[Path]
    files: frozenset[Path] = frozenset()
    cache_dir: Path | None = None

    @property
    def expected_freed_size_str(self) -> str:
        """Size of the blobs to delete, for example ``42.2K``."""
        return format_size(self.expected_freed_size)

    def execute(self) -> None:
        """Delete the files of the plan. Missing ones are ignored; links are deleted and never followed.

        Raises:
            OSError: A file cannot be deleted. The rest of the cache stays consistent, since blobs are deleted after
                the files that refer to them.
            UnsafePathError: A symbolic link is in place of a folder of the cache; its target is not deleted.
        """
        whole = [repo / part for repo in self.repos for part in ("refs", "snapshots", "")]
        for path in (*self.refs, *self.files, *self.snapshots, *self.blobs, *whole):
            known = self.cache_dir
            root = known if known is not None and known in path.parents else path.parent
            *folders, name = path.relative_to(root).parts
            with suppress(FileNotFoundError), Folder.root(root) as top, top.enter(*folders) as folder:
                folder.remove_all(name)


@attrs.frozen
class HFCacheInfo(Fields):
    """Contents of the cache.

    Attributes:
        size_on_disk: Total size of the blobs in bytes, each counted once even if several repositories share it.
        repos: The cached repositories.
        incomplete_files: Partial files of interrupted downloads.
        warnings: Folders that are not valid cached repositories; ``repos`` does not include them.
        cache_dir: Folder of the cache.
    """

    size_on_disk: int
    repos: frozenset[CachedRepoInfo]
    warnings: list[CorruptedCacheException]
    incomplete_files: frozenset[CachedIncompleteFileInfo] = frozenset()
    cache_dir: Path | None = None

    @property
    def size_on_disk_str(self) -> str:
        """Size of all blobs, for example ``42.2K``."""
        return format_size(self.size_on_disk)

    @property
    def incomplete_size_on_disk(self) -> int:
        """Size of the partial files of interrupted downloads."""
        return sum(file.size_on_disk for file in self.incomplete_files)

    def delete_revisions(self, *revisions: str) -> DeleteCacheStrategy:
        """Plan the deletion of commits: their files, their refs, and blobs that no other commit uses.

        A repository without remaining commits is deleted as a whole. Commits that are not cached are ignored, with a
        warning in the log.

        Args:
            revisions: Full commit hashes.
        """
        known = {revision.commit_hash for repo in self.repos for revision in repo.revisions}
        if unknown := sorted(set(revisions) - known):
            _log.warning("Revisions not deleted because they are not in the cache: %s", ", ".join(unknown))
        freed: dict[Path, int] = {}
        blobs: set[Path] = set()
        refs: set[Path] = set()
        repos: set[Path] = set()
        snapshots: set[Path] = set()
        for repo in self.repos:
            deleted = [revision for revision in repo.revisions if revision.commit_hash in revisions]
            if not deleted:
                continue
            unused = _unused_blobs(repo, {file for revision in deleted for file in revision.files})
            freed |= unused
            if len(deleted) == len(repo.revisions):
                repos.add(repo.repo_path)
                continue
            blobs |= _outside_snapshots(repo, unused)
            for revision in deleted:
                snapshots.add(revision.snapshot_path)
                refs.update(repo.repo_path / "refs" / ref for ref in revision.refs)
        return DeleteCacheStrategy(
            expected_freed_size=sum(freed.values()),
            blobs=frozenset(blobs),
            refs=frozenset(refs),
            repos=frozenset(repos),
            snapshots=frozenset(snapshots),
            cache_dir=self.cache_dir,
        )

    def delete_files(self, *files: CachedFileInfo) -> DeleteCacheStrategy:
        """Plan the deletion of single files of commits, and of blobs that no other file uses.

        Commits and refs are kept, even if none of their files remain.
        """
        freed: dict[Path, int] = {}
        blobs: set[Path] = set()
        links: set[Path] = set()
        for repo in self.repos:
            deleted = {file for revision in repo.revisions for file in revision.files}.intersection(files)
            unused = _unused_blobs(repo, deleted)
            freed |= unused
            blobs |= _outside_snapshots(repo, unused)
            links.update(file.file_path for file in deleted)
        return DeleteCacheStrategy(
            expected_freed_size=sum(freed.values()),
            blobs=frozenset(blobs),
            refs=frozenset(),
            repos=frozenset(),
            snapshots=frozenset(),
            files=frozenset(links),
            cache_dir=self.cache_dir,
        )

    def export_as_table(self, *, verbosity: int = 0) -> str:
        """Format the repositories as a text table with one row each.

        Args:
            verbosity: 0 for one row per repository, 1 for one row per commit.
        """
        repos = sorted(self.repos, key=lambda repo: repo.repo_path)
        if verbosity == 0:
            return format_table(
                (
                    "REPO ID",
                    "REPO TYPE",
                    "SIZE ON DISK",
                    "NB FILES",
                    "LAST_ACCESSED",
                    "LAST_MODIFIED",
                    "REFS",
                    "LOCAL PATH",
                ),
                *(
                    (
                        repo.repo_id,
                        repo.repo_type,
                        repo.size_on_disk_str,
                        str(repo.nb_files),
                        repo.last_accessed_str,
                        repo.last_modified_str,
                        ", ".join(sorted(repo.refs)),
                        str(repo.repo_path),
                    )
                    for repo in repos
                ),
            )
        return format_table(
            ("REPO ID", "REPO TYPE", "REVISION", "SIZE ON DISK", "NB FILES", "LAST_MODIFIED", "REFS", "LOCAL PATH"),
            *(
                (
                    repo.repo_id,
                    repo.repo_type,
                    revision.commit_hash,
                    revision.size_on_disk_str,
                    str(revision.nb_files),
                    revision.last_modified_str,
                    ", ".join(sorted(revision.refs)),
                    str(revision.snapshot_path),
                )
                for repo in repos
                for revision in sorted(repo.revisions, key=lambda revision: revision.commit_hash)
            ),
        )


def _unused_blobs(repo: CachedRepoInfo, deleted: Collection[CachedFileInfo]) -> dict[Path, int]:
    """Return the blobs that no remaining file uses, each with the size that its deletion frees."""
    needed = {file.blob_path for revision in repo.revisions for file in revision.files if file not in deleted}
    return {
        # A link points to the blobs that clients with Xet share among repositories; these are not deleted.
        file.blob_path: 0 if file.blob_path.is_symlink() else file.size_on_disk
        for file in deleted
        if file.blob_path not in needed and file.blob_path.is_relative_to(repo.repo_path)
    }


def _outside_snapshots(repo: CachedRepoInfo, blobs: Iterable[Path]) -> set[Path]:
    """Return the blobs outside the snapshot folders, which are not deleted with these."""
    return {path for path in blobs if path.parent == repo.repo_path / "blobs"}
