"""Handlers of notifications, and of what is watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from hub_typed.local.community.papers import stable_id
from hub_typed.local.errors import bad_request, invalid_option
from hub_typed.local.repos.store import REPO_TYPES
from hub_typed.local.request.call import Call
from hub_typed.local.request.personal import with_role
from hub_typed.local.views.notifications import News, news_for
from hub_typed.local.views.repo_info import is_visible
from hub_typed_api import models
from hub_typed_api.codec.notifications import unstructure_notification_emails
from hub_typed_api.server.notifications import NotificationsHandlers

__all__ = ["Notifications"]

_PAGE_SIZE: Final = 50


class Notifications(NotificationsHandlers[Call]):
    """Handlers of the operations in the area ``notifications``."""

    def list_notifications(
        self,
        call: Call,
        *,
        page: int | None = None,
        read_status: str | None = None,
        repo_type: str | None = None,
        repo_name: str | None = None,
        post_author: str | None = None,
        paper_id: str | None = None,
        article_id: str | None = None,
        mention: str | None = None,
        last_update: datetime | None = None,
    ) -> models.NotificationPage:
        every = news_for(call)
        found = _filtered(
            every, read_status, repo_type, repo_name, post_author, paper_id, article_id, mention, last_update
        )
        size = min(_PAGE_SIZE, call.page_size)
        start = max(page or 0, 0) * size
        return models.NotificationPage(
            notifications=[one.shown for one in found[start : start + size]],
            count=models.NotificationCount(view=len(found), unread=sum(not one.read for one in every), all=len(every)),
            start=start,
        )

    def delete_notifications(
        self,
        call: Call,
        *,
        page: int | None = None,
        read_status: str | None = None,
        repo_type: str | None = None,
        repo_name: str | None = None,
        post_author: str | None = None,
        paper_id: str | None = None,
        article_id: str | None = None,
        mention: str | None = None,
        last_update: datetime | None = None,
        apply_to_all: bool | None = None,
        discussion_ids: list[str] | None = None,
    ) -> None:
        user = with_role(call).user.name
        found = _filtered(
            news_for(call), read_status, repo_type, repo_name, post_author, paper_id, article_id, mention, last_update
        )
        call.community.inboxes.delete(user, _chosen(found, discussion_ids, apply_to_all=apply_to_all))

    def mark_notifications_read(
        self,
        call: Call,
        *,
        page: int | None = None,
        read_status: str | None = None,
        repo_type: str | None = None,
        repo_name: str | None = None,
        post_author: str | None = None,
        paper_id: str | None = None,
        article_id: str | None = None,
        mention: str | None = None,
        last_update: datetime | None = None,
        apply_to_all: bool | None = None,
        discussion_ids: list[str] | None = None,
        read: bool | None = None,
    ) -> None:
        user = with_role(call).user.name
        found = _filtered(
            news_for(call), read_status, repo_type, repo_name, post_author, paper_id, article_id, mention, last_update
        )
        chosen = _chosen(found, discussion_ids, apply_to_all=apply_to_all)
        call.community.inboxes.mark_read(user, chosen, read=read is not False)

    def update_notification_settings(
        self, call: Call, *, notifications: models.NotificationEmails, prepaid_amount: str | None = None
    ) -> None:
        emails = unstructure_notification_emails(notifications)
        for name, wanted in emails.items():
            if name != "product_updates_after" and not isinstance(wanted, bool):
                raise bad_request(f"Invalid notifications.{name}: it must be true or false")
        call.community.inboxes.want_emails(with_role(call).user.name, emails)

    def update_watch_settings(
        self,
        call: Call,
        *,
        add: list[models.WatchedThing] | None = None,
        delete: list[models.WatchedThing] | None = None,
    ) -> None:
        user = with_role(call).user.name
        started = [(thing.type, thing.id) for thing in add or ()]
        stopped = [(thing.type, thing.id) for thing in delete or ()]
        for kind, id_ in started:
            _check_exists(call, kind, id_)
        call.community.inboxes.watch(user, started, call.now())
        call.community.inboxes.watch(user, stopped, None)


def _filtered(
    news: Iterable[News],
    read_status: str | None,
    repo_type: str | None,
    repo_name: str | None,
    post_author: str | None,
    paper_id: str | None,
    article_id: str | None,
    mention: str | None,
    last_update: datetime | None,
) -> list[News]:
    """Return the news that match all filters; the vendor does not describe `last_update`: here it is the latest."""

    def matches(one: News) -> bool:
        repo, post, blog, paper = one.shown.repo, one.shown.post, one.shown.blog, one.shown.paper
        return (
            (read_status != "unread" or not one.read)
            and (mention != "participating" or one.participating)
            and (mention != "mentions" or one.mentioned)
            and (last_update is None or one.updated_at <= last_update)
            and (repo_type is None or (repo is not None and repo.type == repo_type))
            and (repo_name is None or (repo is not None and repo.name == repo_name))
            and (post_author is None or (post is not None and post.author_name == post_author))
            and (article_id is None or (blog is not None and blog.id == article_id))
            and (paper_id is None or (paper is not None and paper.internal_id == stable_id("papers", paper_id)))
        )

    return [one for one in news if matches(one)]


def _chosen(news: Iterable[News], ids: list[str] | None, *, apply_to_all: bool | None) -> dict[str, str]:
    """Return the last event of each chosen discussion by the id of the discussion.

    Raises:
        HubResponseError: 400, nothing is chosen.
    """
    if not apply_to_all and ids is None:
        raise bad_request("Choose notifications with discussionIds or applyToAll")
    return {one.id: one.event for one in news if apply_to_all or one.id in (ids or ())}


def _check_exists(call: Call, kind: str, id_: str) -> None:
    """Check that there is a user, an organization or a repository with this id that the caller may see."""
    if kind == "user":
        found = any(user.id == id_ for user in call.accounts.users())
    elif kind == "org":
        found = any(one.id == id_ for one in call.accounts.organizations())
    elif kind == "repo":
        every = (repo for repo_type in REPO_TYPES for repo in call.store.all(repo_type))
        found = any(is_visible(call, repo) and repo.facts.id == id_ for repo in every)
    else:
        raise invalid_option("type", ("org", "user", "repo"))
    if not found:
        raise bad_request(f"There is no {kind} with the id {id_!r}")
