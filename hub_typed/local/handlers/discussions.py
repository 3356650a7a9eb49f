"""Handlers of discussions and pull requests."""

from __future__ import annotations

from collections.abc import Callable, Collection

import attrs

from hub_typed.local.community.discussion_events import Status, account_of
from hub_typed.local.community.discussions import Discussion
from hub_typed.local.errors import bad_request, forbidden, invalid_option, not_found
from hub_typed.local.git.large_files import large_files_only_in
from hub_typed.local.git.objects import HEADS, PULLS
from hub_typed.local.repos.pull_requests import create_discussion, delete_ref, merge, next_number, proposal
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lfs_access import used_contents
from hub_typed_api import models
from hub_typed_api.server.discussions import DiscussionsHandlers

__all__ = ["Discussions"]

PAGE_SIZE = 50
MIN_TITLE_LENGTH = 3
MAX_TITLE_LENGTH = 200
MAX_TEXT_LENGTH = 65536
SORT_ORDERS = ("recently-created", "trending", "reactions")
TYPES: dict[str, Callable[[Discussion], bool]] = {
    "all": lambda _: True,
    "discussion": lambda one: one.base is None,
    "pull_request": lambda one: one.base is not None,
}
STATUSES: dict[str, Callable[[Discussion], bool]] = {
    "all": lambda _: True,
    "open": lambda one: one.is_open,
    "closed": lambda one: not one.is_open,
}


class Discussions(DiscussionsHandlers[Call]):
    """Handlers of the operations in the area ``discussions``."""

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
        repo = call.with_discussions(repo_type, repo_id)
        of_type = TYPES[_checked_choice("type", discussion_type or "all", TYPES)]
        in_status = STATUSES[_checked_choice("status", discussion_status or "all", STATUSES)]
        # All orders are the same here: there are no reactions.
        _checked_choice("sort", sort or "recently-created", SORT_ORDERS)
        if (page or 0) < 0:
            raise bad_request(f"Invalid value for p: {page}, pages are numbered from 0")
        every = repo.discussions.all()[::-1]
        found = [
            one
            for one in every
            if of_type(one) and in_status(one) and author in (None, one.author) and _mentions(one, search or "")
        ]
        found.sort(key=lambda one: not one.pinned)
        size = min(PAGE_SIZE, call.page_size)
        start = (page or 0) * size
        return models.DiscussionPage(
            discussions=[_summary(call, repo, one) for one in found[start : start + size]],
            count=len(found),
            start=start,
            num_closed_discussions=sum(not one.is_open for one in every),
        )

    def get_discussion_details(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, diff: bool = False
    ) -> models.DiscussionDetails:
        repo = call.with_discussions(repo_type, repo_id)
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
        title, description, actor = _checked_title(title), _checked_text(description, least=0), call.actor()
        with call.writing(repo) as git:
            num = next_number(repo, git)
            opened = Discussion(num=num, title=title, author=actor.user.name, created_at=actor.now)
            if pull_request:
                opened = attrs.evolve(opened, base=f"{HEADS}main", status="draft")
                git.create_branch(f"{PULLS}{num}", git.commit_at(f"{HEADS}main"))
            opened = create_discussion(repo, opened, actor, description)
        return models.CreatedDiscussion(
            num=num,
            url=f"{call.web_url(repo_type, repo_id)}/discussions/{num}",
            pull_request=bool(pull_request),
            references=_changes(opened),
        )

    def comment_discussion(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, comment: str
    ) -> models.DiscussionNewMessage:
        repo = call.discussable(repo_type, repo_id)
        new_comment = call.actor().new_comment(_checked_text(comment))
        with call.writing(repo):
            repo.discussions.update(repo.discussions.get(discussion_num).with_events(new_comment))
        return models.DiscussionNewMessage(new_message=new_comment)

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
        text, actor = _checked_text(content), call.actor()
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            comment = discussion.comment(comment_id)
            if comment.author is None or comment.author.name != actor.user.name:
                raise forbidden("Only the author of a comment can edit it")
            if comment.data.hidden:
                raise bad_request("A hidden comment cannot be edited")
            edited = actor.edit_comment(comment, text)
            repo.discussions.update(discussion.with_comment(edited))
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
            hidden = comment if comment.data.hidden else actor.hide_comment(comment)
            repo.discussions.update(discussion.with_comment(hidden))
        return models.DiscussionUpdatedComment(updated_comment=hidden)

    def rename_discussion(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, title: str
    ) -> models.DiscussionNewTitle:
        repo = call.discussable(repo_type, repo_id)
        new = _checked_title(title)
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            _check_may_change(call, repo, discussion.author, "rename this discussion")
            renamed = call.actor().title_event(discussion.title, new)
            repo.discussions.update(discussion.with_events(renamed, title=new))
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
        _checked_choice("status", status, ("open", "closed"))
        actor = call.actor()
        comments = [] if comment is None else [actor.new_comment(_checked_text(comment))]
        with call.writing(repo):
            discussion = repo.discussions.get(discussion_num)
            _check_may_change(call, repo, discussion.author, "change the status of this discussion")
            if discussion.status in (status, "merged"):
                raise bad_request(f"This discussion is {discussion.status} already")
            if discussion.kept_diff is not None:
                raise bad_request(f"This pull request cannot be opened again, its ref {discussion.ref} was deleted")
            new: Status = "open" if status == "open" else "closed"
            changed = actor.status_event(new)
            repo.discussions.update(discussion.with_events(*comments, changed, status=new))
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
        call.with_discussions(repo_type, repo_id)
        repo = call.writable(repo_type, repo_id)
        text = None if comment is None else _checked_text(comment)
        with call.writing(repo):
            merge(repo, repo.discussions.get(discussion_num), call.actor(), text)

    def pin_discussion(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType, pinned: bool
    ) -> None:
        repo = _moderated(call, repo_type, repo_id)
        with call.writing(repo):
            repo.discussions.update(attrs.evolve(repo.discussions.get(discussion_num), pinned=pinned))

    def delete_discussion(self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType) -> None:
        repo = _moderated(call, repo_type, repo_id)
        with call.writing(repo):
            _delete_ref(call, repo, repo.discussions.get(discussion_num).ref)
            repo.discussions.delete(discussion_num)

    def delete_pull_request_ref(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType
    ) -> None:
        repo = _moderated(call, repo_type, repo_id)
        with call.writing(repo):
            pull = _pull_request(repo, discussion_num)
            proposed = proposal(repo, pull)
            if pull.is_open:
                raise bad_request(f"This pull request is {pull.status}: close it first")
            if proposed is None:
                raise bad_request(f"The ref {pull.ref} was deleted already")
            repo.discussions.update(attrs.evolve(pull, kept_diff=proposed.diff()))
            _delete_ref(call, repo, pull.ref)

    def get_pull_request_storage(
        self, call: Call, *, repo_id: str, discussion_num: int, repo_type: models.RepoType
    ) -> models.PullRequestStorage:
        repo = call.with_discussions(repo_type, repo_id)
        pull = _pull_request(repo, discussion_num)
        files = large_files_only_in(repo.path, str(pull.ref))
        return models.PullRequestStorage(
            estimated_storage=sum(file.pointer.size for file in files), ref_deleted=pull.kept_diff is not None
        )


