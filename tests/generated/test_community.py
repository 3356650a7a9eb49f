"""What the models of discussions, collections and access requests tell beyond their members, as the reference does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub_typed_api import models as m
from hub_typed_api.codec.access import structure_access_request
from hub_typed_api.codec.collections import structure_collection, unstructure_collection
from hub_typed_api.codec.discussions import (
    structure_discussion,
    structure_discussion_with_details,
    unstructure_discussion_with_details,
)
from hub_typed_api.codec.webhooks import structure_webhook_info

ANN = {"name": "ann", "fullname": "Ann", "avatarUrl": "/ann.png", "type": "user"}
WHEN = "2024-02-29T12:00:00.000Z"
DISCUSSION = {
    "num": 19,
    "title": "A typo",
    "status": "open",
    "isPullRequest": False,
    "createdAt": WHEN,
    "author": ANN,
    "repo": {"name": "ann/set", "type": "dataset"},
}
PULL_REQUEST = {**DISCUSSION, "isPullRequest": True, "changes": {"base": "refs/heads/main", "mergeCommitId": "c0ffee"}}
COMMENT_DATA = {
    "edited": True,
    "hidden": False,
    "numEdits": 2,
    "latest": {"raw": "*Hi*", "html": "<i>Hi</i>", "updatedAt": WHEN, "author": ANN},
}


def event(kind, **data):
    return {"id": "e1", "type": kind, "createdAt": WHEN, "author": ANN, "data": data}


def events(*sent):
    details = structure_discussion_with_details({**PULL_REQUEST, "events": list(sent)})
    assert unstructure_discussion_with_details(details)["events"] == list(sent)
    return details.events


def test_a_discussion_tells_author_and_repository_by_name():
    discussion = structure_discussion(DISCUSSION)
    assert (discussion.author, discussion.repo_id, discussion.repo_type) == ("ann", "ann/set", "dataset")
    assert discussion.git_reference is None
    assert structure_discussion({**DISCUSSION, "author": None}).author == "deleted"


def test_a_pull_request_tells_its_refs():
    request = structure_discussion_with_details({**PULL_REQUEST, "events": []})
    assert request.git_reference == "refs/pr/19"
    assert (request.target_branch, request.merge_commit_oid) == ("refs/heads/main", "c0ffee")
    discussion = structure_discussion_with_details({**DISCUSSION, "events": []})
    assert (discussion.git_reference, discussion.target_branch, discussion.merge_commit_oid) == (None, None, None)


@pytest.mark.parametrize("conflicts", [["README.md"], [], True, None])
def test_conflicts_are_files_or_just_there(conflicts):
    sent = {**PULL_REQUEST, "events": [], "filesWithConflicts": conflicts}
    assert structure_discussion_with_details(sent).conflicting_files == conflicts


def test_a_comment_tells_its_text_and_history():
    (comment,) = events(event("comment", **COMMENT_DATA))
    assert isinstance(comment, m.DiscussionComment)
    assert (comment.author, comment.content, comment.rendered) == ("ann", "*Hi*", "<i>Hi</i>")
    assert (comment.edited, comment.hidden, comment.number_of_edits, comment.edit_history) == (True, False, 2, [])
    assert (comment.last_edited_at, comment.last_edited_by) == (datetime(2024, 2, 29, 12, tzinfo=UTC), "ann")


def test_a_comment_of_older_answers_counts_its_history():
    versions = [{"raw": "Hi"}, {"raw": "Hello"}, {"raw": "*Hi*"}]
    data = {name: value for name, value in COMMENT_DATA.items() if name != "numEdits"}
    with_history, without = events(event("comment", **data, history=versions), event("comment", **data))
    assert isinstance(with_history, m.DiscussionComment)
    assert isinstance(without, m.DiscussionComment)
    assert (with_history.edit_history, with_history.number_of_edits) == (versions, 3)
    assert (without.edit_history, without.number_of_edits) == ([], 0)


def test_other_events_tell_what_changed():
    status, commit, title, pinned, new = events(
        event("status-change", status="merged"),
        event("commit", subject="Fix", oid="c0ffee"),
        event("title-change", **{"from": "A typo", "to": "Typos"}),
        event("pinning-change", pinned=True),
        event("of-tomorrow", what="unknown"),
    )
    assert isinstance(status, m.DiscussionStatusChange)
    assert isinstance(commit, m.DiscussionCommit)
    assert isinstance(title, m.DiscussionTitleChange)
    assert isinstance(pinned, m.DiscussionEvent)
    assert status.new_status == "merged"
    assert (commit.summary, commit.oid) == ("Fix", "c0ffee")
    assert (title.old_title, title.new_title) == ("A typo", "Typos")
    assert (pinned.author, pinned.data) == ("ann", {"pinned": True})
    assert new == event("of-tomorrow", what="unknown")


def test_a_collection_tells_its_owner_and_what_its_items_are_found_by():
    model = {
        "_id": "1",
        "id": "ann/m",
        "type": "model",
        "position": 0,
        "note": {"text": "Good.", "html": "<p>Good.</p>"},
    }
    inner = {"_id": "2", "id": "64f9a55b", "type": "collection", "position": 1, "slug": "bob/best-64f9a55b"}
    sent = {
        "slug": "ann/good-64f9a55b",
        "title": "Good",
        "owner": ANN,
        "items": [model, inner],
        "lastUpdated": WHEN,
        "private": False,
        "theme": "pink",
        "upvotes": 3,
        "gating": False,
    }
    collection = structure_collection(sent)
    assert (collection.owner, collection.gating) == ("ann", False)
    assert [(item.item_object_id, item.item_type, item.item_id, item.note) for item in collection.items] == [
        ("1", "model", "ann/m", "Good."),
        ("2", "collection", "bob/best-64f9a55b", None),
    ]
    assert unstructure_collection(collection) == sent
    gated = structure_collection({**sent, "gating": {"mode": "auto"}})
    assert gated.gating == m.CollectionGating(mode="auto")
    assert unstructure_collection(gated)["gating"] == {"mode": "auto"}


def test_an_access_request_tells_who_asks():
    user = {"user": "bob", "fullname": "Bob", "avatarUrl": "/bob.png", "email": "bob@hub.test"}
    request = structure_access_request({"user": user, "status": "pending", "timestamp": WHEN, "fields": {"Why": "?"}})
    assert (request.username, request.fullname, request.email) == ("bob", "Bob", "bob@hub.test")
    assert request.fields == {"Why": "?"}
    gone = structure_access_request({"status": "accepted", "timestamp": WHEN, "grantedBy": {}})
    assert (gone.username, gone.fullname, gone.email) == ("deleted", "deleted", None)
    assert gone.granted_by == m.AccessGrantor()


@pytest.mark.parametrize("disabled", [True, False, "suspended-after-failure"])
def test_a_webhook_tells_why_it_is_off(disabled):
    sent = {"id": "1", "watched": [], "domains": ["repo"], "disabled": disabled}
    assert structure_webhook_info(sent).disabled is disabled
