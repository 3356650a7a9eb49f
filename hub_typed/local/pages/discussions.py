"""Pages of discussions and pull requests."""

from __future__ import annotations

from hub_typed.local.handlers.discussions import Discussions
from hub_typed.local.pages.answers import page
from hub_typed.local.pages.diffs import diff_lines
from hub_typed.local.pages.located import Located
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

__all__ = ["show_discussion", "show_discussions"]


def show_discussions(call: Call, given: Given) -> Answer:
    """List the discussions and pull requests, newest first."""
    located, number = Located.given(call, given), max(given.integer("p") or 0, 0)
    found = Discussions().get_repo_discussions(
        call,
        repo_id=located.repo.repo_id,
        repo_type=located.repo.repo_type,
        page=number,
    )
    has_more = found.start + len(found.discussions) < found.count
    return page(call, "discussions.html", located=located, found=found, number=number, has_more=has_more)


def show_discussion(call: Call, given: Given) -> Answer:
    """Show the events of a discussion, and the diff of a pull request; Markdown in comments is shown as text."""
    located = Located.given(call, given)
    details = Discussions().get_discussion_details(
        call,
        repo_id=located.repo.repo_id,
        repo_type=located.repo.repo_type,
        discussion_num=int(given.path["num"]),
        diff=True,
    )
    diff = None if details.diff is None else diff_lines(details.diff)
    return page(call, "discussion.html", located=located, details=details, diff=diff)
