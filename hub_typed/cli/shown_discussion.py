"""A discussion with its events, for people and for programs."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from hub_typed.cli.cells import human_text
from hub_typed.cli.output import Output
from hub_typed.cli.text_lines import print_lines

if TYPE_CHECKING:
    from hub_typed import DiscussionEvent, DiscussionWithDetails

__all__ = ["print_discussion"]


def print_discussion(found: DiscussionWithDetails, output: Output) -> None:
    """Print a discussion, and below it what happened, oldest first; the texts of comments as they are for people."""
    fields: dict[str, object] = {
        "title": found.title,
        "kind": "pull request" if found.is_pull_request else "discussion",
        "status": found.status,
        "author": found.author,
        "created": found.created_at,
        "url": found.url,
    }
    if found.is_pull_request:
        fields |= {
            "ref": found.git_reference,
            "merges into": found.target_branch,
            "merge commit": found.merge_commit_oid,
            "conflicts": found.conflicting_files,
        }
    output.record(found.wire, fields, id=found.num)
    match output.shape:
        case "human":
            for event in found.events:
                _print_event(event, output)
        case "agent":
            output.text("")
            columns = {name: attrgetter(name) for name in ("id", "type", "author", "created_at")}
            output.rows(found.events, {**columns, "text": _text}, id=attrgetter("id"))
        case _:
            pass


def _print_event(event: DiscussionEvent, output: Output) -> None:
    from hub_typed import DiscussionComment

    moment = human_text(event.created_at)
    if not isinstance(event, DiscussionComment):
        output.text(f"\n-- {moment}  {human_text(event.author)}: {human_text(_text(event))}")
        return
    edited = ", edited" if event.edited else ""
    output.text(f"\n-- {moment}  {human_text(event.author)} (comment {human_text(event.id)}{edited})")
    print_lines(f"{event.content.rstrip()}\n", output)


def _text(event: DiscussionEvent) -> str:
    from hub_typed import DiscussionComment, DiscussionCommit, DiscussionStatusChange, DiscussionTitleChange

    match event:
        case DiscussionComment():
            return event.content
        case DiscussionStatusChange():
            return f"is now {event.new_status}"
        case DiscussionCommit():
            return f"commit {event.oid[:8]} {event.summary}"
        case DiscussionTitleChange():
            return f"renamed it from {event.old_title!r} to {event.new_title!r}"
        case _:
            return event.type
