"""What discussions and pull requests are, and what is said to the Hub of them."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from hub_typed.errors import HFValidationError, ProtocolError
from hub_typed.flows.discussions import write
from hub_typed.flows.discussions.checks import checked_num, checked_text, checked_title
from hub_typed.flows.discussions.discussion import Discussion, DiscussionWithDetails
from hub_typed.flows.discussions.events import (
    DiscussionComment,
    DiscussionCommit,
    DiscussionEvent,
    DiscussionStatusChange,
    DiscussionTitleChange,
)
from hub_typed.flows.discussions.read import get_discussion_details, get_repo_discussions
from hub_typed.http.io import drive_all

ANN = {"name": "ann", "fullname": "Ann", "avatarUrl": "/ann.png", "type": "user"}
SENT = "2024-02-29T12:00:00.000Z"
WHEN = datetime(2024, 2, 29, 12, tzinfo=UTC)
DISCUSSION = {
    "num": 19,
    "title": "A typo",
    "status": "open",
    "isPullRequest": False,
    "createdAt": SENT,
    "author": ANN,
    "repo": {"name": "ann/set", "type": "dataset"},
}
PULL = {
    **DISCUSSION,
    "isPullRequest": True,
    "changes": {"base": "refs/heads/main", "mergeCommitId": "c0ffee"},
    "filesWithConflicts": [],
    "diff": "diff --git a/x b/x\n",
    "events": [],
}
COMMENT = {
    "edited": True,
    "hidden": False,
    "numEdits": 2,
    "latest": {"raw": "*Hi*", "html": "<i>Hi</i>", "updatedAt": SENT, "author": ANN},
}


def event(kind, **data):
    return {"id": "e1", "type": kind, "createdAt": SENT, "author": ANN, "data": data}


def page(*discussions, count, start=0):
    return {"discussions": list(discussions), "count": count, "start": start}


def details(hub, **members):
    hub.says(200, {**PULL, **members})
    return hub.run(get_discussion_details(hub.io(), "ann/set", 19, repo_type="dataset"))


def events(hub, *sent):
    return details(hub, events=list(sent)).events


# What is read


def test_the_list_is_read_page_after_page(hub):
    second = {**DISCUSSION, "num": 18, "author": None, "repo": {"name": "ann/m", "type": "model"}}
    hub.says(200, page(DISCUSSION, count=2)).says(200, page(second, count=2, start=1))

    listed = get_repo_discussions(
        hub.io(), "ann/set", author="ann", discussion_type="discussion", discussion_status="all", repo_type="dataset"
    )
    first, last = drive_all(listed)

    assert isinstance(first, Discussion)
    assert not isinstance(first, DiscussionWithDetails)
    assert (first.num, first.title, first.status, first.created_at) == (19, "A typo", "open", WHEN)
    assert (first.author, first.repo_id, first.repo_type) == ("ann", "ann/set", "dataset")
    assert (first.is_pull_request, first.git_reference) == (False, None)
    assert first.url == "https://hub.test/datasets/ann/set/discussions/19"
    assert (last.author, last.url) == ("deleted", "https://hub.test/ann/m/discussions/18")
    url = "https://hub.test/api/datasets/ann/set/discussions?type=discussion&status=all&author=ann"
    assert [asked.path for asked in hub.asked] == [url, f"{url}&p=1"]


def test_a_pull_request_tells_where_it_goes(hub):
    pull = details(hub)

    assert isinstance(pull, Discussion)
    assert pull.git_reference == "refs/pr/19"
    assert (pull.target_branch, pull.merge_commit_oid) == ("refs/heads/main", "c0ffee")
    assert (pull.conflicting_files, pull.diff) == ([], "diff --git a/x b/x\n")
    assert hub.asked[0].path == "https://hub.test/api/datasets/ann/set/discussions/19?diff=1"


def test_a_mere_discussion_goes_nowhere(hub):
    hub.says(200, {**DISCUSSION, "events": []})

    plain = hub.run(get_discussion_details(hub.io(), "ann/set", 19))

    told = (plain.git_reference, plain.target_branch, plain.merge_commit_oid, plain.conflicting_files, plain.diff)
    assert told == (None, None, None, None, None)


@pytest.mark.parametrize("repo", [{"type": "dataset"}, {"name": 7}, {}, None, "ann/set"])
def test_a_repository_that_is_not_named_is_the_requested_one(hub, repo):
    hub.says(200, page({**DISCUSSION, "repo": repo}, count=1))
    (listed,) = drive_all(get_repo_discussions(hub.io(), "ann/set", repo_type="dataset"))
    found = details(hub, repo=repo)

    assert (listed.title, listed.repo_id, listed.repo_type) == ("A typo", "ann/set", "dataset")
    assert (found.title, found.repo_id, found.repo_type) == ("A typo", "ann/set", "dataset")
    assert found.wire.extra == {"repo": repo}
    assert found.url == "https://hub.test/datasets/ann/set/discussions/19"


def test_an_author_with_little_more_than_a_name_is_named(hub):
    author = {"name": "ann"}
    comment = event("comment", **{**COMMENT, "latest": {**COMMENT["latest"], "author": author}})
    found = details(hub, author=author, events=[{**comment, "author": author}])

    (first,) = found.events
    assert (found.author, first.author, first.last_edited_by) == ("ann", "ann", "ann")
    assert found.wire.author is None


@pytest.mark.parametrize("data", [{}, None, "x", {"latest": {"raw": 7}}])
def test_an_event_with_invalid_data_has_what_all_events_have(hub, data):
    odd, close = {**event("comment"), "data": data}, event("status-change", status="closed")
    first, second = events(hub, odd, close)

    assert type(first) is DiscussionEvent
    assert (first.id, first.type, first.author, first.created_at) == ("e1", "comment", "ann", WHEN)
    assert first.wire.extra == {"data": data}
    assert isinstance(second, DiscussionStatusChange)


def test_an_answer_without_the_new_comment_is_named(hub):
    hub.says(200, {"newMessage": {**event("comment"), "data": {}}})
    with pytest.raises(ProtocolError, match="the Hub did not send a valid 'latest' of DiscussionCommentData"):
        hub.run(write.comment_discussion(hub.io(), "ann/set", 19, "Hi"))


@pytest.mark.parametrize("conflicts", [["README.md"], [], True])
def test_conflicts_are_files_or_just_there(hub, conflicts):
    assert details(hub, filesWithConflicts=conflicts).conflicting_files == conflicts


def test_a_comment_tells_its_text_and_history(hub):
    (comment,) = events(hub, event("comment", **COMMENT))

    assert isinstance(comment, DiscussionComment)
    assert (comment.id, comment.type, comment.author, comment.created_at) == ("e1", "comment", "ann", WHEN)
    assert (comment.content, comment.rendered) == ("*Hi*", "<i>Hi</i>")
    assert (comment.edited, comment.hidden, comment.number_of_edits, comment.edit_history) == (True, False, 2, [])
    assert (comment.last_edited_at, comment.last_edited_by) == (WHEN, "ann")
    assert comment.wire.data.latest.raw == "*Hi*"


def test_a_comment_of_older_answers_counts_its_history(hub):
    versions = [{"raw": "Hi"}, {"raw": "Hello"}]
    data = {name: value for name, value in COMMENT.items() if name != "numEdits"}

    with_history, without = events(hub, event("comment", **data, history=versions), event("comment", **data))

    assert (with_history.edit_history, with_history.number_of_edits) == (versions, 2)
    assert (without.edit_history, without.number_of_edits) == ([], 0)


def test_other_events_tell_what_changed(hub):
    status, commit, title, pinned, new = every = events(
        hub,
        event("status-change", status="merged"),
        event("commit", subject="Fix", oid="c0ffee"),
        event("title-change", **{"from": "A typo", "to": "Typos"}),
        event("pinning-change", pinned=True),
        {**event("of-tomorrow", what="unknown"), "author": None},
    )

    assert all(isinstance(one, DiscussionEvent) for one in every)
    assert isinstance(status, DiscussionStatusChange)
    assert isinstance(commit, DiscussionCommit)
    assert isinstance(title, DiscussionTitleChange)
    assert status.new_status == "merged"
    assert (commit.summary, commit.oid) == ("Fix", "c0ffee")
    assert (title.old_title, title.new_title) == ("A typo", "Typos")
    assert (type(pinned), pinned.type, pinned.author, pinned.wire.data) == (
        DiscussionEvent,
        "pinning-change",
        "ann",
        {"pinned": True},
    )
    assert (type(new), new.type, new.author, new.created_at) == (DiscussionEvent, "of-tomorrow", "deleted", WHEN)
    assert new.wire["data"] == {"what": "unknown"}


def test_an_event_that_lacks_what_all_have_is_left_out(hub, caplog):
    (comment,) = events(hub, {"id": "e1", "type": "of-tomorrow"}, {}, event("comment", **COMMENT))
    assert comment.type == "comment"
    assert len(caplog.records) == 2


def test_details_survive_a_pickle_and_show_what_matters(hub):
    pull = details(hub, events=[event("comment", **COMMENT)])

    assert pickle.loads(pickle.dumps(pull)) == pull
    assert "content='*Hi*'" in repr(pull)
    assert "wire" not in repr(pull)


# What is said


def said(hub, flow):
    hub.run(flow)
    asked = hub.asked[0]
    return asked.path.removeprefix("https://hub.test/api/"), json.loads(asked.body or b"null")


@pytest.mark.parametrize(
    ("given", "description"),
    [
        (None, write.DEFAULT_DESCRIPTION),
        ("  ", write.DEFAULT_DESCRIPTION),
        (" Why? ", "Why?"),
    ],
)
def test_a_discussion_begins_with_a_title_and_a_comment(hub, given, description):
    hub.says(200, {"num": 19}).says(200, {**DISCUSSION, "events": []})

    path, body = said(hub, write.create_discussion(hub.io(), "ann/set", "  A typo\n", description=given))

    assert path == "models/ann/set/discussions"
    assert body == {"title": "A typo", "description": description, "pullRequest": False}
    assert hub.asked[1].path.endswith("/api/models/ann/set/discussions/19?diff=1")


def test_a_pull_request_says_what_it_is(hub):
    hub.says(200, {"num": 19}).says(200, PULL)

    _, body = said(hub, write.create_pull_request(hub.io(), "ann/set", "A typo", repo_type="dataset"))

    assert body["pullRequest"] is True
    assert body["description"] == write.DEFAULT_DESCRIPTION


def test_changes_go_to_the_discussion_and_come_back_as_events(hub):
    hub.says(201, {"newMessage": event("comment", **COMMENT)})
    assert said(hub, write.comment_discussion(hub.io(), "o/n", 19, " Hi ")) == (
        "models/o/n/discussions/19/comment",
        {"comment": " Hi "},
    )


@pytest.mark.parametrize(
    ("flow", "given", "answer", "path", "body"),
    [
        (
            write.edit_discussion_comment,
            ("ABC0", "Hi"),
            {"updatedComment": event("comment", **COMMENT)},
            "comment/abc0/edit",
            {"content": "Hi"},
        ),
        (
            write.hide_discussion_comment,
            ("ABC0",),
            {"updatedComment": event("comment", **COMMENT)},
            "comment/abc0/hide",
            None,
        ),
        (
            write.rename_discussion,
            (" Typos ",),
            {"newTitle": event("title-change", **{"from": "A typo", "to": "Typos"})},
            "title",
            {"title": "Typos"},
        ),
        (
            write.change_discussion_status,
            ("closed",),
            {"newStatus": event("status-change", status="closed")},
            "status",
            {"status": "closed"},
        ),
        (write.merge_pull_request, (), {}, "merge", {}),
    ],
)
def test_each_change_has_its_own_place(hub, flow, given, answer, path, body):
    hub.says(200, answer)

    assert said(hub, flow(hub.io(), "o/n", 19, *given)) == (f"models/o/n/discussions/19/{path}", body)


@pytest.mark.parametrize(("given", "sent"), [(" Done. ", {"comment": "Done."}), (" ", {}), (None, {})])
def test_a_comment_goes_along_unless_it_is_empty(hub, given, sent):
    hub.says(200, {})

    assert said(hub, write.merge_pull_request(hub.io(), "o/n", 19, comment=given))[1] == sent


# What is refused before any request


@pytest.mark.parametrize("num", [0, -1, "1", 1.0, True, None])
@pytest.mark.parametrize(
    ("flow", "given"),
    [
        (get_discussion_details, ()),
        (write.comment_discussion, ("Hi",)),
        (write.edit_discussion_comment, ("abc", "Hi")),
        (write.hide_discussion_comment, ("abc",)),
        (write.rename_discussion, ("A title",)),
        (write.change_discussion_status, ("open",)),
        (write.merge_pull_request, ()),
    ],
)
def test_what_is_no_number_of_a_discussion(hub, flow, given, num):
    with pytest.raises(ValueError, match="integer from 1"):
        hub.run(flow(hub.io(), "o/n", num, *given))
    assert hub.asked == []


@pytest.mark.parametrize(
    ("flow", "given", "message"),
    [
        (write.create_discussion, ("ab",), "3 to 200"),
        (write.create_discussion, ("a" * 201,), "3 to 200"),
        (write.create_pull_request, ("  a  ",), "3 to 200"),
        (write.rename_discussion, (1, ""), "3 to 200"),
        (write.comment_discussion, (1, " \n"), "Empty comment"),
        (write.comment_discussion, (1, "a" * 65537), "at most 65536"),
        (write.edit_discussion_comment, (1, "abc", ""), "Empty comment"),
        (write.change_discussion_status, (1, "merged"), "pass one of .open., .closed."),
        (write.change_discussion_status, (1, "draft"), "pass one of .open., .closed."),
    ],
)
def test_what_the_hub_would_refuse(hub, flow, given, message):
    with pytest.raises(ValueError, match=message):
        hub.run(flow(hub.io(), "o/n", *given))
    assert hub.asked == []


def test_texts_that_are_too_long_wherever_they_go(hub):
    for flow in (
        write.create_discussion(hub.io(), "o/n", "A title", description="a" * 65537),
        write.merge_pull_request(hub.io(), "o/n", 1, comment="a" * 65537),
        write.change_discussion_status(hub.io(), "o/n", 1, "open", comment="a" * 65537),
    ):
        with pytest.raises(ValueError, match="at most 65536"):
            hub.run(flow)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"discussion_type": "issue"}, "discussion_type='issue' is not known: pass one of 'all', 'discussion'"),
        ({"discussion_status": "merged"}, "discussion_status='merged' is not known: pass one of 'all', 'open'"),
        ({"repo_type": "modle"}, "Invalid repo type"),
    ],
)
def test_filters_that_the_hub_does_not_know(hub, given, message):
    with pytest.raises(ValueError, match=message):
        list(drive_all(get_repo_discussions(hub.io(), "o/n", **given)))
    assert hub.asked == []


def test_a_comment_has_an_id(hub):
    with pytest.raises(HFValidationError, match="segment"):
        hub.run(write.hide_discussion_comment(hub.io(), "o/n", 1, ""))


@given(st.integers())
def test_numbers_count_from_one(number):
    if number >= 1:
        assert checked_num(number) == number
    else:
        with pytest.raises(ValueError, match=str(number)):
            checked_num(number)


@given(st.text(max_size=300))
def test_a_title_is_taken_whole_or_not_at_all(text):
    if 3 <= len(text.strip()) <= 200:
        assert checked_title(text) == text.strip()
    else:
        with pytest.raises(ValueError, match="3 to 200"):
            checked_title(text)


@given(st.text())
def test_a_comment_is_sent_as_it_was_written(text):
    if text.strip():
        assert checked_text(text, "comment") == text
    else:
        with pytest.raises(ValueError, match="Empty"):
            checked_text(text, "comment")
