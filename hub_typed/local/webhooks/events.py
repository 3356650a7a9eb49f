"""Webhook events: payloads for changes of repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self

import attrs

from hub_typed.local.community.discussions import Discussion
from hub_typed.local.repos.store import Repo
from hub_typed_api import models
from hub_typed_api.codec.webhooks import unstructure_webhook_payload

__all__ = ["Event", "State", "events"]

VERSION = 3
"""Of the payload."""


@attrs.frozen(kw_only=True)
class Event:
    """A webhook event; handlers publish it with `Call.happened`.

    Attributes:
        repo: The repository, as it was then; see `Call.subject`.
        discussion: In the scopes ``discussion...`` alone.
        comment: In the scope ``discussion.comment``, and where a discussion begins.
        updated_refs: What changed in git; in the scope ``repo.content`` alone.
        updated_config: Settings that changed; in the scope ``repo.config`` alone.
        moved_to: With the action ``move`` alone.
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
        """Domain that webhooks filter by."""
        return self.scope.partition(".")[0]

    def payload(self, webhook_id: str) -> dict[str, Any]:
        """Payload of the event."""
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
class State:
    """State of a repository before and after a write: its refs, and its discussions by number."""

    refs: Mapping[str, str]
    discussions: Mapping[int, Discussion]

    @classmethod
    def of(cls, repo: Repo) -> Self:
        """Return the current state."""
        return cls(dict(repo.git().refs("refs/")), {one.num: one for one in repo.discussions.all()})


def events(
    before: State, after: State, repo: models.WebhookPayloadRepo, account: Callable[[str], models.ObjectId]
) -> Iterator[Event]:
    """Return the events between two states.

    Args:
        repo: The repository, as it is afterwards.
        account: Gives the id of an account by its name.
    """
    changed = [
        models.WebhookPayloadUpdatedRef(ref=ref, old_sha=before.refs.get(ref), new_sha=after.refs.get(ref))
        for ref in sorted(before.refs.keys() | after.refs.keys())
        if before.refs.get(ref) != after.refs.get(ref)
    ]
    if changed:
        yield Event(action="update", scope="repo.content", repo=repo, updated_refs=changed)
    about = attrs.evolve(repo, head_sha=None)  # which is told of the scopes `repo...` alone
    for num, discussion in after.discussions.items():
        if discussion != before.discussions.get(num):
            yield from _talk(before.discussions.get(num), discussion, about, account)


def _talk(
    before: Discussion | None,
    after: Discussion,
    repo: models.WebhookPayloadRepo,
    account: Callable[[str], models.ObjectId],
) -> Iterator[Event]:
    """Return the events of one discussion."""
    told = _discussion(after, repo, account)
    comments = [_comment(one, told) for one in after.comments]
    if before is None:
        first = comments[0] if comments else None
        yield Event(action="create", scope="discussion", repo=repo, discussion=told, comment=first)
        return
    known = {one.id: _comment(one, told) for one in before.comments}
    for comment in comments:
        if comment.id not in known:
            yield Event(action="create", scope="discussion.comment", repo=repo, discussion=told, comment=comment)
        elif comment != known[comment.id]:
            yield Event(action="update", scope="discussion.comment", repo=repo, discussion=told, comment=comment)
    if told != _discussion(before, repo, account):
        yield Event(action="update", scope="discussion", repo=repo, discussion=told)


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
        pinned=False,
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
