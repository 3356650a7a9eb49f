"""Webhook events: changes of repositories, and their payloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self

import attrs

from hub_typed.local.community.discussions import Discussion
from hub_typed.local.repos.store import Repo
from hub_typed_api import models
from hub_typed_api.codec.webhooks import unstructure_webhook_payload

__all__ = ["Event", "RepoState", "audited", "events_between"]

VERSION = 3
"""Version of the payload format."""


@attrs.frozen(kw_only=True)
class Event:
    """A webhook event; handlers publish it with `Call.publish`.

    Attributes:
        repo: The repository at the time of the event; see `Call.subject`.
        discussion: Only in the scopes ``discussion...``.
        comment: Only in the scope ``discussion.comment`` and in the event that creates a discussion.
        updated_refs: Changed refs; only in the scope ``repo.content``.
        updated_config: Changed settings; only in the scope ``repo.config``.
        moved_to: New name; only with the action ``move``.
    """

    action: Literal["create", "update", "delete", "move"]
    scope: Literal["repo", "repo.content", "repo.config", "discussion", "discussion.comment"]
    repo: models.WebhookPayloadRepo
    discussion: models.WebhookPayloadDiscussion | None = None
    comment: models.WebhookPayloadComment | None = None
    updated_refs: Sequence[models.WebhookPayloadUpdatedRef] | None = None
    updated_config: dict[str, Any] | None = None
    moved_to: models.WebhookPayloadMovedTo | None = None

    @property
    def domain(self) -> str:
        """Domain of the event, by which webhooks filter: ``repo`` or ``discussion``."""
        return self.scope.partition(".")[0]

    def payload(self, webhook_id: str) -> dict[str, Any]:
        """Return the payload of the event for a webhook."""
        return unstructure_webhook_payload(
            models.WebhookPayload(
                event=models.WebhookPayloadEvent(action=self.action, scope=self.scope),
                repo=self.repo,
                discussion=self.discussion,
                comment=self.comment,
                updated_refs=None if self.updated_refs is None else list(self.updated_refs),
                updated_config=self.updated_config,
                moved_to=self.moved_to,
                webhook=models.WebhookPayloadWebhook(id=webhook_id, version=VERSION),
            )
        )


@attrs.frozen
class RepoState:
    """State of a repository before or after a write: its refs, and its discussions by number."""

    refs: Mapping[str, str]
    discussions: Mapping[int, Discussion]

    @classmethod
    def of(cls, repo: Repo) -> Self:
        """Return the current state of a repository."""
        return cls(dict(repo.git().refs("refs/")), {one.num: one for one in repo.discussions.all()})


def events_between(
    before: RepoState, after: RepoState, repo: models.WebhookPayloadRepo, account: Callable[[str], models.ObjectId]
) -> Iterator[Event]:
    """Compare two states of a repository and return the events between them.

    Args:
        repo: The repository after the write.
        account: Returns the id of an account by its name.
    """
    changed = [
        models.WebhookPayloadUpdatedRef(ref=ref, old_sha=before.refs.get(ref), new_sha=after.refs.get(ref))
        for ref in sorted(before.refs.keys() | after.refs.keys())
        if before.refs.get(ref) != after.refs.get(ref)
    ]
    if changed:
        yield Event(action="update", scope="repo.content", repo=repo, updated_refs=changed)
    without_head = attrs.evolve(repo, head_sha=None)  # only the scopes `repo...` contain it
    for num in before.discussions.keys() - after.discussions.keys():
        deleted = _discussion(before.discussions[num], without_head, account)
        yield Event(action="delete", scope="discussion", repo=without_head, discussion=deleted)
    for num, discussion in after.discussions.items():
        if discussion != before.discussions.get(num):
            yield from _discussion_events(before.discussions.get(num), discussion, without_head, account)


def _discussion_events(
    before: Discussion | None,
    after: Discussion,
    repo: models.WebhookPayloadRepo,
    account: Callable[[str], models.ObjectId],
) -> Iterator[Event]:
    """Compare two states of a discussion and return the events between them."""
    described = _discussion(after, repo, account)
    comments = [_comment(one, described) for one in after.comments]
    if before is None:
        first = comments[0] if comments else None
        yield Event(action="create", scope="discussion", repo=repo, discussion=described, comment=first)
        return
    previous = {one.id: _comment(one, described) for one in before.comments}
    for comment in comments:
        if comment.id not in previous:
            yield Event(action="create", scope="discussion.comment", repo=repo, discussion=described, comment=comment)
        elif comment != previous[comment.id]:
            yield Event(action="update", scope="discussion.comment", repo=repo, discussion=described, comment=comment)
    if described != _discussion(before, repo, account):
        yield Event(action="update", scope="discussion", repo=repo, discussion=described)


def _discussion(
    discussion: Discussion, repo: models.WebhookPayloadRepo, account: Callable[[str], models.ObjectId]
) -> models.WebhookPayloadDiscussion:
    changes = discussion.base and models.WebhookPayloadDiscussionChanges(
        base=discussion.base, merge_commit_id=discussion.merge_commit
    )
    page = f"discussions/{discussion.num}"
    return models.WebhookPayloadDiscussion(
        id=discussion.id,
        num=discussion.num,
        title=discussion.title,
        status=discussion.status,
        is_pull_request=discussion.base is not None,
        author=account(discussion.author),
        url=models.WebhookPayloadUrl(web=f"{repo.url.web}/{page}", api=f"{repo.url.api}/{page}"),
        changes=changes or None,
        pinned=discussion.pinned,
    )


def _comment(
    comment: models.DiscussionCommentEvent, discussion: models.WebhookPayloadDiscussion
) -> models.WebhookPayloadComment:
    hidden = comment.data.hidden
    return models.WebhookPayloadComment(
        id=comment.id,
        author=models.ObjectId(id=(comment.author and comment.author.internal_id) or ""),
        content=None if hidden else comment.data.latest.raw,
        hidden=hidden,
        url=models.WebhookPayloadUrl(web=f"{discussion.url.web}#{comment.id}"),
    )


def audited(event: Event) -> Iterator[tuple[str, str, str]]:
    """Return what audit logs record of an event: the accounts that it is about, its name there, and a message."""
    what, owner = f"{event.repo.type} {event.repo.name}", event.repo.name.partition("/")[0]
    if event.scope == "repo.config":
        visibility = "private" if (event.updated_config or {}).get("private") else "public"
        yield owner, "repo.update_settings", f"Changed visibility of {what} to {visibility}"
    elif event.scope == "repo" and event.moved_to is not None:
        for account in dict.fromkeys((owner, event.moved_to.name.partition("/")[0])):
            yield account, "repo.move", f"Moved {what} to {event.moved_to.name}"
    elif event.scope == "repo" and event.action in ("create", "delete"):
        yield owner, f"repo.{event.action}", f"{event.action.capitalize()}d {what}"
