"""The commit of a request whose response was lost: it is recognized by its title, its parent and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hub_typed.flows.commits.checks import parent_folders
from hub_typed.flows.commits.commit_lookup import commit_answer, has_title, newest_commits
from hub_typed.flows.commits.operations import CommitOperationDelete
from hub_typed.flows.commits.prepared_changes import Change, LfsCopy, Target, Upload
from hub_typed.flows.tree import get_paths_info
from hub_typed.http.io import Io
from hub_typed_api.models import CommitAnswer, GitCommitInfo, RepoFile, RepoFolder

__all__: list[str] = []

ChangedFile: TypeAlias = Upload | LfsCopy


async def find_commit(
    io: Io, target: Target, title: str, changes: Sequence[Change], parent: str, since: Sequence[GitCommitInfo]
) -> CommitAnswer | None:
    """Return the response for the commit that a request has created, if it is among the commits since its parent.

    Args:
        title: First line of its message.
        parent: Id of its parent, or the beginning of the id.
        since: Commits of the branch since the parent.

    Raises:
        SourceChangedError: A file has changed since it was sent, so the commit cannot be compared with it.
    """
    for commit in reversed(since):
        if has_title(commit, title) and await is_made_of(io, target, commit.commit_id, changes, parent):
            return commit_answer(io, target, commit.commit_id)
    return None


async def is_made_of(io: Io, target: Target, commit: str, changes: Sequence[Change], parent: str) -> bool:
    """Whether a commit has this parent, and its files are those after the changes."""
    history = await newest_commits(io, target, commit, 2)
    if len(history) != 2 or not history[1].commit_id.startswith(parent):
        return False
    expected = _files_after(changes)
    found = await get_paths_info(io, target.repo_id, sorted(expected), revision=commit, repo_type=target.repo_type)
    entries = {entry.path: entry for entry in found}
    return await io.run_blocking(lambda: all(_is_as(entries.get(path), file, io) for path, file in expected.items()))


def _files_after(changes: Sequence[Change]) -> Mapping[str, ChangedFile | None]:
    """Return the content of each changed path after the changes; ``None`` for paths that do not exist then."""
    after: dict[str, ChangedFile | None] = {}
    for change in changes:
        if isinstance(change, CommitOperationDelete):
            path = change.path_in_repo.rstrip("/")
            if change.is_folder:
                after.update(dict.fromkeys([inside for inside in after if inside.startswith(f"{path}/")]))
            after[path] = None
        else:
            for folder in parent_folders(change.path):
                after.pop(folder, None)  # exists again, as a folder
            after[change.path] = change
    if any(isinstance(file, LfsCopy) or (file is not None and file.lfs) for file in after.values()):
        after.pop(".gitattributes", None)  # the Hub adds the LFS files to it
    return after


def _is_as(entry: RepoFile | RepoFolder | None, file: ChangedFile | None, io: Io) -> bool:
    """Whether the entry of a tree is what the changes make of its path."""
    if file is None:
        return entry is None
    if not isinstance(entry, RepoFile):
        return False
    if isinstance(file, LfsCopy) or file.lfs:
        return entry.lfs is not None and entry.lfs.sha256 == file.oid
    return entry.lfs is None and entry.blob_id == (file.oid or file.content.git_id(lambda _: io.check()))
