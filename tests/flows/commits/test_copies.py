"""Copies within a repository."""

from __future__ import annotations

import tempfile

import pytest

from hub_typed.errors import EntryNotFoundError, HfHubHTTPError, IntegrityError, ProtocolError
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import (
    CommitOperationAdd as Add,
    CommitOperationCopy as Copy,
    CommitOperationDelete as Delete,
)


def commit(run, *operations, **words):
    return run(lambda io: create_commit(io, "me/repo", operations, commit_message="m", **words))


def lines(hub):
    return [(line["key"], line["value"]) for line in hub.of("commit")[0].lines[1:]]


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_large_file_is_copied_by_its_hash_alone(run, hub):
    oid = hub.files["w.bin"] = hub.sha256(b"w")
    commit(run, Copy("w.bin", "d/copy.bin"))
    assert hub.kinds == ["paths", "commits", "commit"]
    assert lines(hub) == [("lfsFile", {"path": "d/copy.bin", "algo": "sha256", "oid": oid})]


def test_a_small_file_is_fetched_and_sent_again(run, hub, scratch):
    hub.has("d/a b.txt", b"hello")
    commit(run, Copy("d/a b.txt", "b.txt"))
    assert hub.kinds == ["paths", "resolve", "commits", "commit"]
    assert hub.of("resolve")[0].path == "/me/repo/resolve/main/d/a b.txt"
    assert lines(hub) == [("file", {"content": "aGVsbG8=", "path": "b.txt", "encoding": "base64"})]
    assert list(scratch.iterdir()) == []


def test_the_same_bytes_are_fetched_once(run, hub):
    hub.has("a.txt", b"hello")
    hub.has("same.txt", b"hello")
    hub.has("empty", b"")
    commit(run, Copy("a.txt", "1"), Copy("same.txt", "2"), Copy("a.txt", "3"), Copy("empty", "4"))
    assert len(hub.of("resolve")) == 1
    assert [value["content"] for _, value in lines(hub)] == ["aGVsbG8="] * 3 + [""]


def test_copies_stand_among_the_others_in_the_order_of_the_caller(run, hub):
    hub.files["w.bin"] = hub.sha256(b"w")
    hub.has("a.txt", b"a")
    operations = [Copy("w.bin", "x.bin"), Add("n.txt", b"n"), Delete("w.bin"), Copy("a.txt", "b.txt"), Add("m", b"m")]
    commit(run, *operations)
    assert [(key, value["path"]) for key, value in lines(hub)] == [
        ("lfsFile", "x.bin"),
        ("file", "n.txt"),
        ("deletedFile", "w.bin"),
        ("file", "b.txt"),
        ("file", "m"),
    ]


def test_a_file_of_another_revision(run, hub):
    hub.has("a.txt", b"hello")
    commit(run, Copy("a.txt", "b.txt", "v1/0"), Copy("a.txt", "c.txt"), repo_type="dataset", revision="dev")
    assert [one.path for one in hub.of("paths")] == [
        f"/api/datasets/me/repo/paths-info/{revision}" for revision in ("dev", "v1/0")
    ]
    assert [one.path for one in hub.of("resolve")] == ["/datasets/me/repo/resolve/dev/a.txt"]  # the bytes are the same
    assert [value["path"] for _, value in lines(hub)] == ["b.txt", "c.txt"]


def test_files_are_looked_up_500_at_a_time(run, hub):
    hub.files |= {f"{n}.bin": hub.sha256(b"%d" % n) for n in range(300)}
    commit(run, *[Copy(f"{n}.bin", f"copy/{n}.bin") for n in range(300)])
    assert sorted(one.body.count(b"paths=") for one in hub.of("paths")) == [100, 500]
    assert len(lines(hub)) == 300


def test_a_copy_of_what_is_there_already_is_left_out(run, hub):
    hub.has("a.txt", b"same")
    hub.has("b.txt", b"same")
    hub.files |= {"w.bin": hub.sha256(b"w"), "x.bin": hub.sha256(b"w"), "y.bin": hub.sha256(b"y")}
    copies = [Copy("a.txt", "b.txt"), Copy("w.bin", "x.bin"), Copy("w.bin", "w.bin")]
    commit(run, *copies, Copy("w.bin", "y.bin"))
    assert hub.kinds == ["paths", "commits", "commit"]
    assert [value["path"] for _, value in lines(hub)] == ["y.bin"]


