"""Handlers of operations that only old clients use: single-file uploads, password login, some lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, cast

from hub_typed.local.errors import bad_request, not_found, revision_missing
from hub_typed.local.git.objects import AuthoredMessage, Change, Put, Remove
from hub_typed.local.git.paths import checked_path
from hub_typed.local.git.patterns import Attributes
from hub_typed.local.lfs.store import MAX_REGULAR, Pointer
from hub_typed.local.repos.pull_requests import record_commits
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lfs_access import checked_content
from hub_typed.local.views.repo_info import is_visible, names_in, summarize_for_list
from hub_typed_api import models
from hub_typed_api.server.legacy import LegacyHandlers

__all__ = ["Legacy"]


class Legacy(LegacyHandlers[Call]):
    """Handlers of the operations in the area ``legacy``."""

    def login_password(self, call: Call, *, username: str, password: str) -> models.LoginToken:
        return models.LoginToken(token_=call.accounts.log_in(username, password))

    def logout(self, call: Call) -> None:
        identity = call.user()
        if not identity.session:
            raise bad_request("Only a token of a password login can be logged out; this is an access token")
        call.accounts.delete_token(identity.token)

    def whoami_v1(self, call: Call) -> dict[str, Any]:
        name = call.user().user.name
        return {"user": name, "orgs": [one.name for one in call.accounts.organizations_of(name)]}

    def list_repos_objs(self, call: Call, *, organization: str | None = None) -> list[models.RepoObj]:
        owner = organization or call.user().user.name
        call.user()
        if call.accounts.user(owner) is None and call.accounts.organization(owner) is None:
            raise not_found(f"There is no account named {owner}")
        found: list[models.RepoObj] = []
        for repo in call.store.all("model"):
            if repo.namespace == owner and is_visible(call, repo):
                found += _file_infos(repo)
        return found

    def upload_file_v1(
        self,
        call: Call,
        *,
        repo_id: str,
        path_in_repo: str,
        repo_type: models.RepoType,
        revision: str,
        body: Iterator[bytes],
    ) -> models.UploadedFile:
        repo = call.writable(repo_type, repo_id, revision)
        path = checked_path(path_in_repo)
        content = b"".join(body)
        if len(content) > MAX_REGULAR:
            raise bad_request(f"{path} is larger than 10 MiB: it must be uploaded through LFS")
        git = repo.git()
        head = git.commit_at(revision)
        if content and Attributes(lambda where: git.text(head, where)).lfs(path):
            oid = hashlib.sha256(content).hexdigest()
            call.lfs.receive(oid, len(content), [content])
            content = Pointer(oid, len(content)).text()
        else:
            checked_content(call, repo, path, content)
        _commit(call, repo, revision, Put(path, content), f"Upload {path}")
        return models.UploadedFile(url=f"{call.web_url(repo.repo_type, repo.repo_id)}/blob/{revision}/{path}")

    def delete_file_v1(
        self, call: Call, *, repo_id: str, path_in_repo: str, repo_type: models.RepoType, revision: str
    ) -> None:
        repo = call.writable(repo_type, repo_id, revision)
        path = checked_path(path_in_repo)
        _commit(call, repo, revision, Remove(path), f"Delete {path}")

    def update_repo_visibility_v1(self, call: Call, *, repo_id: str, repo_type: models.RepoType, private: bool) -> None:
        call.change(call.writable(repo_type, repo_id), private=private)

    def list_metrics(self, call: Call) -> list[models.Metric]:
        """List the metrics named in the cards of models and datasets."""
        names = {
            name
            for kind in ("model", "dataset")
            for repo in call.store.all(kind)
            if is_visible(call, repo)
            for name in _metrics(repo)
        }
        return [models.Metric(id=name) for name in sorted(names)]


def _commit(call: Call, repo: Repo, revision: str, change: Change, message: str) -> None:
    with call.writing(repo) as git:
        head = git.branch(revision)
        if head is None:
            raise revision_missing(revision)
        git.commit(revision, head, [change], AuthoredMessage(user=call.user().user.name, message=message))
        record_commits(repo, call.actor(), [revision])


def _file_infos(repo: Repo) -> list[models.RepoObj]:
    one = summarize_for_list(repo)
    if one is None or one.sha is None:
        return []
    return [
        models.RepoObj(
            filename=f"{repo.repo_id}/{file.path}",
            last_modified=one.common["last_modified"].isoformat(),
            commit=one.sha,
            size=file.size,
        )
        for file in one.files
    ]


def _metrics(repo: Repo) -> list[str]:
    one = summarize_for_list(repo)
    named: object = one.card.get("metrics") if one else None
    return names_in(cast("list[object]", named) if isinstance(named, list) else [named])
