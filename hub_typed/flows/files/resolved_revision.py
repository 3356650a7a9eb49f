"""Commits of revisions for programs that read several files of one state of a repository."""

from __future__ import annotations

import os

from hub_typed.errors import HubError, RevisionResolutionError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.offline import is_hub_unavailable, may_send_requests
from hub_typed.flows.files.paths import COMMIT
from hub_typed.flows.files.revision import resolve_revision as request_commit
from hub_typed.http.io import Io
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType
from hub_typed_api.path import ResolvedRevision

__all__ = ["ResolvedRevision", "resolve_revision"]


async def resolve_revision(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | str | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_files_only: bool = False,
) -> ResolvedRevision:
    """Return the commit of a revision, to pass as the revision of several calls, which then read the same state.

    The commit is written to the cache, and read from there if the Hub is unavailable.

    Args:
        repo_id: Id of the repository.
        repo_type: Type of the repository; a model by default.
        revision: Branch, tag, other ref or commit; the default branch by default. The result of an earlier call for
            the same repository is returned unchanged; of another repository, what was asked for is resolved again.
        cache_dir: Folder of the cache; that of the settings by default.
        local_files_only: Whether only the cache is asked.

    Raises:
        RevisionResolutionError: The commit is not in the cache, and the Hub is unavailable or must not be requested.
        RevisionNotFoundError: The repository has no such revision.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
    """
    kind = rules.repo_type(repo_type)
    if isinstance(revision, ResolvedRevision):
        if revision.repo in (None, (repo_id, kind)):
            return revision
        revision = revision.initial
    name = rules.checked_revision(revision or "main")
    if COMMIT.fullmatch(name):
        return ResolvedRevision(name, name, repo_id, kind)
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    commit = await io.run_blocking(lambda: cached.commit(name))
    failure: HubError | None = None
    if may_send_requests(io, local_files_only=local_files_only, force_download=False):
        try:
            found = await request_commit(io, repo_id, kind, name, single_attempt=commit is not None)
        except HubError as error:
            if not is_hub_unavailable(error, has_local_copy=commit is not None):
                raise
            failure = error
        else:
            await io.run_blocking(lambda: cached.write_ref(name, found))
            return ResolvedRevision(found, revision, repo_id, kind)
    if commit is None:
        reason = "must not be requested" if failure is None else f"is unavailable: {failure}"
        raise RevisionResolutionError(
            f"{repo_id}: the commit of revision {name!r} is not in the cache ({cached.folder}), and the Hub {reason}"
        ) from failure
    return ResolvedRevision(commit, revision, repo_id, kind)
