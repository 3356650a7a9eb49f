"""URLs of repositories and commits."""

from __future__ import annotations

import copy
import pickle

import pytest

from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.repo_url import RepoUrl

HOME = "https://huggingface.co"


@pytest.mark.parametrize(
    ("url", "endpoint", "expected"),
    [
        (f"{HOME}/gpt2", None, (HOME, None, "gpt2", "gpt2", "model")),
        (f"{HOME}/me/repo/", None, (HOME, "me", "repo", "me/repo", "model")),
        (f"{HOME}/datasets/me/repo", None, (HOME, "me", "repo", "me/repo", "dataset")),
        (f"{HOME}/spaces/me/repo", None, (HOME, "me", "repo", "me/repo", "space")),
        (f"{HOME}/kernels/me/repo", None, (HOME, "me", "repo", "me/repo", "kernel")),
        (f"{HOME}/datasets/squad", None, (HOME, None, "squad", "squad", "dataset")),
        ("hf://datasets/me/repo", None, (HOME, "me", "repo", "me/repo", "dataset")),
        ("hf://me/repo", None, (HOME, "me", "repo", "me/repo", "model")),
        ("dataset/me/repo", None, (HOME, "me", "repo", "me/repo", "dataset")),
        ("me/repo", None, (HOME, "me", "repo", "me/repo", "model")),
        ("https://hub.test/models/me/repo", None, ("https://hub.test", "me", "repo", "me/repo", "model")),
        ("https://x.test/hub/me/repo", "https://x.test/hub/", ("https://x.test/hub", "me", "repo", "me/repo", "model")),
        (f"{HOME}/me/repo", "https://hub.test", ("https://hub.test", "me", "repo", "me/repo", "model")),
    ],
)
def test_an_address_is_taken_apart(url, endpoint, expected):
    found = RepoUrl(url, endpoint=endpoint)
    assert (found.endpoint, found.namespace, found.repo_name, found.repo_id, found.repo_type) == expected


@pytest.mark.parametrize(
    "url",
    [
        f"{HOME}/",
        f"{HOME}/me/repo/tree/main",
        f"{HOME}/datasets",
        "buckets/me/repo",
        "https://elsewhere.test/a/b/c",
        "",
    ],
)
def test_what_is_no_address_of_a_repository_is_refused(url):
    with pytest.raises(ValueError, match="is not the URL of a repository"):
        RepoUrl(url)


def test_an_address_of_another_hub_is_refused():
    with pytest.raises(ValueError, match="is not the URL"):
        RepoUrl("https://elsewhere.test/me/repo", endpoint="https://hub.test")


def test_a_mirror_has_its_own_addresses():
    assert RepoUrl(f"{HOME}/me/repo", endpoint="https://hub.test") == "https://hub.test/me/repo"


def test_the_environment_names_the_hub_of_an_address_without_one(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test/")
    assert RepoUrl("me/repo").endpoint == "https://hub.test"


def test_an_address_is_text_and_shows_what_it_says():
    url = RepoUrl("https://hub.test/datasets/me/repo", "https://hub.test")
    assert isinstance(url, str)
    assert url == url.url == "https://hub.test/datasets/me/repo"
    assert type(url.url) is str
    assert repr(url) == (
        "RepoUrl('https://hub.test/datasets/me/repo', "
        "endpoint='https://hub.test', repo_type='dataset', repo_id='me/repo')"
    )


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_addresses_survive_copying(again):
    url = RepoUrl("https://hub.test/me/repo", "https://hub.test")
    info = CommitInfo(
        commit_url="https://hub.test/me/commit/commit/abc",
        commit_message="m",
        commit_description="",
        oid="abc",
        pr_url="https://hub.test/me/commit/discussions/12",
        endpoint="https://hub.test",
        _url="https://hub.test/me/commit/blob/main/a",
    )
    assert repr(again(url)) == repr(url)
    copied = again(info)
    assert copied == info == "https://hub.test/me/commit/blob/main/a"
    assert (copied.commit_message, copied.oid, copied.pr_num, copied.pr_revision) == ("m", "abc", 12, "refs/pr/12")
    assert (copied.repo_url, copied.repo_url.repo_id) == ("https://hub.test/me/commit", "me/commit")
    assert hash(copied) == hash(str(info))


def test_a_commit_without_a_pull_request():
    info = CommitInfo(commit_url=f"{HOME}/me/repo/commit/abc", commit_message="m", commit_description="", oid="abc")
    assert info == f"{HOME}/me/repo/commit/abc"
    assert (info.pr_url, info.pr_num, info.pr_revision, info.repo_url.endpoint) == (None, None, None, HOME)
    assert repr(info) == (
        f"CommitInfo(commit_url='{HOME}/me/repo/commit/abc', commit_message='m', commit_description='', oid='abc', "
        f"pr_url=None, pr_revision=None, pr_num=None, repo_url='{HOME}/me/repo')"
    )
