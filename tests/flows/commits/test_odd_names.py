"""File names that are not UTF-8, and entries of a folder that are not files: none is uploaded, and none blocks."""

from __future__ import annotations

import os
import socket

import pytest

from hub_typed import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    CommitScheduler,
    HfApi,
    HFValidationError,
    SourceChangedError,
)
from hub_typed.flows.commits.folder import upload_folder
from hub_typed.flows.commits.large_folder import upload_large_folder
from hub_typed.flows.lfs.content import Content
from hub_typed.local import LocalHub

LATIN_1 = b"caf\xe9.txt"
LONE = ["caf\udce9.txt", "\ud800", "a/\udfff/b", "\ud83d"]


def show(error):
    """Return the text of an error as a terminal shows it."""
    return str(error).encode().decode()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ok.txt").write_text("ok")
    with open(os.path.join(os.fsencode(tmp_path), LATIN_1), "wb") as file:
        file.write(b"x")
    return tmp_path


def test_a_folder_with_a_name_that_is_not_utf_8_is_refused_before_any_request(run, hub, folder):
    with pytest.raises(HFValidationError, match=r"b'caf\\xe9\.txt'.*not UTF-8.*ignore_patterns") as caught:
        run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=folder))
    assert show(caught.value)
    assert hub.sent == []


def test_so_is_one_in_a_folder_whose_name_is_not_utf_8(run, hub, tmp_path):
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"\xff"))
    with open(os.path.join(os.fsencode(tmp_path), b"\xff", b"x"), "wb"):
        pass
    with pytest.raises(HFValidationError, match=r"b'\\xff/x'"):
        run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=tmp_path))
    assert hub.sent == []


@pytest.mark.parametrize("words", [{"ignore_patterns": "caf*"}, {"allow_patterns": "ok*"}], ids=["ignored", "allowed"])
def test_patterns_leave_such_a_name_out(run, hub, folder, words):
    run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=folder, **words))
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["ok.txt"]


def test_a_large_folder_with_such_a_name_is_refused_before_any_request(run, hub, folder):
    with pytest.raises(HFValidationError, match=r"b'caf\\xe9\.txt'"):
        run(lambda io: upload_large_folder(io, "me/repo", folder, repo_type="model", print_report=False))
    assert hub.sent == []


def test_the_folder_itself_may_have_such_a_name(run, hub, tmp_path):
    root = os.path.join(os.fsencode(tmp_path), b"\xe9")
    os.mkdir(root)
    with open(os.path.join(root, b"a"), "wb"):
        pass
    run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=os.fsdecode(root)))
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["a"]


@pytest.mark.parametrize("path", LONE, ids=ascii)
def test_no_operation_takes_such_a_path(path):
    for make in (
        lambda: CommitOperationAdd(path, b""),
        lambda: CommitOperationDelete(path),
        lambda: CommitOperationDelete(f"{path}/"),
        lambda: CommitOperationCopy(path, "x"),
        lambda: CommitOperationCopy("x", path),
    ):
        with pytest.raises(HFValidationError, match="not valid Unicode") as caught:
            make()
        assert show(caught.value)


@pytest.mark.parametrize("path", LONE, ids=ascii)
def test_no_method_sends_such_a_name(path):
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        for call in (
            lambda: api.upload_file(path_or_fileobj=b"", path_in_repo=path, repo_id="a/b"),
            lambda: api.delete_file(path, "a/b"),
            lambda: api.file_exists("a/b", path),
            lambda: api.hf_hub_download("a/b", path),
            lambda: api.create_branch("a/b", branch=path),
            lambda: api.create_tag("a/b", tag="x", revision=path),
            lambda: api.model_info("a/b", revision=path),
            lambda: api.get_collection(f"a/{path}"),
            lambda: api.create_repo(f"a/{path}"),
        ):
            with pytest.raises(HFValidationError) as caught:
                call()
            assert show(caught.value)
        assert not hub.hub.requests


def test_a_scheduled_commit_of_such_a_name_fails_and_says_so(folder):
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        words = {"repo_id": f"{hub.user}/logs", "folder_path": folder, "every": 1_000_000, "hf_api": api}
        scheduler = CommitScheduler(**words)
        with pytest.raises(HFValidationError, match=r"b'caf\\xe9\.txt'"):
            scheduler.trigger().result()
        scheduler.stop()
        scheduler = CommitScheduler(**words, ignore_patterns="caf*")
        scheduler.trigger().result()
        scheduler.stop()
        assert api.list_repo_files(f"{hub.user}/logs") == [".gitattributes", "ok.txt"]


def test_what_is_no_file_is_left_out_and_nothing_waits_for_it(run, hub, tmp_path):
    (tmp_path / "ok.txt").write_text("ok")
    (tmp_path / "link").symlink_to("ok.txt")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "nowhere").symlink_to("missing")
    (tmp_path / "above").symlink_to(tmp_path)
    (tmp_path / "null").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=tmp_path))
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["link", "ok.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named_before_any_request(run, hub, tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0)
    with pytest.raises(PermissionError, match="secret"):
        run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=tmp_path))
    assert hub.sent == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "gone", "below a file"])
def test_a_file_that_became_something_else_is_told_of(tmp_path, kind):
    path = tmp_path / "d" / "x"
    path.parent.mkdir()
    path.write_text("x")
    content = Content.of(path)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listening.bind(str(path))
        elif kind == "below a file":
            path.parent.rmdir()
            path.parent.write_text("x")
        with pytest.raises(SourceChangedError, match="x changed"):
            list(content.pieces())


def test_no_request_carries_what_a_netrc_says(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hf_ofthenetrc\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with LocalHub() as hub, HfApi(hub.endpoint, token=False) as api:
        seen = []
        hub.hub.intercept = lambda incoming: seen.append(dict(incoming.headers))
        list(api.list_models())
        assert seen
        assert all("authorization" not in headers for headers in seen)
