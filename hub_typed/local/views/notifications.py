"""Notifications: what others did in the discussions that a user watches, takes part in, or is mentioned in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from hub_typed.local.accounts.identity import User
from hub_typed.local.community.notifications import Inbox
from hub_typed.local.repos.store import REPO_TYPES, Repo
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import is_visible
from hub_typed_api import models

__all__ = ["News", "news_for"]


@attrs.frozen(kw_only=True)
class News:
    """A notification.

    Attributes:
        id: Internal id of the discussion.
        event: Id of the last event that the user is notified of.
        participating: Whether the user takes part in the discussion.
        mentioned: Whether the user is mentioned in it.
        shown: What clients get.
    """

    id: str
    event: str
    updated_at: datetime
    participating: bool
    mentioned: bool
    shown: models.Notification

    @property
    def read(self) -> bool:
        """Whether it is marked as read."""
        return bool(self.shown.read)


@attrs.frozen
class _Event:
    """An event of a discussion, with its text if it is a comment."""

    id: str
    author: str | None
    at: datetime
    text: str = ""


@attrs.frozen
class _Reader:
    """A user, for whom news are looked for."""

    user: User
    inbox: Inbox

    def news(
        self, id_: str, events: Sequence[_Event], shown: models.Notification, *, concerned: bool = False
    ) -> News | None:
        """Return the news of a discussion; ``None`` if there are none.

        Args:
            concerned: Whether all events concern the user, even if they do not take part and are not mentioned.
        """
        mention = re.compile(rf"(?<![\w@])@{re.escape(self.user.name)}(?![\w-])")
        own = [number for number, event in enumerate(events) if event.author == self.user.name]
        naming = [number for number, event in enumerate(events) if number not in own and mention.search(event.text)]
        starts = [*own[:1], *naming[:1]]
        start = 0 if concerned else min(starts, default=len(events))
        of_others = [event for event in events[start:] if event.author != self.user.name]
        if not of_others or self.inbox.deleted.get(id_) == of_others[-1].id:
            return None
        last = of_others[-1]
        read = self.inbox.read.get(id_) == last.id
        return News(
            id=id_,
            event=last.id,
            updated_at=last.at,
            participating=bool(own),
            mentioned=bool(naming),
            shown=attrs.evolve(shown, updated_at=last.at, read=read, discussion_event_id=last.id),
        )


def news_for(call: Call) -> list[News]:
    """Return the notifications of the caller, newest first."""
    user = call.user().user
    reader = _Reader(user, call.community.inboxes.of(user.name))
    found = [*_in_repositories(call, reader), *_on_pages(call, reader)]
    return sorted(found, key=lambda one: one.updated_at, reverse=True)


def _in_repositories(call: Call, reader: _Reader) -> Iterator[News]:
    for kind in REPO_TYPES:
        for repo in call.store.all(kind):
            if not is_visible(call, repo) or repo.facts.discussions_disabled:
                continue
            watched = _watched_since(call, reader, repo)
            for discussion in repo.discussions.all():
                events = _events(discussion.events)
                shown = models.Notification(
                    type="repo",
                    repo=models.NotificationRepo(type=kind, name=repo.repo_id),
                    discussion=models.NotificationDiscussion(
                        num=discussion.num,
                        title=discussion.title,
                        status=discussion.status,
                        id=discussion.id,
                        is_pull_request=discussion.base is not None,
                        participating=_participants(call, events),
                    ),
                )
                is_watched = watched is not None and discussion.created_at >= watched
                news = reader.news(discussion.id, events, shown, concerned=is_watched)
                if news is not None:
                    yield news


def _watched_since(call: Call, reader: _Reader, repo: Repo) -> datetime | None:
    """Return from when on a user watches a repository or its owner.

    Unless they choose otherwise, users watch themselves and their organizations.
    """
    owner = call.accounts.user(repo.namespace) or call.accounts.organization(repo.namespace)
    since = [reader.inbox.watches_since("repo", repo.facts.id)]
    if owner is not None:
        kind = "org" if call.accounts.organization(repo.namespace) else "user"
        own = [reader.user.id, *(one.id for one in call.accounts.organizations_of(reader.user.name))]
        since.append(reader.inbox.watches_since(kind, owner.id))
        if owner.id in own and not reader.inbox.has_chosen(kind, owner.id):
            since.append(datetime.fromisoformat(repo.facts.created_at))
    return min((one for one in since if one is not None), default=None)


def _on_pages(call: Call, reader: _Reader) -> Iterator[News]:
    """Yield the news about comments on papers, posts and articles."""
    for path in call.community.comments.paths():
        events = _events(call.community.comments.of(path))
        found = _paper(call, path, events) if path.startswith("papers/") else _publication(call, path, events)
        if found is not None:
            id_, authors, shown = found
            news = reader.news(id_, events, shown, concerned=reader.user.name in authors)
            if news is not None:
                yield news


def _paper(call: Call, path: str, events: Sequence[_Event]) -> tuple[str, Collection[str], models.Notification] | None:
    """Return the id of the discussion of a paper, the authors of the paper, and how it is shown."""
    paper = call.community.papers.find(path.removeprefix("papers/"))
    if paper is None:
        return None
    shown = models.Notification(
        type="paper",
        paper=models.NotificationPaper(internal_id=paper.internal_id, title=paper.title),
        paper_discussion=models.NotificationPaperDiscussion(
            id=paper.discussion_id, participating=_participants(call, events), paper_id=paper.internal_id
        ),
    )
    return paper.discussion_id, set(paper.claims.values()), shown


def _publication(
    call: Call, path: str, events: Sequence[_Event]
) -> tuple[str, Collection[str], models.Notification] | None:
    """Return the id of a post or article, its author, and how it is shown."""
    found = call.community.publications.find(path)
    if found is None:
        return None
    about = models.NotificationPost(
        id=found.id,
        slug=found.slug,
        title=found.title,
        author_name=found.author,
        canonical=found.author is None,
        participating=_participants(call, events),
    )
    is_post = found.kind == "post"
    shown = models.Notification(
        type="post" if is_post else "community_blog", post=about if is_post else None, blog=None if is_post else about
    )
    return found.id, {found.author or ""}, shown


def _participants(call: Call, events: Sequence[_Event]) -> list[models.NotificationUser]:
    names = dict.fromkeys(event.author or "" for event in events)
    users = [user for name in names if (user := call.accounts.user(name)) is not None]
    return [models.NotificationUser(internal_id=user.id, avatar=user.avatar, user=user.name) for user in users]


def _events(events: Iterable[models.AnyDiscussionEvent]) -> list[_Event]:
    known = [event for event in events if not isinstance(event, dict)]
    return [
        _Event(
            event.id,
            event.author.name if event.author else None,
            event.created_at,
            event.data.latest.raw if isinstance(event, models.DiscussionCommentEvent) else "",
        )
        for event in known
    ]
