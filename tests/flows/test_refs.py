"""Branches and tags that may be there already."""

from __future__ import annotations

import json

import pytest

from hub_typed.errors import BadRequestError, HfHubHTTPError, HFValidationError
from hub_typed.flows.refs import create_branch, create_tag


def refs(*names):
    branches = [{"name": name, "ref": f"refs/heads/{name}", "targetCommit": "a" * 40} for name in names]
    return {"branches": branches, "converts": [], "tags": []}


def test_a_branch_starts_where_it_was_told_to(hub):
    hub.run(create_branch(hub.says(200).io(), "o/n", branch="a/b", revision="v1", repo_type="dataset"))
    (asked,) = hub.asked
    assert (asked.method, asked.path) == ("POST", "https://hub.test/api/datasets/o/n/branch/a%2Fb")
    assert json.loads(asked.body) == {"startingPoint": "v1"}


def test_a_branch_that_is_there_is_an_error_unless_that_was_allowed(hub):
    with pytest.raises(HfHubHTTPError, match=r"^409"):
        hub.run(create_branch(hub.says(409).io(), "o/n", branch="b"))
    hub.run(create_branch(hub.says(409).io(), "o/n", branch="b", exist_ok=True))


def test_who_may_not_write_is_told_so_unless_the_branch_is_there(hub):
    with pytest.raises(HfHubHTTPError, match=r"^403"):
        hub.run(create_branch(hub.says(403).io(), "o/n", branch="b"))
    hub.run(create_branch(hub.says(403).says(200, refs("main", "b")).io(), "o/n", branch="b", exist_ok=True))
    for answer in ((200, refs("main")), (404, {})):
        with pytest.raises(HfHubHTTPError, match=r"^403"):
            hub.run(create_branch(hub.says(403).says(*answer).io(), "o/n", branch="b", exist_ok=True))


@pytest.mark.parametrize("status", [400, 404, 501])
def test_other_failures_of_a_branch_are_failures(hub, status):
    with pytest.raises(HfHubHTTPError, match=f"^{status}"):
        hub.run(create_branch(hub.says(status).io(), "o/n", branch="b", exist_ok=True))


def test_a_branch_that_the_hub_keeps_for_itself_is_a_bad_request(hub):
    with pytest.raises(BadRequestError):
        hub.run(create_branch(hub.says(400).io(), "o/n", branch="refs/pr/5"))


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        ({}, "main", {"tag": "v1"}),
        ({"revision": "refs/pr/1", "tag_message": "first"}, "refs%2Fpr%2F1", {"tag": "v1", "message": "first"}),
    ],
)
def test_a_tag_names_a_commit(hub, given, path, body):
    hub.run(create_tag(hub.says(200).io(), "o/n", tag="v1", **given))
    (asked,) = hub.asked
    assert (asked.method, asked.path) == ("POST", f"https://hub.test/api/models/o/n/tag/{path}")
    assert json.loads(asked.body) == body


def test_a_tag_that_is_there_is_an_error_unless_that_was_allowed(hub):
    for exist_ok, status in [(False, 409), (True, 403), (True, 404)]:
        with pytest.raises(HfHubHTTPError, match=f"^{status}"):
            hub.run(create_tag(hub.says(status).io(), "o/n", tag="v1", exist_ok=exist_ok))
    hub.run(create_tag(hub.says(409).io(), "o/n", tag="v1", exist_ok=True))


def test_names_that_git_does_not_take_are_refused_before_any_request(hub):
    with pytest.raises(HFValidationError):
        hub.run(create_branch(hub.io(), "o/n", branch="a b"))
    with pytest.raises(HFValidationError):
        hub.run(create_tag(hub.io(), "o/n", tag="v1", revision="a..b"))
