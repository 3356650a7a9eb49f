"""Handlers of discussions and pull requests."""

from __future__ import annotations

from collections.abc import Callable, Collection

import attrs

from hub_typed.local.community.discussion_events import Status, account_of
from hub_typed.local.community.discussions import Discussion
from hub_typed.local.errors import bad_request, forbidden
from hub_typed.local.git.objects import HEADS, PULLS
from hub_typed.local.repos.pull_requests import begin, merge, next_number, proposal
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.server.discussions import DiscussionsHandlers

__all__ = ["Discussions"]

PAGE = 50
SHORTEST_TITLE = 3
LONGEST_TITLE = 200
LONGEST_TEXT = 65536
SORTED_BY = ("recently-created", "trending", "reactions")
TYPES: dict[str, Callable[[Discussion], bool]] = {
    "all": lambda _: True,
    "discussion": lambda one: one.base is None,
    "pull_request": lambda one: one.base is not None,
}
STATUSES: dict[str, Callable[[Discussion], bool]] = {
    "all": lambda _: True,
    "open": lambda one: one.unfinished,
    "closed": lambda one: not one.unfinished,
}


class Discussions(DiscussionsHandlers[Call]):
    """Handlers of the area discussions."""

    def get_repo_discussions(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        page: int | None = None,
        discussion_type: str | None = None,
        discussion_status: str | None = None,
        author: str | None = None,
        search: str | None = None,
        sort: str | None = None,
    ) -> models.DiscussionPage:
        repo = call.discussed(repo_type, repo_id)
        of_type = TYPES[_choice("type", discussion_type or "all", TYPES)]
        in_status = STATUSES[_choice("status", discussion_status or "all", STATUSES)]
        _choice("sort", sort or "recently-created", SORTED_BY)  # nobody reacts here: all of them are the same order
        if (page or 0) < 0:
            raise bad_request(f"Invalid value for p: {page}, pages are counted from 0")
        every = repo.discussions.all()[::-1]
        found = [
            one
            for one in every
            if of_type(one) and in_status(one) and author in (None, one.author) and _mentions(one, search or "")
        ]
        size = min(PAGE, call.page_size)
        start = (page or 0) * size
        return models.DiscussionPage(
            discussions=[_summary(call, repo, one) for one in found[start : start + size]],
            count=len(found),
            start=start,
            num_closed_discussions=sum(not one.unfinished for one in every),
        )

    def get_discussion_details(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, diff: bool = False
    ) -> models.DiscussionDetails:
        repo = call.discussed(repo_type, repo_id)
        return _details(call, repo, repo.discussions.get(discussion_num), diff=diff)

    def create_discussion(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        title: str,
        description: str,
        pull_request: bool | None = None,
    ) -> models.CreatedDiscussion:
        repo = (call.proposable if pull_request else call.discussable)(repo_type, repo_id)
        title, description, actor = _title(title), _text(description, least=0), call.actor()
        with call.writing(repo) as git:
            num = next_number(repo, git)
            begun = Discussion(num=num, title=title, author=actor.user.name, created_at=actor.now)
            if pull_request:
                begun = attrs.evolve(begun, base=f"{HEADS}main", status="draft")
                git.create_branch(f"{PULLS}{num}", git.commit_at(f"{HEADS}main"))
            begun = begin(repo, begun, actor, description)
        return models.CreatedDiscussion(
            num=num,
            url=f"{call.web_url(repo_type, repo_id)}/discussions/{num}",
            pull_request=bool(pull_request),
            references=_changes(begun),
        )

    def comment_discussion(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, comment: str
    ) -> models.DiscussionNewMessage:
        repo = call.discussable(repo_type, repo_id)
        written = call.actor().comments(_text(comment))
        with call.writing(repo):
            repo.discussions.keep(repo.discussions.get(discussion_num).after(written))
        return models.DiscussionNewMessage(new_message=written)

    def edit_discussion_comment(
        self,
        call: Call,
        *,
        repo_id: str,
        discussion_num: int,
        comment_id: str,
        repo_type: models.RepoType,
        content: str,
    ) -> models.DiscussionUpdatedComment:
        repo = call.discussable(repo_type, repo_id)
        text, actor = _text(content), call.actor()
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            comment = discussion.comment(comment_id)
            if comment.author is None or comment.author.name != actor.user.name:
                raise forbidden("Only who wrote a comment can edit it")
            if comment.data.hidden:
                raise bad_request("A hidden comment cannot be edited")
            edited = actor.edits(comment, text)
            repo.discussions.keep(discussion.revised(edited))
        return models.DiscussionUpdatedComment(updated_comment=edited)

    def hide_discussion_comment(
        self, call: Call, *, repo_id: str, discussion_num: int, comment_id: str, repo_type: models.RepoType
    ) -> models.DiscussionUpdatedComment:
        repo = call.discussable(repo_type, repo_id)
        actor = call.actor()
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            comment = discussion.comment(comment_id)
            _check_may_change(call, repo, comment.author.name if comment.author else None, "hide this comment")
            hidden = comment if comment.data.hidden else actor.hides(comment)
            repo.discussions.keep(discussion.revised(hidden))
        return models.DiscussionUpdatedComment(updated_comment=hidden)

    def rename_discussion(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, title: str
    ) -> models.DiscussionNewTitle:
        repo = call.discussable(repo_type, repo_id)
        new = _title(title)
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            _check_may_change(call, repo, discussion.author, "rename this discussion")
            renamed = call.actor().changes_title(discussion.title, new)
            repo.discussions.keep(discussion.after(renamed, title=new))
        return models.DiscussionNewTitle(new_title=renamed)

    def change_discussion_status(
        self,
        call: Call,
        *,
        repo_id: str,
        discussion_num: int,
        repo_type: models.RepoType,
        status: str,
        comment: str | None = None,
    ) -> models.DiscussionNewStatus:
        repo = call.discussable(repo_type, repo_id)
        _choice("status", status, ("open", "closed"))
        actor = call.actor()
        said = [] if comment is None else [actor.comments(_text(comment))]
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            _check_may_change(call, repo, discussion.author, "change the status of this discussion")
            if discussion.status in (status, "merged"):
                raise bad_request(f"This discussion is {discussion.status} already")
            new: Status = "open" if status == "open" else "closed"
            changed = actor.changes_status(new)
            repo.discussions.keep(discussion.after(*said, changed, status=new))
        return models.DiscussionNewStatus(new_status=changed)

    def merge_pull_request(
        self,
        call: Call,
        *,
        repo_id: str,
        discussion_num: int,
        repo_type: models.RepoType,
        comment: str | None = None,
    ) -> None:
        call.discussed(repo_type, repo_id)
        repo = call.writable(repo_type, repo_id)
        said = None if comment is None else _text(comment)
        with call.writing(repo):
            merge(repo, repo.discussions.get(discussion_num), call.actor(), said)