def _moderated(call: Call, repo_type: str, repo_id: str) -> Repo:
    """Return a repository whose discussions the caller may delete and pin: users with write access."""
    call.with_discussions(repo_type, repo_id)
    return call.writable(repo_type, repo_id)


def _pull_request(repo: Repo, num: int) -> Discussion:
    found = repo.discussions.get(num)
    if found.ref is None:
        raise not_found(f"There is no pull request {num}, it is a discussion")
    return found


def _delete_ref(call: Call, repo: Repo, ref: str | None) -> None:
    """Delete the ref of a pull request, if there is one, and the large files that nothing else names."""
    if ref is not None:
        oids = {file.pointer.sha256 for file in large_files_only_in(repo.path, ref)}
        delete_ref(repo, ref)
        for oid in oids - used_contents(call.store, call.buckets):
            call.lfs.remove(oid)


def _check_may_change(call: Call, repo: Repo, author: str | None, what: str) -> None:
    if not (call.may_write(repo) or call.user().user.name == author):
        raise forbidden(f"Only the author and users with write access to the repository can {what}")


def _checked_choice(name: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise invalid_option(name, choices)
    return value


def _checked_title(value: object) -> str:
    if not isinstance(value, str) or not MIN_TITLE_LENGTH <= len(value.strip()) <= MAX_TITLE_LENGTH:
        raise bad_request(f"A title must have {MIN_TITLE_LENGTH} to {MAX_TITLE_LENGTH} characters")
    return value.strip()


def _checked_text(value: object, *, least: int = 1) -> str:
    if not isinstance(value, str) or not least <= len(value.strip()) or len(value) > MAX_TEXT_LENGTH:
        raise bad_request(f"A comment must have {least} to {MAX_TEXT_LENGTH} characters")
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
        pinned=discussion.pinned,
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
        pinned=discussion.pinned,
        locked=False,
        collection="discussions",
        changes=_changes(discussion),
    )
    pull_request = proposal(repo, discussion)
    # A diff shows contents of files: callers who may not read the files get none.
    shows_diff = diff and call.access_refusal(repo) is None
    if pull_request is not None:
        details.files_with_conflicts = [] if discussion.status == "merged" else pull_request.conflicts()
        details.diff = pull_request.diff() if shows_diff else None
    elif discussion.kept_diff is not None:
        details.files_with_conflicts = []
        details.diff = discussion.kept_diff if shows_diff else None
    return details


def _changes(discussion: Discussion) -> models.DiscussionChanges | None:
    if discussion.base is None:
        return None
    return models.DiscussionChanges(
        base=discussion.base, merge_commit_id=discussion.merge_commit, head_commit_id=discussion.head
    )
