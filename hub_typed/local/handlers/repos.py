"""Repositories come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub_typed.local.call import Call
from hub_typed.local.card import CardError, card_data
from hub_typed.local.faults import HubFault, bad_request, conflict, forbidden
from hub_typed.local.git import Put
from hub_typed.local.happenings import Event
from hub_typed.local.people import users_told
from hub_typed.local.store import known_type
from hub_typed_api import models
from hub_typed_api.path import checked_repo_id
from hub_typed_api.server.repos import ReposHandlers

__all__ = ["Repos"]


class Repos(ReposHandlers[Call]):
    """Answers the operations of the area repos."""

    def create_repo(
        self,
        call: Call,
        *,
        name: str,
        organization: str | None = None,
        repo_type: models.RepoType | None = None,
        private: bool | None = None,
        visibility: str | None = None,
        sdk: str | None = None,
        **_: Any,  # hardware, storage, secrets: nothing runs here
    ) -> models.CreatedRepo:
        identity = call.writer()
        kind = known_type(repo_type or "model")
        namespace = organization or identity.user.name
        repo_id = checked_repo_id(f"{namespace}/{name}")
        _check_owner(call, namespace, kind)
        if kind == "space" and sdk is None:
            raise bad_request("A Space needs an sdk: gradio, docker or static")
        url = call.web_url(kind, repo_id)
        if call.store.find(kind, repo_id) is not None:
            raise conflict(f"You already created this {kind} repo", url=url)
        repo = call.store.create(
            kind,
            repo_id,
            user=identity.user.name,
            private=visibility == "private" if visibility else bool(private),
            sdk=sdk,
            files=[Put("README.md", f"---\ntitle: {name}\nsdk: {sdk}\n---\n".encode())] if kind == "space" else [],
        )
        call.happened(Event(action="create", scope="repo", repo=call.subject(repo)))
        return models.CreatedRepo(url=url, name=repo_id, id=repo.facts.id)

    def delete_repo(
        self, call: Call, *, name: str, organization: str | None = None, repo_type: models.RepoType | None = None
    ) -> str:
        namespace = organization or call.writer().user.name
        repo = call.writable(repo_type or "model", f"{namespace}/{name}")
        deleted = Event(action="delete", scope="repo", repo=call.subject(repo))
        call.store.delete(repo)
        call.happened(deleted)
        return "OK"

    def move_repo(self, call: Call, *, from_repo: str, to_repo: str, repo_type: models.RepoType | None = None) -> None:
        repo = call.writable(repo_type or "model", from_repo)
        namespace, _, name = to_repo.rpartition("/")
        if not (namespace and name):
            raise bad_request(f"Invalid name of a repository: {to_repo!r}, it must be namespace/name")
        _check_owner(call, namespace, repo.repo_type)
        target = models.WebhookPayloadMovedTo(name=checked_repo_id(to_repo), owner=call.account(namespace))
        moved = Event(action="move", scope="repo", repo=call.subject(repo), moved_to=target)
        call.store.move(repo, to_repo)
        call.happened(moved)

    def validate_yaml(self, call: Call, *, content: str, repo_type: models.RepoType) -> models.YamlReport:
        try:
            card = card_data(content)
        except CardError as error:
            raise HubFault(400, str(error), members={"errors": [{"message": str(error)}], "warnings": []}) from error
        warnings = [] if card else [models.YamlMessage(message="empty or missing yaml metadata in repo card")]
        return models.YamlReport(errors=[], warnings=warnings)

    def like_repo(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        repo = call.proposable(repo_type, repo_id)
        with repo.writing():
            repo.likes.add(call.user().user.name, call.now())

    def unlike_repo(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        repo = call.proposable(repo_type, repo_id)
        with repo.writing():
            repo.likes.remove(call.user().user.name)

    def list_repo_likers(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> Sequence[models.User]:
        return users_told(call, call.readable(repo_type, repo_id).likes.all())

    def auth_check(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        call.readable(repo_type, repo_id)


def _check_owner(call: Call, namespace: str, kind: str) -> None:
    if not call.may_create_in(namespace):
        raise forbidden(f'You don\'t have the rights to create a {kind} under the namespace "{namespace}"')
