"""What is found in the cache: files, commits, repositories; and how those that are not wanted any more are deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from hub_typed.errors import CorruptedCacheException
from hub_typed.flows.files.readable import readable_age, readable_size, readable_table
from hub_typed.folders import Folder
from hub_typed.logs import log as _log

__all__ = [
    "CachedFileInfo",
    "CachedIncompleteFileInfo",
    "CachedRepoInfo",
    "CachedRevisionInfo",
    "DeleteCacheStrategy",
    "HFCacheInfo",
]

CachedRepoType: TypeAlias = Literal["model", "dataset", "space", "kernel"]


@attrs.frozen(kw_only=True)
class CachedFileInfo:
    """A file of a commit.

    Attributes:
        file_name: The last part of its path.
        file_path: Where it is found among the files of the commit.
        blob_path: Where its content lies; the same where the cache has no links.
        size_on_disk: Bytes of the content.
        blob_last_accessed: Seconds since 1970; many systems keep this but roughly.
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
        """When the content was last read, as ``2 weeks ago``."""
        return readable_age(self.blob_last_accessed)

    @property
    def blob_last_modified_str(self) -> str:
        """When the content was downloaded, as ``2 weeks ago``."""
        return readable_age(self.blob_last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Bytes of the content, as ``42.2K``."""
        return readable_size(self.size_on_disk)


@attrs.frozen(kw_only=True)
class CachedRevisionInfo:
    """A commit, with those of its files that were downloaded.

    Attributes:
        commit_hash: 40 hexadecimal digits.
        snapshot_path: Folder of the files.
        size_on_disk: Bytes of all contents, each counted once.
        files: The files.
        refs: Branches, tags and other refs that were this commit when the Hub was last asked.
        last_modified: Seconds since 1970, of the youngest content.
    """

    commit_hash: str
    snapshot_path: Path
    size_on_disk: int
    files: frozenset[CachedFileInfo]
    refs: frozenset[str]
    last_modified: float

    @property
    def last_modified_str(self) -> str:
        """When the youngest content was downloaded, as ``2 weeks ago``."""
        return readable_age(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Bytes of all contents, as ``42.2K``."""
        return readable_size(self.size_on_disk)

    @property
    def nb_files(self) -> int:
        """Number of files."""
        return len(self.files)


@attrs.frozen(kw_only=True)
class CachedRepoInfo:
    """A repository, with the commits of which something was downloaded.

    Attributes:
        repo_path: Its folder.
        size_on_disk: Bytes of all contents, each counted once.
        nb_files: Number of contents.
        revisions: The commits.
        last_accessed: Seconds since 1970, of the content read last; many systems keep this but roughly.
        last_modified: Seconds since 1970, of the youngest content.
    """

    repo_id: str
    repo_type: CachedRepoType
    repo_path: Path
    size_on_disk: int
    nb_files: int
    revisions: frozenset[CachedRevisionInfo]
    last_accessed: float
    last_modified: float

    @property
    def last_accessed_str(self) -> str:
        """When a content was last read, as ``2 weeks ago``."""
        return readable_age(self.last_accessed)

    @property
    def last_modified_str(self) -> str:
        """When the youngest content was downloaded, as ``2 weeks ago``."""
        return readable_age(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """Bytes of all contents, as ``42.2K``."""
        return readable_size(self.size_on_disk)

    @property
    def cache_id(self) -> str:
        """Type and id, as ``dataset/owner/name``."""
        return f"{self.repo_type}/{self.repo_id}"

    @property
    def refs(self) -> dict[str, CachedRevisionInfo]:
        """The commits by their refs."""
        return {ref: revision for revision in self.revisions for ref in revision.refs}


@attrs.frozen(kw_only=True)
class CachedIncompleteFileInfo:
    """What there is of a content whose download broke off.

    Attributes:
        size_on_disk: Bytes that are there.
    """

    file_path: Path
    size_on_disk: int


@attrs.frozen(kw_only=True)
class DeleteCacheStrategy:
    """What is to be deleted, and what that brings; nothing happens before `execute`.

    Attributes:
        expected_freed_size: Bytes of the contents to be deleted.
        blobs: Contents that nothing else needs.
        refs: Files that say which commit a ref is.
        repos: Folders of whole repositories.
        snapshots: Folders of the files of a commit.
        files: Single files of a commit.
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
        """Bytes of the contents to be deleted, as ``42.2K``."""
        return readable_size(self.expected_freed_size)

    def execute(self) -> None:
        """Delete it for good. What is gone already is no error; links are deleted, and never followed.

        Raises:
            OSError: Something may not be deleted. What is left is in order, as contents go after all that leads to
                them.
            UnsafePathError: A symbolic link is where a folder of the cache should be; what it leads to stays.
        """
        whole = [repo / part for repo in self.repos for part in ("refs", "snapshots", "")]
        for path in (*self.refs, *self.files, *self.snapshots, *self.blobs, *whole):
            known = self.cache_dir
            root = known if known is not None and known in path.parents else path.parent
            *folders, name = path.relative_to(root).parts
            with suppress(FileNotFoundError), Folder.root(root) as top, top.enter(*folders) as folder:
                folder.remove_all(name)


@attrs.frozen(kw_only=True)
class HFCacheInfo:
    """All that is in the cache.

    Attributes:
        size_on_disk: Bytes of all contents, each counted once, also one that several repositories share.
        repos: The repositories.
        incomplete_files: What broken-off downloads have left.
        warnings: What is not as it should be; such repositories are not among ``repos``.
        cache_dir: Folder of the cache.
    """

    size_on_disk: int
    repos: frozenset[CachedRepoInfo]
    incomplete_files: frozenset[CachedIncompleteFileInfo]
    warnings: list[CorruptedCacheException]
    cache_dir: Path | None = None

    @property
    def size_on_disk_str(self) -> str:
        """Bytes of all contents, as ``42.2K``."""
        return readable_size(self.size_on_disk)

    @property
    def incomplete_size_on_disk(self) -> int:
        """Bytes that broken-off downloads have left."""
        return sum(file.size_on_disk for file in self.incomplete_files)

    def delete_revisions(self, *revisions: str) -> DeleteCacheStrategy:
        """Plan to delete commits: their files, the refs that name them, and contents that no other commit needs.

        A repository of which no commit is left goes altogether. A commit that is not here is warned of.

        Args:
            revisions: Commits, by their full hashes.
        """
        known = {revision.commit_hash for repo in self.repos for revision in repo.revisions}
        if unknown := sorted(set(revisions) - known):
            _log.warning("Not deleted, since they are not in the cache: %s", ", ".join(unknown))
        freed: dict[Path, int] = {}
        blobs: set[Path] = set()
        refs: set[Path] = set()
        repos: set[Path] = set()
        snapshots: set[Path] = set()
        for repo in self.repos:
            going = [revision for revision in repo.revisions if revision.commit_hash in revisions]
            if not going:
                continue
            unneeded = _unneeded(repo, {file for revision in going for file in revision.files})
            freed |= unneeded
            if len(going) == len(repo.revisions):
                repos.add(repo.repo_path)
                continue
            blobs |= _apart(repo, unneeded)
            for revision in going:
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
        """Plan to delete single files of commits, and contents that no other file needs.

        Commits and refs stay, also where nothing is left of them.
        """
        freed: dict[Path, int] = {}
        blobs: set[Path] = set()
        links: set[Path] = set()
        for repo in self.repos:
            going = {file for revision in repo.revisions for file in revision.files}.intersection(files)
            unneeded = _unneeded(repo, going)
            freed |= unneeded
            blobs |= _apart(repo, unneeded)
            links.update(file.file_path for file in going)
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
        """Write the repositories as a table of text, a line each.

        Args:
            verbosity: 1 for a line for each commit.
        """
        repos = sorted(self.repos, key=lambda repo: repo.repo_path)
        if verbosity == 0:
            return readable_table(
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
        return readable_table(
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


def _unneeded(repo: CachedRepoInfo, going: Collection[CachedFileInfo]) -> dict[Path, int]:
    """The contents that no file of a repository needs when some are gone, with the bytes that each gives back."""
    needed = {file.blob_path for revision in repo.revisions for file in revision.files if file not in going}
    return {
        # A link leads to the store that clients with Xet share among repositories, where the bytes stay.
        file.blob_path: 0 if file.blob_path.is_symlink() else file.size_on_disk
        for file in going
        if file.blob_path not in needed and file.blob_path.is_relative_to(repo.repo_path)
    }


def _apart(repo: CachedRepoInfo, blobs: Iterable[Path]) -> set[Path]:
    """Those contents that do not lie among the files of a commit, and would not go with them."""
    return {path for path in blobs if path.parent == repo.repo_path / "blobs"}