def _check_may_change(call: Call, repo: Repo, author: str | None, what: str) -> None:
    if not (call.may_write(repo) or call.user().user.name == author):
        raise forbidden(f"Only the author and those who may write to the repository can {what}")


def _choice(name: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise bad_request(f"Invalid value for {name}: {value!r}, it must be one of {', '.join(choices)}")
    return value


def _title(value: object) -> str:
    if not isinstance(value, str) or not SHORTEST_TITLE <= len(value.strip()) <= LONGEST_TITLE:
        raise bad_request(f"A title has {SHORTEST_TITLE} to {LONGEST_TITLE} characters")
    return value.strip()


def _text(value: object, *, least: int = 1) -> str:
    if not isinstance(value, str) or not least <= len(value.strip()) or len(value) > LONGEST_TEXT:
        raise bad_request(f"A comment has {least} to {LONGEST_TEXT} characters")
    return value


def _mentions(discussion: Discussion, search: str) -> bool:
    text = "\n".join([discussion.title, *(comment.data.latest.raw for comment in discussion.comments)]).lower()
    return all(word in text for word in search.lower().split())


def _account(call: Call, name: str) -> models.Account | None:
    user = call.accounts.user(name)
    return None if user is None else account_of(user)


def _summary(call: Call, repo: Repo, discussion: Discussion) -> models.DiscussionSummary:
    owner = models.DiscussionRepoOwner(
        name=repo.namespace,
        type="user" if call.accounts.organization(repo.namespace) is None else "org",
        is_participating=any(one.author and one.author.name == repo.namespace for one in discussion.comments),
        is_discussion_author=discussion.author == repo.namespace,
    )
    return models.DiscussionSummary(
        num=discussion.num,
        title=discussion.title,
        status=discussion.status,
        is_pull_request=discussion.base is not None,
        created_at=discussion.created_at,
        author=_account(call, discussion.author),
        repo=models.DiscussionRepo(name=repo.repo_id, type=repo.repo_type),
        repo_owner=owner,
        num_comments=len(discussion.comments),
        num_reaction_users=0,
        top_reactions=[],
        pinned=False,
    )


def _details(call: Call, repo: Repo, discussion: Discussion, *, diff: bool) -> models.DiscussionDetails:
    details = models.DiscussionDetails(
        internal_id=discussion.id,
        num=discussion.num,
        title=discussion.title,
        status=discussion.status,
        is_pull_request=discussion.base is not None,
        is_report=False,
        created_at=discussion.created_at,
        author=_account(call, discussion.author),
        repo=models.DiscussionRepo(name=repo.repo_id, type=repo.repo_type),
        events=list(discussion.events),
        pinned=False,
        locked=False,
        collection="discussions",
        changes=_changes(discussion),
    )
    brought = proposal(repo, discussion)
    if brought is not None:
        details.files_with_conflicts = [] if discussion.status == "merged" else brought.conflicts()
        # A diff is made of the contents of files: who may not have those sees the pull request without it.
        details.diff = brought.diff() if diff and call.closed(repo) is None else None
    return details


def _changes(discussion: Discussion) -> models.DiscussionChanges | None:
    if discussion.base is None:
        return None
    return models.DiscussionChanges(
        base=discussion.base, merge_commit_id=discussion.merge_commit, head_commit_id=discussion.head
    )
