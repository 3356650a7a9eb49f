"""Handlers of files and folders of a repository."""

from __future__ import annotations

from collections.abc import Sequence

import pygit2

from hub_typed.local.accounts.access_requests import MASK
from hub_typed.local.errors import too_large
from hub_typed.local.git.commit_text import commit_date, title
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lazy_list import LazyList
from hub_typed_api import models
from hub_typed_api.path import checked_file
from hub_typed_api.server.tree import TreeHandlers

__all__ = ["Tree"]

_MAX_PATHS = 50_000


class Tree(TreeHandlers[Call]):
    """Handlers of the operations in the area ``tree``."""

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
        repo = call.readable(repo_type, repo_id)
        git = repo.git()
        commit = git.commit_at(revision)
        folder = checked_file(path_in_repo) if path_in_repo else ""
        items = git.items(commit, folder, recursive=bool(recursive))
        masked = call.access_refusal(repo) is not None
        return LazyList(
            items, lambda some: _infos(call, git, commit, git.entries(some), expand=bool(expand), masked=masked)
        )

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
        if len(paths) > _MAX_PATHS:
            raise too_large(f"A request has at most {_MAX_PATHS} paths, this one has {len(paths)}")
        repo = call.readable(repo_type, repo_id)
        git = repo.git()
        commit = git.commit_at(revision)
        found = [git.entry(commit, path.rstrip("/")) for path in paths]
        entries = [entry for entry in found if entry is not None]
        return _infos(call, git, commit, entries, expand=bool(expand), masked=call.access_refusal(repo) is not None)


def _infos(
    call: Call, git: GitRepo, commit: pygit2.Commit, entries: Sequence[Entry], *, expand: bool, masked: bool
) -> list[models.TreeEntry]:
    commits = git.last_commits(commit, [entry.name for entry in entries]) if expand else {}
    return [_info(call, entry, commits.get(entry.name), masked=masked) for entry in entries]


def _info(call: Call, entry: Entry, last: pygit2.Commit | None, *, masked: bool) -> models.TreeEntry:
    commit = last and models.LastCommitInfo(oid=str(last.id), title=title(last), date=commit_date(last))
    if entry.kind == "directory":
        return models.RepoFolder(type="directory", path=entry.path, tree_id=entry.oid, size=0, last_commit=commit)
    lfs = None
    if entry.pointer:
        sha256 = MASK if masked else entry.pointer.sha256
        lfs = models.BlobLfsInfo(sha256=sha256, size=entry.pointer.size, pointer_size=entry.stored)
    return models.RepoFile(
        type="file",
        path=entry.path,
        blob_id=entry.oid,
        size=entry.size,
        lfs=lfs,
        xet_hash=call.xet_hash(entry.pointer.sha256) if entry.pointer and not masked else None,
        last_commit=commit,
    )
