"""Conflicts of a commit with the commits that were made since its parent."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.errors import CommitConflictError, CommitRejectedError, HfHubHTTPError
from hub_typed.flows.commits.checks import parent_folders
from hub_typed.flows.commits.commit_request import RequestError
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.flows.tree import get_paths_info
from hub_typed.http.io import Io
from hub_typed_api.models import RepoFile, RepoFolder

__all__: list[str] = []

SHOWN_PATHS = 5


async def check_disjoint(
    io: Io, target: Target, paths: Iterable[str], *, parent: str, head: str, error: RequestError
) -> None:
    """Check that the paths of a commit have not changed between its parent and the head of the branch.

    Args:
        paths: Paths that the commit writes or deletes; those of folders end with a slash.
        error: Why the commit was not created; its response becomes that of the raised error.

    Raises:
        CommitConflictError: Some of them have changed.
    """
    changed = await _changed_paths(io, target, paths, parent, head)
    if not changed:
        return
    shown = ", ".join(map(repr, changed[:SHOWN_PATHS]))
    more = f" and {len(changed) - SHOWN_PATHS} more" if len(changed) > SHOWN_PATHS else ""
    message = (
        f"{target.repo_id}: nothing was committed, because commits on {target.revision!r} since {parent} also changed "
        f"{shown}{more}. Read them at its new head {head}, then commit with parent_commit={head!r}."
    )
    conflict = CommitConflictError(message)
    if isinstance(error, HfHubHTTPError):
        conflict = CommitRejectedError(message, error.response, context=error.context)
    conflict.paths, conflict.parent_commit, conflict.head = tuple(changed), parent, head
    raise conflict


async def _changed_paths(io: Io, target: Target, paths: Iterable[str], parent: str, head: str) -> list[str]:
    """Return the paths that differ between two commits, and the parent folders that are files in one of them."""
    own = {path.rstrip("/"): path for path in paths}
    folders = {folder for path in own for folder in parent_folders(path)} - own.keys()

    async def read(revision: str) -> dict[str, RepoFile | RepoFolder]:
        wanted = sorted(own.keys() | folders)
        found = await get_paths_info(io, target.repo_id, wanted, revision=revision, repo_type=target.repo_type)
        return {entry.path: entry for entry in found}

    before, after = await read(parent), await read(head)
    changed = [shown for path, shown in own.items() if _git_id(before.get(path)) != _git_id(after.get(path))]
    replaced = [path for path in folders if _file_id(before.get(path)) != _file_id(after.get(path))]
    return sorted([*changed, *replaced])


def _git_id(entry: RepoFile | RepoFolder | None) -> str | None:
    return None if entry is None else entry.blob_id if isinstance(entry, RepoFile) else entry.tree_id


def _file_id(entry: RepoFile | RepoFolder | None) -> str | None:
    return entry.blob_id if isinstance(entry, RepoFile) else None
