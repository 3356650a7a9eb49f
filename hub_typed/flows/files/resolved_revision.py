"""A revision together with its commit, such that several downloads read the same commit."""

from __future__ import annotations

import os
from typing import Self

from hub_typed.errors import HubError, RevisionResolutionError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.offline import is_hub_unavailable, may_send_requests, not_found_locally
from hub_typed.flows.files.paths import COMMIT
from hub_typed.flows.files.revision import request_commit
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__ = ["ResolvedRevision", "resolve_revision"]


class ResolvedRevision(str):
    """A revision of a repository whose commit is known; as a string, the revision itself, ``main`` if none was given.

    Downloads of this repository that get it as ``revision`` read that commit, even if the branch has moved since.

    Attributes:
        initial: Branch, tag or commit that was resolved; ``None`` if none was given.
        resolved: Commit, 40 hexadecimal digits.
        repo_id: Repository, ``owner/name``; ``None`` if it is not known.
        repo_type: Type of the repository; ``None`` for a model.
    """

    __slots__ = ("initial", "repo_id", "repo_type", "resolved")

    initial: str | None
    resolved: str
    repo_id: str | None
    repo_type: RepoType | None

    def __new__(
        cls, resolved: str, initial: str | None = None, repo_id: str | None = None, repo_type: RepoType | None = None
    ) -> Self:
        self = super().__new__(cls, initial or "main")
        self.resolved, self.initial, self.repo_id, self.repo_type = resolved, initial, repo_id, repo_type
        return self

    def is_of(self, repo_id: str, repo_type: str) -> bool:
        """Whether it was resolved in this repository, or in one that is not known."""
        return self.repo_id is None or (self.repo_id, self.repo_type or "model") == (repo_id, repo_type)

    def __reduce__(self) -> tuple[type[ResolvedRevision], tuple[str, str | None, str | None, str | None]]:
        return ResolvedRevision, (self.resolved, self.initial, self.repo_id, self.repo_type)

    def __repr__(self) -> str:
        return f"ResolvedRevision(initial={self.initial!r}, resolved={self.resolved!r})"


def revision_to_read(revision: str | None, repo_id: str, repo_type: str) -> str:
    """Return the checked revision that a download reads: of a `ResolvedRevision` of its repository, the commit.

    Raises:
        HFValidationError: The revision is invalid.
    """
    if isinstance(revision, ResolvedRevision) and revision.is_of(repo_id, repo_type):
        return rules.checked_revision(revision.resolved)
    return rules.checked_revision(str(revision or "main"))


async def resolve_revision(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_files_only: bool = False,
) -> ResolvedRevision:
    """Get the commit of a revision, such that several downloads read the same one.

    The result can be passed as ``revision`` to any method; `hf_hub_download` and `snapshot_download` read its commit,
    and then need no request for files in the cache. `snapshot_download` alone already reads one commit. The commit is
    written to the cache; if the Hub is unreachable, it is read from there.

    Args:
        revision: Branch, tag or commit; ``main`` if not given. A result of this function for the same repository is
            returned as it is; for another repository, its revision is resolved there.
        cache_dir: Folder of the cache; the one from the settings if not given.
        local_files_only: Send no requests.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        RevisionResolutionError: The commit is not in the cache, and the Hub is unreachable or requests are not allowed.
    """
    kind = rules.repo_type(repo_type)
    if isinstance(revision, ResolvedRevision):
        if revision.is_of(repo_id, kind):
            return revision
        revision = revision.initial
    name = rules.checked_revision(revision or "main")
    cached = CachedRepo.of(cache_dir or io.settings.cache_dir, repo_id, kind)
    known = await io.run_blocking(lambda: cached.commit(name))
    failure: HubError | None = None
    if COMMIT.fullmatch(name) is None and may_send_requests(
        io, local_files_only=local_files_only, force_download=False
    ):
        try:
            commit = await request_commit(io, repo_id, kind, name, single_attempt=known is not None)
        except HubError as error:
            if not is_hub_unavailable(error, has_local_copy=known is not None):
                raise
            failure = error
        else:
            await io.run_blocking(lambda: cached.write_ref(name, commit))
            return ResolvedRevision(commit, revision, repo_id, repo_type)
    if known is None:
        what = f"The commit of {repo_id} at revision {name!r}"
        raise not_found_locally(io, what, cached.folder, failure, RevisionResolutionError) from failure
    if failure is not None:
        _log.warning("The Hub is unavailable for %s; using the commit %s from the cache. %s", repo_id, known, failure)
    return ResolvedRevision(known, revision, repo_id, repo_type)
