"""Creation of branches and tags, with the option to accept existing ones."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.errors import HfHubHTTPError, HubError
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import GitRefInfo, GitRefs, RepoType
from hub_typed_api.operations import refs as operations

__all__ = ["create_branch", "create_tag"]


async def create_branch(
    io: Io,
    repo_id: str,
    *,
    branch: str,
    revision: str | None = None,
    repo_type: RepoType | None = None,
    exist_ok: bool = False,
) -> None:
    """Create a branch.

    Args:
        repo_id: Name, ``owner/name``.
        branch: Name of the branch, without ``refs/heads/``.
        revision: Branch, tag or commit that the branch starts from; the head of ``main`` if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        exist_ok: Keep an existing branch unchanged, instead of raising an error.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The name is not allowed for a branch, for example ``refs/pr/5``.
        HfHubHTTPError: The branch already exists (409), or the token may not write (403).
    """
    try:
        await execute(io, operations.create_branch(repo_id, repo_type=repo_type, branch=branch, revision=revision))
    except HfHubHTTPError as error:
        status = error.response.status_code
        if exist_ok and status == 409:
            return
        if exist_ok and status == 403:  # without write access, the Hub responds with 403 even if the branch exists
            refs = await _refs(io, repo_id, repo_type)
            if _commit(refs.branches, branch):
                return
        if error.may_be_done:
            refs = await _refs(io, repo_id, repo_type)
            if _is_at(refs, _commit(refs.branches, branch), revision):
                return
        raise


async def _refs(io: Io, repo_id: str, repo_type: RepoType | None) -> GitRefs:
    """Return the refs of a repository; none if they cannot be read, since the caller has an error to raise."""
    try:
        return await execute(io, operations.list_repo_refs(repo_id, repo_type=repo_type))
    except HubError:
        return GitRefs(branches=[], converts=[], tags=[])


def _commit(refs: Iterable[GitRefInfo], name: str) -> str | None:
    """Return the commit of a branch or tag; ``None`` if there is none of this name."""
    return next((ref.target_commit for ref in refs if name in (ref.name, ref.ref)), None)


def _is_at(refs: GitRefs, commit: str | None, revision: str | None) -> bool:
    """Whether a commit is that of a revision: a branch, a tag or the commit itself."""
    wanted = revision or "main"
    return commit is not None and commit in (wanted, _commit([*refs.branches, *refs.tags, *refs.converts], wanted))


async def create_tag(
    io: Io,
    repo_id: str,
    *,
    tag: str,
    tag_message: str | None = None,
    revision: str | None = None,
    repo_type: RepoType | None = None,
    exist_ok: bool = False,
) -> None:
    """Create a tag.

    Args:
        repo_id: Name, ``owner/name``.
        tag: Name of the tag, without ``refs/tags/``.
        tag_message: Message of an annotated tag.
        revision: Branch, tag or commit to tag; the head of ``main`` if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        exist_ok: Keep an existing tag unchanged, instead of raising an error.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        HfHubHTTPError: The tag already exists (409), or the token may not write (403).
    """
    tagging = operations.create_tag(repo_id, repo_type=repo_type, revision=revision, tag=tag, tag_message=tag_message)
    try:
        await execute(io, tagging)
    except HfHubHTTPError as error:
        if exist_ok and error.response.status_code == 409:
            return
        if error.may_be_done:
            refs = await _refs(io, repo_id, repo_type)
            if _is_at(refs, _commit(refs.tags, tag), revision):
                return
        raise
