"""Files of an earlier download of a repository, as far as they are on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs

from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.commit_tree import FilesOnDisk, TreeFile, read_cached_tree, read_latest_cached_tree
from hub_typed.flows.files.local_dir import LocalFolder

__all__: list[str] = []


@attrs.frozen
class LocalCopy:
    """Files of an earlier download.

    Attributes:
        folder: Folder of the files; ``None`` if there are none.
        commit: Commit whose list of files is on disk; ``None`` if there is no list.
        tree: The requested files of that commit.
        files: The requested files, compared with those on disk.
    """

    folder: Path | None = None
    commit: str | None = None
    tree: list[TreeFile] = attrs.field(factory=list[TreeFile])
    files: FilesOnDisk = attrs.field(factory=FilesOnDisk)

    @property
    def is_usable(self) -> bool:
        """Whether the copy can be used if the Hub is unavailable."""
        return self.folder is not None and not self.files.absent

    def is_current(self, commit: str) -> bool:
        """Whether all requested files of a commit are on disk."""
        return self.folder is not None and self.commit == commit and not self.files.outdated


def find_local_copy(
    cached: CachedRepo,
    local: LocalFolder | None,
    revision: str,
    select: Callable[[list[TreeFile]], list[TreeFile]],
    check: Callable[[], None],
) -> LocalCopy:
    """Find the files of an earlier download.

    Args:
        cached: The repository in the cache.
        local: Local folder of the files; ``None`` if they are in the cache.
        revision: Requested revision.
        select: Returns the requested files of all files.
        check: Called for each file; an exception that it raises stops the work.
    """
    commit = cached.commit(revision)
    folder = local.folder if local else cached.snapshot(commit) if commit else None
    if folder is None or not _has_files(folder):
        return LocalCopy()
    destination = local or cached
    tree = read_cached_tree(destination.metadata_folder, commit) if commit else None
    if tree is None:
        if local is not None:  # downloads to a local folder do not write refs to the cache
            commit, tree = read_latest_cached_tree(local.metadata_folder)
        if tree is None:
            return LocalCopy(folder)
    selected = select(tree)
    return LocalCopy(folder, commit, selected, destination.compare(commit or "", selected, check))


def _has_files(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name != ".cache" for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return False
