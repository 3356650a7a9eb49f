"""A bot that welcomes discussions, closes empty ones and merges pull requests that were approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub_typed import Discussion, DiscussionComment, DiscussionWithDetails, HfApi, HfHubHTTPError

WELCOME = "Thank you, somebody will look at this."
APPROVAL = "/merge"


@dataclass
class Done:
    welcomed: list[int] = field(default_factory=list[int])
    closed: list[int] = field(default_factory=list[int])
    merged: list[int] = field(default_factory=list[int])
    refused: dict[int, str] = field(default_factory=dict[int, str])


def comments(discussion: DiscussionWithDetails) -> Iterator[DiscussionComment]:
    return (event for event in discussion.events if isinstance(event, DiscussionComment) and not event.hidden)


@dataclass
class Bot:
    api: HfApi
    repo_id: str
    name: str
    maintainers: frozenset[str]

    def run(self) -> Done:
        done = Done()
        for discussion in self.api.get_repo_discussions(self.repo_id, discussion_status="open"):
            details = self.api.get_discussion_details(self.repo_id, discussion.num)
            if discussion.is_pull_request:
                self.review(discussion, details, done)
            else:
                self.greet(discussion, details, done)
        return done

    def greet(self, discussion: Discussion, details: DiscussionWithDetails, done: Done) -> None:
        texts = [comment.content.strip() for comment in comments(details)]
        if not any(texts):
            self.api.change_discussion_status(self.repo_id, discussion.num, "closed", comment="It is empty.")
            done.closed.append(discussion.num)
        elif WELCOME not in texts:
            self.api.comment_discussion(self.repo_id, discussion.num, WELCOME)
            done.welcomed.append(discussion.num)

    def review(self, discussion: Discussion, details: DiscussionWithDetails, done: Done) -> None:
        approved = any(one.author in self.maintainers and one.content.strip() == APPROVAL for one in comments(details))
        if not approved or details.conflicting_files:
            return
        try:
            self.api.merge_pull_request(self.repo_id, discussion.num, comment=f"Merged by {self.name}.")
        except HfHubHTTPError as error:
            done.refused[discussion.num] = error.server_message or str(error)
        else:
            done.merged.append(discussion.num)
