"""``hub-typed upload`` and ``upload-large-folder``."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

REPO = "local-user/m"


@pytest.fixture
def folder(tmp_path) -> Path:
    for path, content in {"a.txt": "a", "b/c.txt": "c", "b/d.log": "d"}.items():
        (tmp_path / "m" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / path).write_text(content)
    return tmp_path / "m"


def paths(api, **options) -> set[str]:
    return set(api.list_repo_files(REPO, **options)) - {".gitattributes"}


def test_a_folder(run, api, folder, local_hub):
    ended = run("upload", REPO, folder)
    assert (ended.code, ended.err) == (0, "")
    assert paths(api) == {"a.txt", "b/c.txt", "b/d.log"}
    url = f"{local_hub.endpoint}/{REPO}/tree/main/"
    assert ended.lines[0] == f"url\t{url}"
    assert ended.lines[1] == f"commit\t{api.model_info(REPO).sha}"
    assert run("upload", REPO, folder, "-q").out == f"{url}\n"
    assert run("upload", REPO, folder, "--json").json()["oid"] == api.model_info(REPO).sha


def test_a_file(run, api, folder, local_hub):
    assert run("upload", REPO, folder / "a.txt", "-q").out == f"{local_hub.endpoint}/{REPO}/blob/main/a.txt\n"
    assert run("upload", REPO, folder / "a.txt", "x/y.txt", "--commit-message", "A file").code == 0
    assert paths(api) == {"a.txt", "x/y.txt"}
    assert api.list_repo_commits(REPO)[0].title == "A file"


def test_by_default_what_has_the_name_of_the_repository(run, api, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert run("upload", REPO).code == 0
    assert "a.txt" in paths(api)
    ended = run("upload", "local-user/other")
    assert ended.code == 2
    assert "no file or folder other" in ended.error


def test_patterns(run, api, folder):
    run("upload", REPO, folder, "weights", "--include", "b/*", "--exclude", "*.log")
    assert paths(api) == {"weights/b/c.txt"}
    run("upload", REPO, folder / "b", "--delete", "weights/*")
    assert paths(api) == {"c.txt", "d.log"}


def test_patterns_of_a_file_are_refused(run, folder):
    assert run("upload", REPO, folder / "a.txt", "--include", "*").code == 2


def test_a_private_repository_a_branch_and_a_pull_request(run, api, folder):
    assert run("upload", REPO, folder / "a.txt", "--private").code == 0
    assert api.model_info(REPO).private
    assert run("upload", REPO, folder / "b", "--revision", "dev").code == 0
    assert "c.txt" in paths(api, revision="dev")
    ended = run("upload", REPO, folder / "b", "--create-pr", "--json")
    assert ended.json()["pr_url"].endswith("/discussions/1")
    assert paths(api) == {"a.txt"}
    assert run("upload", REPO, folder / "b", "--revision", "refs/pr/1", "--no-private").code == 0


def test_a_dry_run_sends_nothing(run, api, folder):
    api.create_repo(REPO)
    api.upload_file(path_or_fileobj=b"old", path_in_repo="old.txt", repo_id=REPO)
    ended = run("upload", REPO, folder, "--dry-run", "--delete", "old.txt")
    assert ended.lines[0] == "path\tsize\tmode\tstate\tto upload"
    assert ended.rows == [
        ["a.txt", "1", "regular", "new", "1"],
        ["b/c.txt", "1", "regular", "new", "1"],
        ["b/d.log", "1", "regular", "new", "1"],
        ["old.txt", "", "", "deleted", ""],
    ]
    assert run("upload", REPO, folder / "a.txt", "x/y.txt", "--dry-run", "-q").lines == ["x/y.txt"]
    assert run("upload", REPO, folder, "--dry-run", "--json").json()["files"][0]["state"] == "new"
    assert paths(api) == {"old.txt"}


@pytest.mark.parametrize("command", ["upload", "upload-large-folder"])
def test_a_path_that_does_not_exist(run, local_hub, tmp_path, command):
    ended = run(command, REPO, tmp_path / "none", "--type", "model")
    assert ended.code == 3
    assert str(tmp_path / "none") in ended.error


@pytest.mark.parametrize("command", ["upload", "upload-large-folder"])
def test_a_token_that_may_not_write(run, local_hub, folder, command):
    ended = run(command, REPO, folder, "--type", "model", "--token", local_hub.read_token)
    assert ended.code == 4
    assert local_hub.read_token not in ended.error


@pytest.mark.parametrize("command", ["upload", "upload-large-folder"])
def test_without_a_network(run, local_hub, folder, offline, command):
    assert run(command, REPO, folder, "--type", "model").code == 5


def test_a_large_folder(run, api, folder):
    ended = run("upload-large-folder", REPO, folder, "--type", "model", "--exclude", "*.log")
    assert (ended.code, ended.lines) == (0, [f"repo_id\t{REPO}", "repo_type\tmodel"])
    assert paths(api) == {"a.txt", "b/c.txt"}
    assert run("upload-large-folder", REPO, folder, "--type", "model", "-q").out == f"{REPO}\n"


def test_the_type_of_a_large_folder_must_be_given(run, folder):
    assert run("upload-large-folder", REPO, folder).code == 2


def test_repeated_commits_until_ctrl_c(start, api, folder, until):
    process = start("upload", REPO, folder, "--every", "60")
    until(lambda: api.repo_exists(REPO) and "a.txt" in paths(api))
    (folder / "late.txt").write_text("late")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == f"Changes in {folder} are committed to {REPO} every 60 minutes, until Ctrl-C.\n"
    assert "late.txt" in paths(api)


def test_repeated_commits_exclude_other_options(run, folder):
    assert run("upload", REPO, folder, "--every", "1", "--create-pr").code == 2


def test_a_pipe_is_no_file(run, local_hub, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ended = run("upload", REPO, tmp_path / "pipe")
    assert ended.code == 2
    assert "neither a file nor a folder" in ended.error


def test_a_pull_request_is_what_quiet_prints(run, api, folder):
    api.create_repo(REPO)
    ended = run("upload", REPO, folder, "--create-pr", "-q")
    assert ended.out == f"{api.endpoint}/{REPO}/discussions/1\n"
