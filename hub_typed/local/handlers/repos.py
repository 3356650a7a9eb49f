"""Handlers of repositories: create, delete, move, like, duplicate, settings."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.buckets.store import Bucket
from hub_typed.local.cards.checks import check_card
from hub_typed.local.cards.identifiers import SPACE_SDKS
from hub_typed.local.errors import bad_request, conflict, invalid_card, invalid_option
from hub_typed.local.git.objects import Change, Put
from hub_typed.local.repos.space_settings import new_settings
from hub_typed.local.repos.space_templates import TEMPLATES, Template, new_space_files
from hub_typed.local.repos.store import RepoType, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import (
    check_choice,
    check_owner,
    is_private,
    is_private_by_default,
    requested_group,
    split_repo_id,
)
from hub_typed.local.views.profiles import describe_users
from hub_typed.local.webhooks.events import Event
from hub_typed_api import models
from hub_typed_api.path import checked_repo_id
from hub_typed_api.server.repos import ReposHandlers

__all__ = ["Repos"]


class Repos(ReposHandlers[Call]):
    """Handlers of the operations in the area ``repos``."""

    def create_repo(
        self,
        call: Call,
        *,
        name: str,
        organization: str | None = None,
        repo_type: models.RepoType | None = None,
        private: bool | None = None,
        visibility: str | None = None,
        resource_group_id: str | None = None,
        region: str | None = None,
        sdk: str | None = None,
        hardware: str | None = None,
        storage_tier: str | None = None,
        sleep_time_seconds: int | None = None,
        secrets: Sequence[models.SpaceSecretInput] | None = None,
        variables: Sequence[models.SpaceVariableInput] | None = None,
        volumes: Sequence[models.Volume] | None = None,
        template: str | None = None,
    ) -> models.CreatedRepo:
        identity = call.writer()
        kind = known_type(repo_type or "model")
        namespace = call.accounts.spelling(organization or identity.user.name)
        repo_id = checked_repo_id(f"{namespace}/{name}")
        group = requested_group(call, namespace, resource_group_id)
        check_owner(call, namespace, kind, group)
        hidden = is_private(kind, visibility, private)
        if region is not None:
            check_choice("region", region, ("us", "eu"))
        settings, files = None, list[Change]()
        if kind == "space":
            if sdk is None or sdk not in SPACE_SDKS:
                raise invalid_option("sdk", SPACE_SDKS)
            files = new_space_files(name, sdk, _template_of(template, sdk))
            settings = new_settings(
                call.now(),
                hardware=hardware,
                storage=storage_tier,
                sleep_time=sleep_time_seconds,
                secrets=secrets,
                variables=variables,
                volumes=volumes,
            )
        _check_free(call, kind, repo_id)
        repo = call.store.create(
            kind,
            repo_id,
            user=identity.user.name,
            private=is_private_by_default(call, namespace) if hidden is None else hidden,
            sdk=sdk,
            files=files,
            space=settings,
        )
        if group is not None:
            call.accounts.groups.place([repo.facts.id], group, identity.user.name)
        call.publish(Event(action="create", scope="repo", repo=call.subject(repo)))
        return models.CreatedRepo(url=call.web_url(kind, repo_id), name=repo_id, id=repo.facts.id)

    def delete_repo(
        self, call: Call, *, name: str, organization: str | None = None, repo_type: models.RepoType | None = None
    ) -> str:
        namespace = organization or call.writer().user.name
        repo = call.writable(repo_type or "model", f"{namespace}/{name}")
        deleted = Event(action="delete", scope="repo", repo=call.subject(repo))
        repo_key = repo.facts.id
        call.store.delete(repo)
        call.lfs.forget_uploads(repo_key)
        call.publish(deleted)
        return "OK"

    def move_repo(self, call: Call, *, from_repo: str, to_repo: str, repo_type: models.RepoType | None = None) -> None:
        kind = repo_type or "model"
        repo = call.writable_bucket(from_repo) if kind == "bucket" else call.writable(kind, from_repo)
        namespace, name = split_repo_id(call, to_repo)
        to_repo, owner, key = f"{namespace}/{name}", repo.namespace, repo.facts.id
        check_owner(call, namespace, repo.repo_type)
        target = models.WebhookPayloadMovedTo(name=to_repo, owner=call.account(namespace))
        moved = Event(action="move", scope="repo", repo=call.subject(repo), moved_to=target)
        if isinstance(repo, Bucket):
            call.buckets.move(repo, to_repo)
        else:
            call.store.move(repo, to_repo)
        if namespace != owner:
            call.accounts.groups.place([key], None, owner)
        call.publish(moved)

    def validate_yaml(self, call: Call, *, content: str, repo_type: models.RepoType) -> models.YamlReport:
        report = check_card(content, known_type(repo_type))
        if report.errors:
            as_text = "text/plain" in call.request.headers.get("accept", "")
            raise invalid_card(report.errors, report.warnings, as_text=as_text)
        return models.YamlReport(errors=[], warnings=[models.YamlMessage(message=text) for text in report.warnings])

    def like_repo(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        repo, user = call.interactive(repo_type, repo_id), call.user().user
        with repo.writing():
            repo.likes.add(user.name, call.now())

    def unlike_repo(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        repo, user = call.interactive(repo_type, repo_id), call.user().user
        with repo.writing():
            repo.likes.remove(user.name)

    def list_repo_likers(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> Sequence[models.User]:
        return describe_users(call, call.readable(repo_type, repo_id).likes.all())

    def auth_check(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        call.openable(repo_type, repo_id)

    def auth_check_write(self, call: Call, *, repo_id: str, repo_type: models.RepoType) -> None:
        call.writable(repo_type, repo_id)

    def update_repo_settings(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        visibility: models.Visibility | None = None,
        private: bool | None = None,
        gated: models.Gated | None = None,
        org_members_gated: bool | None = None,
        gated_notifications_email: str | None = None,
        gated_notifications_mode: str | None = None,
        discussions_disabled: bool | None = None,
        discussions_sorting: str | None = None,
    ) -> models.RepoSettings:
        repo = call.writable(repo_type, repo_id)
        hidden = is_private(repo.repo_type, visibility, private)
        check_choice("gated", gated, (False, "auto", "manual"))
        check_choice("gatedNotificationsMode", gated_notifications_mode, ("bulk", "real-time"))
        check_choice("discussionsSorting", discussions_sorting, ("recently-created", "trending", "reactions"))
        if gated and repo.repo_type == "space":
            raise bad_request("Spaces cannot be gated")
        changes = {
            "private": hidden,
            "gated": gated,
            "org_members_gated": org_members_gated,
            "discussions_disabled": discussions_disabled,
        }
        # Notifications and sorting are not supported here: the response only repeats these settings.
        call.change(repo, **{name: value for name, value in changes.items() if value is not None})
        return models.RepoSettings(
            visibility=visibility,
            private=private,
            gated=gated,
            org_members_gated=org_members_gated,
            gated_notifications_email=gated_notifications_email,
            gated_notifications_mode=gated_notifications_mode,
            discussions_disabled=discussions_disabled,
            discussions_sorting=discussions_sorting,
        )

    def duplicate_repo(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        to_repo: str,
        visibility: models.Visibility | None = None,
        private: bool | None = None,
        resource_group_id: str | None = None,
        hardware: str | None = None,
        storage_tier: str | None = None,
        sleep_time_seconds: int | None = None,
        secrets: Sequence[models.SpaceSecretInput] | None = None,
        variables: Sequence[models.SpaceVariableInput] | None = None,
        volumes: Sequence[models.Volume] | None = None,
    ) -> models.CreatedRepo:
        original = call.openable(repo_type, repo_id)
        kind = original.repo_type
        user = call.writer().user.name
        namespace, name = split_repo_id(call, to_repo)
        group = requested_group(call, namespace, resource_group_id)
        check_owner(call, namespace, kind, group)
        hidden = is_private(kind, visibility, private)
        if hidden is None:
            hidden = original.facts.private or is_private_by_default(call, namespace)
        settings = None
        if kind == "space":
            settings = new_settings(
                call.now(),
                hardware=hardware,
                storage=storage_tier,
                sleep_time=sleep_time_seconds,
                secrets=secrets,
                variables=variables,
                volumes=volumes,
                like=original.space.get(),
            )
        _check_free(call, kind, to_repo)
        git = original.git()
        files = [one for one in git.tree(git.commit_at("main"), recursive=True) if one.kind == "file"]
        copy = call.store.create(
            kind,
            f"{namespace}/{name}",
            user=user,
            private=hidden,
            sdk=original.facts.sdk,
            files=[Put(one.path, git.read(one)) for one in files],  # LFS files as pointers
            space=settings,
        )
        if group is not None:
            call.accounts.groups.place([copy.facts.id], group, user)
        call.publish(Event(action="create", scope="repo", repo=call.subject(copy)))
        return models.CreatedRepo(url=call.web_url(kind, copy.repo_id), name=copy.repo_id, id=copy.facts.id)


def _template_of(name: str | None, sdk: str) -> Template | None:
    """Return the template with this name, if one is given.

    Raises:
        HubResponseError: 400, there is none, or it has another SDK.
    """
    if name is None:
        return None
    found = next((one for one in TEMPLATES if one.info.repo_id == name), None)
    if found is None:
        raise bad_request(f"There is no template {name!r} of Spaces")
    if found.info.sdk != sdk:
        raise bad_request(f"The template {name!r} has the SDK {found.info.sdk!r}")
    return found


def _check_free(call: Call, kind: RepoType, repo_id: str) -> None:
    existing = call.store.find(kind, repo_id)
    if existing is not None:
        raise conflict(f"You already created this {kind} repo", url=call.web_url(kind, existing.repo_id))
