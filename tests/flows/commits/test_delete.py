"""Deletions and squashed histories."""

from __future__ import annotations

import pytest

from hub_typed.errors import RepositoryNotFoundError
from hub_typed.flows.commits.delete import delete_file, delete_files, delete_folder
from hub_typed.flows.commits.history import super_squash_history


def lines(hub):
    return [(line["key"], line["value"]["path"]) for line in hub.of("commit")[0].lines[1:]]


def header(hub):
    return hub.of("commit")[0].lines[0]["value"]


@pytest.mark.parametrize(
    ("delete", "path", "line", "title"),
    [
        (delete_file, "./d/a.txt", ("deletedFile", "d/a.txt"), "Delete ./d/a.txt with huggingface_hub"),
        (delete_file, "d/", ("deletedFile", "d"), "Delete d/ with huggingface_hub"),
        (delete_folder, "d", ("deletedFolder", "d/"), "Delete folder d with huggingface_hub"),
        (delete_folder, "d/e/", ("deletedFolder", "d/e/"), "Delete folder d/e/ with huggingface_hub"),
    ],
)
def test_one_path_is_deleted_from_the_head_of_the_branch(run, hub, delete, path, line, title):
    run(lambda io: delete(io, path, "me/repo"))
    assert hub.kinds == ["commits", "commit"]
    assert lines(hub) == [line]
    assert header(hub) == {"summary": title, "description": "", "parentCommit": "a" * 40}


@pytest.mark.parametrize("delete", [delete_file, delete_folder])
def test_all_that_a_commit_takes_is_passed_on(run, hub, delete):
    info = run(
        lambda io: delete(
            io,
            "d",
            "me/repo",
            repo_type="space",
            revision="dev",
            commit_message="m",
            commit_description="why",
            create_pr=True,
            parent_commit="abcdef0",
        )
    )
    (sent,) = hub.of("commit")
    assert (sent.path, sent.query) == ("/api/spaces/me/repo/commit/dev", {"create_pr": ["1"]})
    assert header(hub) == {"summary": "m", "description": "why", "parentCommit": "abcdef0"}
    assert info.pr_num == 7


@pytest.mark.parametrize(
    ("patterns", "gone"),
    [
        ("logs/", ["logs/1.log", "logs/d/2.log"]),
        (["*.log"], ["logs/1.log", "logs/d/2.log", "x.log"]),
        (["x.log", "a.txt", "missing"], ["a.txt", "x.log"]),
        (["*"], ["a.txt", "logs/1.log", "logs/d/2.log", "x.log"]),
        ([".gitattributes", "[ax]*"], ["a.txt", "x.log"]),
    ],
)
def test_files_that_match_are_deleted_in_one_commit(run, hub, patterns, gone):
    hub.files = dict.fromkeys([".gitattributes", "a.txt", "logs/1.log", "logs/d/2.log", "x.log"], "c" * 40)
    asked = [patterns] if isinstance(patterns, str) else patterns
    run(lambda io: delete_files(io, "me/repo", patterns, revision="main", parent_commit="abcdef0"))
    assert hub.kinds == ["tree", "commit"]
    assert lines(hub) == [("deletedFile", path) for path in gone]
    assert header(hub)["summary"] == f"Delete files {' '.join(asked)} with huggingface_hub"


@pytest.mark.parametrize("patterns", [["*.zip"], []])
def test_where_nothing_matches_no_commit_is_made(run, hub, patterns):
    assert run(lambda io: delete_files(io, "me/repo", patterns)).oid == "a" * 40
    assert hub.kinds == ["tree", "commits"]


def test_a_repository_that_is_not_there_is_told(run, hub):
    hub.fail("tree", hub.answered(404, {"error": "no"}, x_error_code="RepoNotFound"))
    with pytest.raises(RepositoryNotFoundError):
        run(lambda io: delete_files(io, "me/repo", ["*"]))


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (
            {},
            "/api/models/me/repo/super-squash/main",
            {"message": "Super-squash branch 'main' using huggingface_hub"},
        ),
        (
            {"branch": "a/b", "commit_message": "all", "repo_type": "dataset"},
            "/api/datasets/me/repo/super-squash/a/b",
            {"message": "all"},
        ),
    ],
)
def test_a_history_is_squashed(run, hub, words, path, body):
    assert run(lambda io: super_squash_history(io, "me/repo", **words)) is None
    assert [(one.method, one.path, one.json) for one in hub.sent] == [("POST", path, body)]
