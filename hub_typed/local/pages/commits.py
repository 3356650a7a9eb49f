"""Pages of the history and of a commit."""

from __future__ import annotations

from typing import Final

from hub_typed.local.git.commit_text import author_name, commit_date, message, title
from hub_typed.local.git.comparison import diff_since_merge_base
from hub_typed.local.pages.answers import page
from hub_typed.local.pages.diffs import diff_lines
from hub_typed.local.pages.located import Located, part_of
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

__all__ = ["show_commit", "show_commits"]

_COMMITS_SHOWN: Final = 50


def show_commits(call: Call, given: Given) -> Answer:
    """List the commits of a revision, newest first."""
    located, revision = Located.given(call, given), given.path["revision"]
    git = located.repo.git()
    history = (
        {"id": str(one.id), "title": title(one), "author": author_name(one), "date": commit_date(one)}
        for one in git.history(git.commit_at(revision))
    )
    shown = part_of(history, given, _COMMITS_SHOWN)
    return page(call, "commits.html", located=located, revision=revision, part=shown)


def show_commit(call: Call, given: Given) -> Answer:
    """Show a commit: its message, and what it changed since its first parent."""
    located = Located.given(call, given)
    commit = located.repo.git().commit_at(given.path["revision"])
    diff = None
    if commit.parent_ids and located.refusal is None:
        diff = diff_lines(diff_since_merge_base(str(located.repo.path), str(commit.parent_ids[0]), str(commit.id)))
    return page(
        call,
        "commit.html",
        located=located,
        commit=str(commit.id),
        message=message(commit),
        author=author_name(commit),
        date=commit_date(commit),
        parents=[str(one) for one in commit.parent_ids],
        diff=diff,
    )
