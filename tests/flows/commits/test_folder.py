"""Uploads of a local folder."""

from __future__ import annotations

import pytest

from hub_typed.flows.commits.folder import upload_folder


@pytest.fixture
def folder(tmp_path):
    """Folder with files to upload, and with some that are always skipped."""
    for path in (
        "b.txt",
        "a.txt",
        "logs/1.log",
        "logs/2.txt",
        ".gitignore",
        ".git/config",
        "sub/.git",
        "sub/x.txt",
        "sub/.cache/huggingface/download/x.metadata",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def upload(run, folder, **words):
    return run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=folder, **words))


def changes(hub):
    return [(line["key"], line["value"]["path"]) for line in hub.of("commit")[0].lines[1:]]


def paths(hub):
    return [path for _, path in changes(hub)]


def test_files_go_up_in_order_without_those_of_git_and_of_clients(run, hub, folder):
    info = upload(run, folder)
    assert paths(hub) == [".gitignore", "a.txt", "b.txt", "logs/1.log", "logs/2.txt", "sub/x.txt"]
    assert hub.of("commit")[0].lines[0]["value"]["summary"] == "Upload folder using huggingface_hub"
    assert str(info) == "https://hub.test/me/repo/tree/main/"


@pytest.mark.parametrize("prefix", ["in/repo", "in/repo/", "/in/repo", "./in/repo"])
def test_files_go_below_a_folder_of_the_repository(run, hub, folder, prefix):
    info = upload(run, str(folder), path_in_repo=prefix, allow_patterns="logs/", repo_type="dataset")
    assert paths(hub) == ["in/repo/logs/1.log", "in/repo/logs/2.txt"]
    assert str(info) == "https://hub.test/me/repo/tree/main/in/repo"


@pytest.mark.parametrize("root", [None, "", ".", "./", "/"])
def test_the_root_of_the_repository_has_many_names(run, hub, folder, root):
    upload(run, folder, path_in_repo=root, allow_patterns="a.txt")
    assert paths(hub) == ["a.txt"]


def test_patterns_choose(run, hub, folder):
    upload(run, folder, allow_patterns=["*.txt"], ignore_patterns=["logs/*", "b.*"])
    assert paths(hub) == ["a.txt", "sub/x.txt"]


def test_what_matches_and_is_not_added_again_is_deleted(run, hub, folder):
    hub.files = dict.fromkeys(("a.txt", "logs/0.log", "logs/1.log", ".gitattributes", "logs/keep"), "0" * 40)
    upload(run, folder, delete_patterns=["*.log", "a.txt", ".git*"])
    assert changes(hub) == [
        ("deletedFile", "logs/0.log"),
        *[("file", path) for path in (".gitignore", "a.txt", "b.txt", "logs/1.log", "logs/2.txt", "sub/x.txt")],
    ]
    assert hub.of("tree")[0].query == {"recursive": ["true"]}


def test_deletions_stay_below_the_folder_of_the_repository(run, hub, folder):
    hub.files = dict.fromkeys(("logs/0.log", "here/logs/0.log", "hereafter/logs/0.log"), "0" * 40)
    upload(run, folder, path_in_repo="here", allow_patterns="a.txt", delete_patterns="logs/*")
    assert changes(hub) == [("deletedFile", "here/logs/0.log"), ("file", "here/a.txt")]


def test_where_there_is_no_such_folder_yet_nothing_is_deleted(run, hub, folder):
    upload(run, folder, path_in_repo="new", allow_patterns="a.txt", delete_patterns="*")
    assert changes(hub) == [("file", "new/a.txt")]


def test_links_to_files_are_followed_and_others_are_not(run, hub, tmp_path):
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "broken.txt").symlink_to(tmp_path / "missing")
    (root / "d" / "loop").symlink_to(root)
    upload(run, root)
    assert paths(hub) == ["link.txt"]
    assert hub.of("commit")[0].lines[1]["value"]["content"] == "b3V0c2lkZQ=="


def test_case_twins_are_two_files(run, hub, tmp_path):
    for name in ("A.txt", "a.txt"):
        (tmp_path / name).write_text(name)
    upload(run, tmp_path)
    assert paths(hub) == ["A.txt", "a.txt"]


def test_what_is_no_folder_is_refused_before_any_request(run, hub, tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(ValueError, match="is not a local folder"):
            upload(run, path)
    assert hub.sent == []


def test_what_may_not_be_committed_is_named_before_any_request(run, hub, folder):
    (folder / ".cache" / "pip").mkdir(parents=True)
    (folder / ".cache" / "pip" / "x").write_text("x")
    with pytest.raises(ValueError, match=r"\.cache/pip/x.*ignore_patterns"):
        upload(run, folder)
    assert hub.sent == []
    upload(run, folder, ignore_patterns=".cache/")
    assert ".gitignore" in paths(hub)


def test_an_unreadable_folder_is_an_error(run, hub, tmp_path, monkeypatch):
    def walk(_, onerror, followlinks):
        onerror(PermissionError(13, "no", str(tmp_path / "secret")))

    monkeypatch.setattr("os.walk", walk)
    with pytest.raises(PermissionError, match="secret"):
        upload(run, tmp_path)
    assert hub.sent == []
