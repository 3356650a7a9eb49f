"""What files and folders a repository has."""

from __future__ import annotations

from collections.abc import Sequence

import pygit2

from hub_typed.local.call import Call
from hub_typed.local.git import Entry, GitRepo
from hub_typed.local.info import title, when
from hub_typed_api import models
from hub_typed_api.path import checked_file
from hub_typed_api.server.tree import TreeHandlers

__all__ = ["Tree"]


class Tree(TreeHandlers[Call]):
    """Answers the operations of the area tree."""

    def list_repo_tree(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        path_in_repo: str | None = None,
        recursive: bool | None = None,
        expand: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Sequence[models.TreeEntry]:
        git = call.readable(repo_type, repo_id).git()
        commit = git.commit_at(revision)
        folder = checked_file(path_in_repo) if path_in_repo else ""
        return _infos(git, commit, git.tree(commit, folder, recursive=bool(recursive)), expand=bool(expand))

    def get_paths_info(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        paths: Sequence[str],
        expand: bool | None = None,
    ) -> list[models.TreeEntry]:
        git = call.readable(repo_type, repo_id).git()
        commit = git.commit_at(revision)
        entries = [git.entry(commit, path.rstrip("/")) for path in paths]
        return _infos(git, commit, [entry for entry in entries if entry is not None], expand=bool(expand))


def _infos(git: GitRepo, commit: pygit2.Commit, entries: Sequence[Entry], *, expand: bool) -> list[models.TreeEntry]:
    commits = git.last_commits(commit, [entry.path for entry in entries]) if expand else {}
    return [_info(entry, commits.get(entry.path)) for entry in entries]


def _info(entry: Entry, last: pygit2.Commit | None) -> models.TreeEntry:
    commit = last and models.LastCommitInfo(oid=str(last.id), title=title(last), date=when(last))
    if entry.kind == "directory":
        return models.RepoFolder(type="directory", path=entry.path, tree_id=entry.oid, size=0, last_commit=commit)
    lfs = None
    if entry.pointer:
        lfs = models.LfsPointer(sha256=entry.pointer.sha256, size=entry.pointer.size, pointer_size=entry.stored)
    return models.RepoFile(
        type="file",
        path=entry.path,
        blob_id=entry.oid,
        size=entry.size,
        lfs=lfs,
        last_commit=commit,
    )
