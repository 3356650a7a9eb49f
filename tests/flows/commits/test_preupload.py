"""LFS files that are uploaded before their commit, and operations that can be committed only once."""

from __future__ import annotations

import io as stdio
import pickle

import pytest

from hub_typed.errors import HfHubHTTPError, TransportError
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import CommitOperationAdd as Add
from hub_typed.flows.commits.preupload import preupload_lfs_files

LARGE = bytes(range(256)) * 10


def commit(run, *operations, **words):
    return run(lambda io: create_commit(io, "me/repo", operations, commit_message="m", **words))


def preupload(run, *additions, **words):
    return run(lambda io: preupload_lfs_files(io, "me/repo", additions, **words))


def test_the_bytes_go_first_and_the_commit_names_them(run, hub):
    addition = Add("w.bin", LARGE)
    assert preupload(run, addition) is None
    assert hub.kinds == ["preupload", "batch", "put"]
    assert (addition.stage, addition.path_or_fileobj) == ("uploaded", b"")
    assert addition.upload_info.sha256.hex() == hub.sha256(LARGE)
    hub.sent.clear()
    commit(run, addition)
    assert hub.kinds == ["preupload", "commit"]
    (asked,) = hub.of("preupload")[0].json["files"]
    assert (asked["size"], asked["path"]) == (len(LARGE), "w.bin")
    assert hub.of("commit")[0].lines[1]["value"] == {
        "path": "w.bin",
        "algo": "sha256",
        "oid": hub.sha256(LARGE),
        "size": len(LARGE),
    }
    assert addition.stage == "committed"


def test_what_was_uploaded_stays_a_large_file_whatever_the_hub_says_later(run, hub):
    addition = Add("w.bin", LARGE)
    preupload(run, addition)
    hub.fail("preupload", hub.answered(200, {"files": [{"path": "w.bin", "uploadMode": "regular"}]}))
    commit(run, addition)
    assert hub.of("commit")[0].lines[1]["key"] == "lfsFile"


@pytest.mark.parametrize("source", [LARGE, stdio.BytesIO(LARGE)], ids=["bytes", "file object"])
def test_the_source_is_kept_where_that_is_wanted(run, hub, source):
    addition = Add("w.bin", source)
    preupload(run, addition, free_memory=False)
    assert addition.path_or_fileobj is source
    assert addition.stage == "uploaded"


def test_what_changes_here_after_the_upload_changes_nothing(run, hub, tmp_path):
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    addition = Add("w.bin", path)
    preupload(run, addition, free_memory=False)
    path.unlink()
    commit(run, addition)
    assert hub.of("commit")[0].lines[1]["value"]["oid"] == hub.sha256(LARGE)


def test_regular_and_ignored_files_are_left_to_the_commit(run, hub):
    hub.ignored = {"secret.bin"}
    additions = [Add("a.txt", b"a"), Add("secret.bin", b"s"), Add("empty.bin", b"")]
    preupload(run, *additions)
    assert hub.kinds == ["preupload"]
    assert [addition.stage for addition in additions] == ["new"] * 3
    assert additions[0].path_or_fileobj == b"a"


@pytest.mark.parametrize(("text", "shown"), [("*.log", "*.log"), ("", ""), (None, "*.tmp")])
def test_a_gitignore_that_is_given_comes_before_the_one_among_the_files(run, hub, text, shown):
    preupload(run, Add(".gitignore", b"*.tmp"), gitignore_content=text)
    assert hub.of("preupload")[0].json["gitIgnore"] == shown


def test_what_was_uploaded_is_left_alone(run, hub):
    addition = Add("w.bin", LARGE)
    preupload(run, addition)
    hub.sent.clear()
    preupload(run, addition)
    assert hub.sent == []


def test_place_and_pull_request_are_told(run, hub):
    preupload(run, Add("w.bin", b"w"), repo_type="space", revision="dev", create_pr=True)
    assert [one.path for one in hub.sent[:2]] == [
        "/api/spaces/me/repo/preupload/dev",
        "/spaces/me/repo.git/info/lfs/objects/batch",
    ]
    assert hub.of("preupload")[0].query == {"create_pr": ["1"]}
    assert "ref" not in hub.of("batch")[0].json


def test_what_failed_is_not_taken_for_uploaded(run, hub):
    additions = [Add("w.bin", LARGE), Add("x.bin", b"x")]
    hub.fail("put", *[TransportError("broke")] * 10)
    with pytest.raises(TransportError):
        preupload(run, *additions)
    assert [addition.stage for addition in additions] == ["new", "new"]
    assert additions[0].path_or_fileobj == LARGE


def test_what_was_uploaded_and_is_there_already_is_no_change(run, hub):
    addition = Add("w.bin", LARGE)
    preupload(run, addition)
    hub.files["w.bin"] = hub.sha256(LARGE)
    assert commit(run, addition).oid == "a" * 40
    assert hub.of("commit") == []


def test_an_operation_remembers_its_stage_elsewhere(run):
    addition = Add("w.bin", LARGE)
    preupload(run, addition)
    again = pickle.loads(pickle.dumps(addition))
    assert (again, again.stage, again.upload_info) == (addition, "uploaded", addition.upload_info)


@pytest.mark.parametrize("path", ["a.txt", "w.bin"])
def test_an_operation_serves_for_one_commit(run, hub, path):
    addition = Add(path, b"x")
    commit(run, addition)
    hub.sent.clear()
    with pytest.raises(ValueError, match="was already committed"):
        commit(run, Add("other.txt", b"o"), addition)
    with pytest.raises(ValueError, match="was already committed"):
        preupload(run, addition)
    assert hub.sent == []


def test_an_operation_whose_commit_failed_may_be_committed_again(run, hub):
    addition = Add("a.txt", b"x")
    hub.fail("commit", hub.answered(403, {"error": "read only"}))
    with pytest.raises(HfHubHTTPError):
        commit(run, addition)
    commit(run, addition)
    assert addition.stage == "committed"


@pytest.mark.parametrize("call", [commit, preupload])
def test_fewer_than_one_thread_is_refused_before_any_request(run, hub, call):
    with pytest.raises(ValueError, match="num_threads=0 is out of bounds: it must be at least 1"):
        call(run, Add("a", b"a"), num_threads=0)
    assert not hub.kinds