def test_where_all_copies_are_there_already_no_commit_is_made(run, hub):
    hub.has("a.txt", b"same")
    assert commit(run, Copy("a.txt", "a.txt")).oid == "a" * 40
    assert hub.kinds == ["paths", "commits"]


def test_a_copy_is_made_where_the_same_commit_deletes_what_is_there(run, hub):
    hub.has("a.txt", b"same")
    hub.has("d/b.txt", b"same")
    commit(run, Delete("d/"), Copy("a.txt", "d/b.txt"))
    assert [key for key, _ in lines(hub)] == ["deletedFolder", "file"]


def test_a_file_that_is_not_there_cannot_be_copied(run, hub):
    with pytest.raises(EntryNotFoundError, match=r"gone\.txt at revision 'dev' of me/repo .* does not exist"):
        commit(run, Add("w.bin", b"w"), Copy("gone.txt", "b.txt"), revision="dev")
    assert hub.kinds == ["paths"]


def test_a_folder_cannot_be_copied(run, hub):
    hub.has("d/a.txt", b"a")
    with pytest.raises(NotImplementedError, match="d at revision 'main' of me/repo is a folder"):
        commit(run, Copy("d", "e"))
    assert hub.kinds == ["paths"]


def test_bytes_that_are_not_those_of_the_file_are_not_committed(run, hub, scratch):
    hub.contents[hub.has("a.txt", b"hello")] = b"hullo"
    with pytest.raises(IntegrityError, match=r"a\.txt"):
        commit(run, Copy("a.txt", "b.txt"))
    assert hub.of("commit") == []
    assert list(scratch.iterdir()) == []


def test_what_was_fetched_is_gone_after_a_failure(run, hub, scratch):
    hub.has("a.txt", b"hello")
    hub.fail("commit", hub.answered(403, {"error": "read only"}))
    with pytest.raises(HfHubHTTPError, match="read only"):
        commit(run, Copy("a.txt", "b.txt"))
    assert list(scratch.iterdir()) == []


def test_writing_a_file_twice_is_warned_of(run, hub):
    hub.has("a.txt", b"a")
    hub.has("b.txt", b"a")
    with pytest.warns(UserWarning, match=r"writes b\.txt twice"):
        commit(run, Add("b.txt", b"new"), Copy("a.txt", "b.txt"))
    assert [value["content"] for _, value in lines(hub)] == ["bmV3", "YQ=="]


def test_the_fetching_is_told(run, hub, events):
    hub.has("a.txt", b"hello")
    commit(run, Copy("a.txt", "b.txt"))
    fetched = [event for event in events if event.kind == "download"]
    assert {(event.name, event.total) for event in fetched} == {("a.txt", 5)}
    assert fetched[-1].state == "finished"


@pytest.mark.parametrize(
    ("source", "path", "revision"),
    [
        ("", "a", None),
        ("../a", "a", None),
        ("d/", "a", None),
        ("a", "../a", None),
        ("a", ".git/a", None),
        ("a", "b", "x y"),
    ],
)
def test_a_copy_that_cannot_be_is_refused(source, path, revision):
    with pytest.raises(ValueError, match=r"Invalid (path|revision)|cannot be committed"):
        Copy(source, path, revision)


def test_one_leading_slash_or_dot_is_taken_off():
    assert Copy("/a", "./b") == Copy("a", "b", None)
    assert Copy(".cache/a", "b").src_path_in_repo == ".cache/a"  # may be there, made by others


@pytest.mark.parametrize("escape", ["{outside}/x", "../outside/x", "x\x00", "", "..", "a" * 300, "A" * 40])
def test_the_id_of_a_file_never_becomes_a_path(run, hub, scratch, tmp_path_factory, escape):
    outside = scratch / "outside"
    outside.mkdir()
    (outside / "x.incomplete").write_text("precious")
    hub.has("a.txt", b"evil")
    hub.files["a.txt"] = escape.format(outside=outside)
    with pytest.raises(ProtocolError, match=r"the blob id of 'a\.txt'"):
        commit(run, Copy("a.txt", "b.txt"))
    assert hub.kinds == ["paths"]
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("x.incomplete", "precious")]
