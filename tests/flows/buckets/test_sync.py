"""Synchronization of a folder and a bucket: what is transferred, what is deleted, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hub_typed import HfApi, Settings
from hub_typed.errors import (
    BucketNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    HubError,
    ProtocolError,
    SourceChangedError,
    UnsafePathError,
)
from hub_typed.local.faults import Status, Truncated
from tests.flows.buckets.conftest import BUCKET

URI = f"hf://buckets/{BUCKET}"
HEADER = '{"type": "header", "source": ".", "dest": "d", "timestamp": ""}\n'


def actions(plan):
    return {one.path: (one.action, one.reason) for one in plan.operations}


def test_new_and_changed_files_are_uploaded_and_others_are_skipped(api, tmp_path, write, stored):
    folder = write(tmp_path / "f", {"same": b"1", "grown": b"1", "newer": b"1"})
    api.sync_bucket(folder, URI, quiet=True)
    write(folder, {"grown": b"12", "new": b"n"})
    write(folder, {"newer": b"2"}, mtime=1_700_000_100)
    plan = api.sync_bucket(folder, URI, quiet=True)
    assert actions(plan) == {
        "grown": ("upload", "size differs"),
        "new": ("upload", "new file"),
        "newer": ("upload", "local newer"),
        "same": ("skip", "identical"),
    }
    assert stored(api) == {"same": b"1", "grown": b"12", "new": b"n", "newer": b"2"}


@pytest.mark.parametrize("upload", [True, False])
def test_only_with_delete_are_files_deleted_that_the_source_lacks(api, tmp_path, write, tree, stored, upload):
    write(tmp_path / "f", {"a": b"1"})
    write(tmp_path / "g", {"a": b"1", "b": b"2", "d/e/c": b"3"})
    if upload:
        api.sync_bucket(tmp_path / "g", URI, quiet=True)
        sides, read = (tmp_path / "f", URI), lambda: stored(api)
    else:
        api.sync_bucket(tmp_path / "f", URI, quiet=True)
        sides, read = (URI, tmp_path / "g"), lambda: tree(tmp_path / "g")
    assert api.sync_bucket(*sides, quiet=True).summary()["deletes"] == 0
    plan = api.sync_bucket(*sides, delete=True, exclude=["b"], quiet=True)
    assert actions(plan)["d/e/c"] == ("delete", "not in source (--delete)")
    assert read() == {"a": b"1", "b": b"2"}
    if not upload:
        assert not (tmp_path / "g" / "d").exists()


def test_a_folder_of_the_bucket_is_one_side(api, tmp_path, write, tree):
    api.batch_bucket_files(BUCKET, add=[(b"1", "sub/a"), (b"2", "submarine"), (b"3", "sub/b/c"), (b"4", "sub.txt")])
    api.sync_bucket(f"{URI}/sub/", tmp_path / "out", quiet=True)
    assert tree(tmp_path / "out") == {"a": b"1", "b/c": b"3"}
    write(tmp_path / "f", {"n": b"n"})
    api.sync_bucket(tmp_path / "f", f"{URI}/sub", delete=True, quiet=True)
    paths = sorted(one.path for one in api.list_bucket_tree(BUCKET, recursive=True) if one.type == "file")
    assert paths == ["sub.txt", "sub/n", "submarine"]


@pytest.mark.parametrize(
    ("rule", "acted"),
    [
        ({"existing": True}, {"size": "upload", "time": "upload", "new": "skip"}),
        ({"ignore_existing": True}, {"size": "skip", "time": "skip", "new": "upload"}),
        ({"ignore_times": True}, {"size": "upload", "time": "skip", "new": "upload"}),
        ({"ignore_sizes": True}, {"size": "skip", "time": "upload", "new": "upload"}),
        ({"include": ["*e"]}, {"size": "upload", "time": "upload"}),
        ({"exclude": ["n*"]}, {"size": "upload", "time": "upload"}),
    ],
)
def test_rules_choose_what_is_compared(api, tmp_path, write, rule, acted):
    folder = write(tmp_path / "f", {"size": b"1", "time": b"1"})
    api.sync_bucket(folder, URI, quiet=True)
    write(folder, {"size": b"12", "new": b""})
    write(folder, {"time": b"2"}, mtime=1_700_000_100)
    plan = api.sync_bucket(folder, URI, quiet=True, dry_run=True, **rule)
    assert {one.path: one.action for one in plan.operations} == acted


def test_a_file_of_filters_precedes_the_other_patterns(api, tmp_path, write):
    folder = write(tmp_path / "f", {"keep.log": b"", "other.log": b"", "a.txt": b"", "b.csv": b""})
    rules = tmp_path / "rules"
    rules.write_text("# logs\n\n+ keep.*\n- *.log\n*.csv\n")
    plan = api.sync_bucket(folder, URI, dry_run=True, exclude=["*.csv"], filter_from=rules)
    assert [one.path for one in plan.operations] == ["a.txt", "b.csv", "keep.log"]


def test_a_plan_is_written_read_and_executed_later(api, tmp_path, write, stored, capsys):
    folder = write(tmp_path / "f", {"a": b"1", "d/b": b"2"})
    api.batch_bucket_files(BUCKET, add=[(b"old", "old")])
    file = tmp_path / "plan.jsonl"
    planned = api.sync_bucket(folder, URI, delete=True, plan=file)
    assert "nothing was done" in capsys.readouterr().out
    assert stored(api) == {"old": b"old"}
    header, *lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert (header["type"], header["source"], header["dest"]) == ("header", str(folder), URI)
    assert header["summary"] == planned.summary()
    assert [(one["type"], one["action"], one["path"]) for one in lines] == [
        ("operation", "upload", "a"),
        ("operation", "upload", "d/b"),
        ("operation", "delete", "old"),
    ]
    assert api.sync_bucket(apply=file, quiet=True) == planned
    assert stored(api) == {"a": b"1", "d/b": b"2"}


def test_a_plan_of_downloads_is_executed_later(api, tmp_path, tree):
    api.batch_bucket_files(BUCKET, add=[(b"1", "sub/a"), (b"2", "sub/gone")])
    out, file = tmp_path / "out", tmp_path / "plan"
    api.sync_bucket(f"{URI}/sub", out, plan=file, quiet=True)
    assert not out.exists()
    api.batch_bucket_files(BUCKET, delete=["sub/gone"])
    with pytest.warns(UserWarning, match="'sub/gone'"):
        api.sync_bucket(apply=file, quiet=True)
    assert tree(out) == {"a": b"1"}


def test_a_dry_run_prints_the_plan_and_does_nothing(api, tmp_path, write, stored, capsys):
    folder = write(tmp_path / "f", {"a": b"1"})
    plan = api.sync_bucket(folder, URI, dry_run=True, quiet=True)
    header, operation = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert header["summary"] == plan.summary()
    assert operation["action"] == "upload"
    assert stored(api) == {}
    done = api.sync_bucket(folder, URI, verbose=True)
    assert done.operations == plan.operations
    assert "Uploading a (new file)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "both source and dest"),
        ({"source": "x"}, "both source and dest"),
        ({"source": URI, "dest": URI}, "copy_files"),
        ({"source": "x", "dest": "y"}, "Neither"),
        ({"source": "none", "dest": URI}, "not a local folder"),
        ({"source": URI, "dest": "file"}, "not a folder"),
        ({"source": ".", "dest": "hf://datasets/a/b"}, "not a bucket"),
        ({"source": ".", "dest": URI, "ignore_times": True, "ignore_sizes": True}, "not both"),
        ({"source": ".", "dest": URI, "existing": True, "ignore_existing": True}, "not both"),
        ({"source": ".", "dest": URI, "dry_run": True, "plan": "p"}, "not both"),
        ({"apply": "plan", "delete": True}, "delete"),
        ({"apply": "plan", "source": "."}, "source"),
        ({"apply": "plan", "include": ["a"], "dry_run": True}, "include, dry_run"),
        ({"apply": "file"}, "not the plan"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(api, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("text")
    with pytest.raises(ValueError, match=says):
        api.sync_bucket(**arguments)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"type": "operation"}',
        '{"type": "header", "source": ".", "dest": 1, "timestamp": ""}',
        HEADER + '{"type": "operation", "action": "run", "path": "a"}',
        HEADER + '{"type": "operation", "action": "skip"}',
    ],
)
def test_a_file_that_is_no_plan_is_refused(api, tmp_path, text):
    file = tmp_path / "plan"
    file.write_text(text)
    with pytest.raises(ValueError, match="is not the plan of a synchronization"):
        api.sync_bucket(apply=file)


@pytest.mark.parametrize("action", ["upload", "download", "delete"])
@pytest.mark.parametrize("path", ["../outside", "/outside", "a/../../outside", ".git/config"])
def test_a_plan_cannot_leave_the_folder(api, tmp_path, write, action, path):
    (tmp_path / "outside").write_bytes(b"mine")
    folder = write(tmp_path / "f", {"a": b"1"})
    sides = (URI, str(folder)) if action != "upload" else (str(folder), URI)
    header = {"type": "header", "source": sides[0], "dest": sides[1], "timestamp": ""}
    operation = {"type": "operation", "action": action, "path": path}
    (tmp_path / "plan").write_text(f"{json.dumps(header)}\n{json.dumps(operation)}\n")
    with pytest.raises(UnsafePathError):
        api.sync_bucket(apply=tmp_path / "plan", quiet=True)
    assert (tmp_path / "outside").read_bytes() == b"mine"


def test_nothing_is_written_or_deleted_through_a_link(api, tmp_path, write, tree):
    api.batch_bucket_files(BUCKET, add=[(b"1", "link/a")])
    outside = write(tmp_path / "outside", {"b": b"mine"})
    out = write(tmp_path / "out", {"c": b"1"})
    (out / "link").symlink_to(outside)
    with pytest.raises(UnsafePathError, match="link"):
        api.sync_bucket(URI, out, quiet=True)
    header = {"type": "header", "source": URI, "dest": str(out), "timestamp": ""}
    operation = {"type": "operation", "action": "delete", "path": "link/b"}
    (tmp_path / "plan").write_text(f"{json.dumps(header)}\n{json.dumps(operation)}\n")
    with pytest.raises(UnsafePathError, match="link"):
        api.sync_bucket(apply=tmp_path / "plan", quiet=True)
    assert tree(outside) == {"b": b"mine"}


def test_a_link_in_place_of_a_file_is_replaced_not_followed(api, tmp_path, write):
    api.batch_bucket_files(BUCKET, add=[(b"new", "a")])
    write(tmp_path, {"precious": b"mine"})
    out = write(tmp_path / "out", {})
    (out / "a").symlink_to(tmp_path / "precious")
    api.sync_bucket(URI, out, quiet=True, ignore_times=False)
    api.download_bucket_files(BUCKET, [("a", out / "a")])
    assert (tmp_path / "precious").read_bytes() == b"mine"
    assert not (out / "a").is_symlink()


def test_names_that_differ_in_case_alone_are_refused_where_they_are_one_file(api, tmp_path, monkeypatch):
    from hub_typed.flows.buckets.local_tree import LocalTree

    api.batch_bucket_files(BUCKET, add=[(b"1", "Readme"), (b"2", "README")])
    api.sync_bucket(URI, tmp_path / "both", quiet=True)
    assert sorted(one.name for one in (tmp_path / "both").iterdir()) == ["README", "Readme"]
    monkeypatch.setattr(LocalTree, "_is_case_insensitive", lambda _: True)
    with pytest.raises(UnsafePathError, match="cannot both exist"):
        api.sync_bucket(URI, tmp_path / "one", quiet=True)
    assert not (tmp_path / "one").exists()


def test_metadata_of_git_and_of_clients_are_left_alone(api, tmp_path, write, tree, stored):
    left = {".git/config": b"mine", ".cache/huggingface/x": b"mine", "d/.git": b"mine"}
    folder = write(tmp_path / "f", {**left, "a": b"1"})
    api.sync_bucket(folder, URI, quiet=True)
    assert stored(api) == {"a": b"1"}
    api.batch_bucket_files(BUCKET, add=[(b"theirs", ".git/hooks/run")], delete=["a"])
    api.sync_bucket(URI, folder, delete=True, quiet=True)
    assert tree(folder) == left
    api.sync_bucket(folder, URI, delete=True, quiet=True)
    assert ".git/hooks/run" in stored(api)


def test_a_file_in_place_of_a_folder_makes_way_only_with_delete(api, tmp_path, write, tree):
    api.batch_bucket_files(BUCKET, add=[(b"1", "a/b"), (b"2", "c")])
    out = write(tmp_path / "out", {"a": b"file", "c/d/e": b"folder"})
    with pytest.raises(HubError):
        api.sync_bucket(URI, out, quiet=True)
    api.sync_bucket(URI, out, delete=True, quiet=True)
    assert tree(out) == {"a/b": b"1", "c": b"2"}


def test_a_name_that_is_not_unicode_is_told(api, tmp_path, write):
    folder = write(tmp_path / "f", {"a": b"1"})
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_bytes(b"")
    with pytest.raises(HFValidationError, match="not UTF-8"):
        api.sync_bucket(folder, URI, quiet=True)
    api.sync_bucket(folder, URI, quiet=True, exclude=["[!a]"])


def test_a_missing_bucket_counts_as_empty_until_something_is_uploaded(api, tmp_path, write):
    folder = write(tmp_path / "f", {"a": b"1"})
    missing = "hf://buckets/local-user/none"
    assert actions(api.sync_bucket(folder, missing, dry_run=True)) == {"a": ("upload", "new file")}
    with pytest.raises(BucketNotFoundError):
        api.sync_bucket(folder, missing, quiet=True)
    with pytest.raises(BucketNotFoundError):
        api.sync_bucket(missing, folder, dry_run=True)


def test_nothing_is_deleted_after_a_list_that_is_not_complete(hub, play, tmp_path, write, tree):
    folder = write(tmp_path / "f", {f"{number:04}": b"1" for number in range(3)})

    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        await side.api.batch_bucket_files(BUCKET, add=[(b"x", "x")])
        hub.faults.add(Status(500), operation="buckets.list_bucket_tree")
        with pytest.raises(HfHubHTTPError):
            await side.api.sync_bucket(URI, folder, delete=True, quiet=True)
        with pytest.raises(HfHubHTTPError):
            await side.api.sync_bucket(folder, URI, delete=True, quiet=True)
        assert len(tree(folder)) == 3
        assert (await side.api.bucket_info(BUCKET)).total_files == 1

    play(scenario)


def test_an_entry_of_an_unknown_kind_is_no_reason_to_delete(api, tmp_path, write, tree, monkeypatch):
    from hub_typed.flows.buckets import listing

    folder = write(tmp_path / "f", {"a": b"1"})

    async def entries(*_, **__):
        yield {"type": "link", "path": "a"}

    monkeypatch.setattr(listing, "items", entries)
    with pytest.raises(ProtocolError, match="neither a file nor a folder"):
        api.sync_bucket(URI, folder, delete=True, quiet=True)
    assert tree(folder) == {"a": b"1"}


def test_nothing_is_deleted_if_a_file_could_not_be_added(api, tmp_path, write, monkeypatch, stored):
    folder = write(tmp_path / "f", {"a": b"1"})
    api.batch_bucket_files(BUCKET, add=[(b"old", "old")])

    def changed(*_, **__):
        raise SourceChangedError("a changed")

    monkeypatch.setattr("hub_typed.flows.lfs.content.Content.of", changed)
    with pytest.raises(SourceChangedError):
        api.sync_bucket(folder, URI, delete=True, quiet=True)
    monkeypatch.undo()
    assert "old" in [one.path for one in api.list_bucket_tree(BUCKET)]


def test_an_interrupted_synchronization_is_continued(hub, play, tmp_path, write, tree, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.buckets.bucket_changes.MAX_CHANGES", 2)
    folder = write(tmp_path / "f", {f"{number}": str(number).encode() for number in range(6)})
    out = tmp_path / "out"

    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        hub.faults.add(Status(403), operation="buckets.batch_bucket_files", skip=1)
        with pytest.raises(HfHubHTTPError, match="403"):
            await side.api.sync_bucket(folder, URI, quiet=True)
        hub.faults.clear()
        assert (await side.api.sync_bucket(folder, URI, quiet=True)).summary()["uploads"] == 4
        hub.faults.add(Status(403), operation="buckets.resolve_bucket_file", skip=3)
        with pytest.raises(HfHubHTTPError, match="403"):
            await side.make(concurrency=1).sync_bucket(URI, out, quiet=True)
        hub.faults.clear()
        left = 6 - len(tree(out))
        assert (await side.api.sync_bucket(URI, out, quiet=True)).summary()["downloads"] == left < 6
        assert tree(out) == tree(folder)

    play(scenario)


def test_a_large_download_is_resumed_beside_its_target(hub, play, tmp_path, write, tree):
    content = os.urandom(3 << 20)
    folder = write(tmp_path / "f", {"large": content})
    out = tmp_path / "out"

    async def scenario(side):
        plain = side.make(xet=False, attempts=1)
        await side.api.create_bucket(BUCKET)
        await side.api.sync_bucket(folder, URI, quiet=True)
        hub.faults.add(Truncated(2 << 20), operation="storage.download")
        with pytest.raises(HubError):
            await plain.sync_bucket(URI, out, quiet=True)
        hub.faults.clear()
        [partial] = [one for one in out.iterdir() if one.name.startswith(".hub-typed.")]
        assert partial.stat().st_size > 1 << 20
        assert (await side.api.sync_bucket(out, f"{URI}/other", quiet=True)).operations == []
        await plain.sync_bucket(URI, out, quiet=True)
        [last] = [one for one in hub.hub.requests if one.operation == "storage.download"][-1:]
        assert last.status == 206
        assert last.sent < 2 << 20
        assert tree(out) == {"large": content}

    play(scenario)


def test_progress_is_told_and_quiet_hides_it(hub, tmp_path, write):
    events = []
    folder = write(tmp_path / "f", {"a": b"1"})
    with HfApi(hub.endpoint, hub.token, settings=Settings(xet=True)) as plain:
        plain.create_bucket(BUCKET)
    with HfApi(hub.endpoint, hub.token, settings=Settings(progress=events.append, xet=True)) as api:
        api.sync_bucket(folder, URI, quiet=True)
        assert events == []
        api.sync_bucket(URI, tmp_path / "out")
        assert {event.kind for event in events} == {"download"}
