"""The result of a commit as text."""

from __future__ import annotations

from hub_typed import CommitInfo


def test_the_repr_names_the_pull_request_and_the_repository():
    info = CommitInfo(
        commit_url="https://hub.test/o/m/commit/1",
        commit_message="a",
        commit_description="",
        oid="1",
        pr_url="https://hub.test/o/m/discussions/3",
    )
    assert repr(info) == (
        "CommitInfo(commit_url='https://hub.test/o/m/commit/1', commit_message='a', commit_description='', oid='1', "
        "pr_url='https://hub.test/o/m/discussions/3', pr_revision='refs/pr/3', pr_num=3, "
        "repo_url='https://hub.test/o/m')"
    )
