"""Plans of uploads (``dry_run``), and limits of the Hub that are checked before the first byte."""

from __future__ import annotations

import logging
import pickle

import pytest

from hub_typed.errors import UploadLimitError
from hub_typed.flows.commits import limits
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.folder import upload_folder
from hub_typed.flows.commits.limits import exceeded_limits
from hub_typed.flows.commits.operations import CommitOperationAdd as Add
from hub_typed.flows.commits.upload_plan import PlannedUpload, UploadPlan


def plan(run, folder, **words):
    return run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=folder, dry_run=True, **words))


def put(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def shown(found: UploadPlan):
    return {one.path_in_repo: (one.upload_mode, one.state, one.is_stored, one.bytes_to_upload) for one in found.files}


def test_a_plan_tells_what_would_be_sent_and_sends_nothing(run, hub, tmp_path):
    put(tmp_path / "f", new_bin=b"new", stored_bin=b"stored", same_bin=b"same", again_bin=b"new")
    put(tmp_path / "f", a_txt=b"a", same_txt=b"same", other_txt=b"other", skip_txt=b"skip", gone__c_txt=b"c")
    hub.stored[hub.sha256(b"stored")] = b"stored"
    hub.files["same.bin"] = hub.sha256(b"same")
    hub.has("same.txt", b"same")
    hub.has("other.txt", b"before")
    hub.has("gone/b.txt", b"")
    hub.ignored.add("skip.txt")
    found = plan(run, tmp_path / "f", delete_patterns="gone/*")
    assert shown(found) == {
        "a.txt": ("regular", "new", False, 1),
        "again.bin": ("lfs", "new", False, 3),
        "gone/c.txt": ("regular", "new", False, 1),
        "new.bin": ("lfs", "new", False, 0),
        "other.txt": ("regular", "changed", False, 5),
        "same.bin": ("lfs", "unchanged", True, 0),
        "same.txt": ("regular", "unchanged", True, 0),
        "skip.txt": ("regular", "ignored", False, 0),
        "stored.bin": ("lfs", "new", True, 0),
    }
    assert (found.bytes_to_upload, found.deleted, found.limits, found.is_empty) == (10, ["gone/b.txt"], [], False)
    assert set(hub.kinds) == {"tree", "preupload", "batch"}


def test_the_plan_of_an_upload_that_changes_nothing_is_empty(run, hub, tmp_path):
    put(tmp_path / "f", a_txt=b"a")
    hub.has("a.txt", b"a")
    found = plan(run, tmp_path / "f")
    assert found.is_empty
    assert found.files == [
        PlannedUpload(
            path_in_repo="a.txt", size=1, upload_mode="regular", state="unchanged", is_stored=True, bytes_to_upload=0
        )
    ]


@pytest.mark.parametrize(
    ("sizes", "exceeded"),
    [
        ({"d/a": 50 * 10**9, "b": 20 * 10**9}, [("file_size", "d/a", False)]),
        ({"d/a": 50 * 10**9 + 1, "b": 20 * 10**9 + 1}, [("file_size", "d/a", True), ("file_size", "b", False)]),
        ({f"d/{n}": 1 for n in range(100)}, []),
        ({f"d/{n}": 1 for n in range(101)}, [("commit_files", "", False)]),
        ({f"d/{n}": 1 for n in range(10_000)}, [("commit_files", "", False)]),
        ({f"d/{n}": 1 for n in range(10_001)}, [("folder_entries", "d", True), ("commit_files", "", False)]),
        ({f"d/{n}/e": 1 for n in range(10_001)}, [("folder_entries", "d", True), ("commit_files", "", False)]),
        ({f"{n}/e/f": 1 for n in range(10_001)}, [("folder_entries", "", True), ("commit_files", "", False)]),
        ({f"{n % 99}/{n}": 1 for n in range(100_001)}, [("repo_files", "", False), ("commit_files", "", False)]),
    ],
)
def test_limits(sizes, exceeded):
    assert [(one.kind, one.path, one.is_hard) for one in exceeded_limits(sizes)] == exceeded


def test_ignored_files_do_not_count(run, hub, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FOLDER_ENTRIES", 3)
    hub.ignored.add("d/0.txt")
    additions = [Add(f"d/{n}.txt", b"") for n in range(4)]
    run(lambda io: create_commit(io, "me/repo", additions, commit_message="m"))
    assert hub.kinds == ["preupload", "preupload", "commit"]


def test_a_commit_that_the_hub_would_refuse_is_refused_before_the_first_byte(run, hub, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FOLDER_ENTRIES", 3)
    additions = [Add("README.md", b"# Read me"), *(Add(f"d/{n}.txt", b"") for n in range(4))]
    message = r"Nothing was uploaded to me/repo.*\nthe folder d gets 4 entries; the Hub allows at most 3"
    with pytest.raises(UploadLimitError, match=message) as caught:
        run(lambda io: create_commit(io, "me/repo", additions, commit_message="m"))
    assert hub.kinds == ["preupload"]
    assert [(one.kind, one.path, one.value) for one in caught.value.limits] == [("folder_entries", "d", 4)]
    assert pickle.loads(pickle.dumps(caught.value)).limits == caught.value.limits


def test_advice_is_logged(run, hub, monkeypatch, caplog):
    monkeypatch.setattr(limits, "ADVISED_FILE_SIZE", 10)
    with caplog.at_level(logging.WARNING, "hub_typed"):
        run(lambda io: create_commit(io, "me/repo", [Add("a.bin", b"x" * 11)], commit_message="m"))
    assert "me/repo: a.bin has 0.0 GB; the Hub advises at most 0 GB" in caplog.text
    assert hub.kinds[-1] == "commit"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"on_conflict": "x"}, "on_conflict='x' is not known"),
        ({"parent_commit": "zz"}, "parent_commit must be a commit id"),
    ],
)
def test_a_plan_is_refused_where_the_upload_is(run, hub, tmp_path, words, message):
    put(tmp_path / "f", a_txt=b"a")
    with pytest.raises(ValueError, match=message):
        plan(run, tmp_path / "f", **words)
    assert hub.kinds == []


def test_a_plan_validates_the_readme(run, hub, tmp_path):
    put(tmp_path / "f", README_md=b"---\na: [\n---\n")
    hub.fail("validate", hub.answered(400, {"errors": [{"message": "YAML"}]}))
    with pytest.raises(ValueError, match="YAML"):
        plan(run, tmp_path / "f")
    assert hub.kinds == ["validate"]
