"""Handlers of branches and tags."""

from __future__ import annotations

from hub_typed.local.errors import bad_request
from hub_typed.local.git.objects import AuthoredMessage
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.path import checked_revision
from hub_typed_api.server.refs import RefsHandlers

__all__ = ["Refs"]


class Refs(RefsHandlers[Call]):
    """Handlers of the operations in the area ``refs``."""

    def list_repo_refs(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, include_pull_requests: bool = False
    ) -> models.GitRefs:
        git = call.readable(repo_type, repo_id).git()
        return models.GitRefs(
            branches=_infos(git, "refs/heads/"),
            tags=_infos(git, "refs/tags/"),
            converts=_infos(git, "refs/convert/"),
            pull_requests=_infos(git, "refs/pr/") if include_pull_requests else None,
        )

    def create_branch(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        branch: str,
        revision: str | None = None,
        empty_branch: bool | None = None,
        overwrite: bool | None = None,
    ) -> None:
        with call.writing(call.writable(repo_type, repo_id)) as git:
            if empty_branch:
                commit = git.orphan(AuthoredMessage(user=call.user().user.name, message="initial commit"))
            else:
                commit = git.commit_at(revision or "main")
            git.create_branch(_checked_name(branch), commit, overwrite=bool(overwrite))

    def delete_branch(self, call: Call, *, repo_id: str, repo_type: models.RepoType, branch: str) -> None:
        with call.writing(call.writable(repo_type, repo_id)) as git:
            git.delete_branch(branch)

    def create_tag(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        tag: str,
        tag_message: str | None = None,
    ) -> None:
        annotation = AuthoredMessage(user=call.writer().user.name, message=tag_message) if tag_message else None
        with call.writing(call.writable(repo_type, repo_id)) as git:
            commit = git.commit_at(revision)
            git.create_tag(_checked_name(tag), commit, annotation)

    def delete_tag(self, call: Call, *, repo_id: str, repo_type: models.RepoType, tag: str) -> None:
        with call.writing(call.writable(repo_type, repo_id)) as git:
            git.delete_tag(tag)


def _checked_name(name: str) -> str:
    # git allows `refs/heads/refs/pr/1`, but its short name would be that of the pull request.
    if name.startswith("refs/"):
        raise bad_request(f"Invalid reference: {name}")
    return checked_revision(name)


def _infos(git: GitRepo, prefix: str) -> list[models.GitRefInfo]:
    return [
        models.GitRefInfo(name=ref.removeprefix(prefix), ref=ref, target_commit=commit)
        for ref, commit in git.refs(prefix)
    ]
