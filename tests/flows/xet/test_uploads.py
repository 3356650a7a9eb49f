"""Uploads to Xet storage: which way files go, what is sent of them, and what the caller learns."""

from __future__ import annotations

import hashlib
import io
import random
import threading
import time
import warnings
from collections import Counter
from importlib.util import find_spec

import pytest

from hub_typed import CommitOperationAdd, HfApi, HfHubHTTPError, SourceChangedError, UploadedBytes
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.http.transfer_rate import CREDIT_SECONDS
from hub_typed.local import LocalHub
from hub_typed.scheduler import CommitScheduler
from hub_typed.xet.upload_commit import UploadCommit
from tests.scenarios import player

MIB = 1 << 20
LARGE = b"\0" + random.Random(0).randbytes(3 * MIB)
OTHER = b"\0" + random.Random(1).randbytes(MIB)
SMALL = b"\0" + random.Random(2).randbytes(70_000)


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_paths_bytes_and_file_objects_go_to_xet_storage_in_one_commit(play_xet, commit, contents, operations, tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(LARGE)
    files = {"path.bin": path, "bytes.bin": OTHER, "object.bin": io.BytesIO(SMALL), "text.txt": b"text\n"}

    async def scenario(side):
        await commit(side, files)
        asked = Counter(operations(side.hub))
        assert asked["xet.get_xet_write_token"] == asked["xet_storage.upload_xorb"] == 1
        assert asked["xet_storage.upload_shard"] == asked["commits.create_commit"] == 1
        assert not [name for name in asked if name.startswith(("storage.", "lfs."))]
        expected = {"path.bin": LARGE, "bytes.bin": OTHER, "object.bin": SMALL, "text.txt": b"text\n"}
        assert await contents(side, *expected) == expected
        entries = [entry async for entry in side.api.list_repo_tree(side.repo)]
        found = {entry.path: entry.lfs.sha256 for entry in entries if entry.lfs}
        assert found == {name: hashlib.sha256(expected[name]).hexdigest() for name in list(expected)[:3]}

    play_xet(scenario)


@pytest.mark.parametrize("has_wheel", [True, False])
@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("has_storage", [True, False])
def test_files_go_to_lfs_storage_without_storage_wheel_or_permission(
    kind, commit, contents, operations, tmp_path, monkeypatch, has_storage, is_on, has_wheel
):
    if not has_wheel:
        monkeypatch.setattr(
            "hub_typed.xet.storage.find_spec", lambda name: None if name == "hf_xet" else find_spec(name)
        )

    async def scenario(side):
        await commit(side, {"weights.bin": SMALL})
        asked = Counter(operations(side.hub))
        goes_by_xet = has_storage and is_on and has_wheel
        assert asked["xet_storage.upload_shard"] == goes_by_xet
        assert asked["storage.upload"] == (not goes_by_xet)
        assert asked["xet.get_xet_write_token"] == (is_on and has_wheel)
        assert await contents(side, "weights.bin") == {"weights.bin": SMALL}

    with LocalHub(xet=has_storage) as hub:
        player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=is_on)(scenario)


def test_a_hub_without_xet_storage_is_asked_once_for_all_commits_of_a_client(kind, commit, operations, tmp_path):
    async def scenario(side):
        for number in range(3):
            await commit(side, {"weights.bin": SMALL + b"%d" % number})
        assert operations(side.hub).count("xet.get_xet_write_token") == 1
        assert operations(side.hub).count("storage.upload") == 3

    with LocalHub(xet=False) as hub:
        player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)(scenario)


def test_one_token_serves_all_commits_to_a_branch(play_xet, commit, operations):
    async def scenario(side):
        for number in range(3):
            await commit(side, {f"{number}.bin": SMALL + b"%d" % number})
        assert operations(side.hub).count("xet.get_xet_write_token") == 1
        assert operations(side.hub).count("xet_storage.upload_shard") == 3

    play_xet(scenario)


def test_an_unchanged_file_is_neither_sent_nor_committed(play_xet, commit, contents, operations):
    async def scenario(side):
        await commit(side, {"same.bin": SMALL, "changed.bin": OTHER})
        before = side.hub.stats.snapshot()
        info = await commit(side, {"same.bin": SMALL, "changed.bin": OTHER + b"more"})
        assert info.uploaded is not None
        assert info.uploaded.total == len(OTHER) + 4
        assert info.uploaded.sent < 150_000
        assert (side.hub.stats.snapshot() - before).received < 200_000
        await commit(side, {"same.bin": SMALL})
        assert operations(side.hub).count("commits.create_commit") == 2
        assert await contents(side, "same.bin", "changed.bin") == {"same.bin": SMALL, "changed.bin": OTHER + b"more"}

    play_xet(scenario)


def test_a_changed_file_that_was_kept_in_memory_is_sent(play_xet, commit, contents, operations, tmp_path):
    """Its hash was computed before, so that it is read once; parts of it are memory that other files use again."""
    path = tmp_path / "weights.bin"
    path.write_bytes(LARGE)

    async def scenario(side):
        await commit(side, {"a.bin": OTHER, "b.bin": OTHER})
        path.write_bytes(LARGE)
        await commit(side, {"a.bin": path, "b.bin": path})
        assert operations(side.hub).count("xet_storage.upload_shard") == 2
        assert not operations(side.hub).count("lfs.lfs_batch")
        assert await contents(side, "a.bin", "b.bin") == {"a.bin": LARGE, "b.bin": LARGE}

    play_xet(scenario)


def test_few_files_are_collected_at_the_same_time(play_xet, tmp_path, monkeypatch):
    """`hf_xet` collects up to 64 MiB of each."""
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.GROUP_BYTES", len(SMALL))
    now, most, lock = [0], [0], threading.Lock()
    send = UploadCommit.send

    def counted(*arguments):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return send(*arguments)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(UploadCommit, "send", counted)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.bin").write_bytes(SMALL + b"%d" % number)

    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_folder(repo_id=side.repo, folder_path=folder)
        assert most[0] <= 2

    play_xet(scenario)


def test_the_result_and_the_events_tell_how_much_was_sent(play_xet, commit):
    events = []

    async def scenario(side):
        client = side.make(progress=events.append)
        await client.create_repo(side.repo)

        async def commit(name, content):
            return await client.create_commit(side.repo, [CommitOperationAdd(name, content)], commit_message="Add")

        assert (await commit("a.bin", LARGE)).uploaded == UploadedBytes(total=len(LARGE), sent=len(LARGE))
        assert (await commit("b.bin", LARGE)).uploaded == UploadedBytes(total=len(LARGE), sent=0)
        partly = (await commit("c.bin", LARGE + OTHER)).uploaded
        assert partly.total == len(LARGE) + len(OTHER)
        assert len(OTHER) <= partly.sent < len(OTHER) + 200_000
        assert (await commit("d.txt", b"text")).uploaded is None

        for name, sent in (("a.bin", len(LARGE)), ("b.bin", 0), ("c.bin", partly.sent)):
            mine = [event for event in events if event.name == name]
            assert {event.kind for event in mine} == {"upload"}, "hashed while it was sent"
            assert [mine[0].state, mine[-1].state] == ["started", "finished"]
            done = [event.done for event in mine]
            assert done == sorted(done)
            assert done[-1] == mine[-1].total
            assert [event.sent for event in mine] == [None] * (len(mine) - 1) + [sent]

    play_xet(scenario)


def test_files_of_lfs_storage_count_as_sent_too(kind, commit, tmp_path):
    async def scenario(side):
        twice = {"a.bin": SMALL, "b.bin": SMALL}
        assert (await commit(side, twice)).uploaded == UploadedBytes(total=2 * len(SMALL), sent=len(SMALL))
        assert (await commit(side, {"c.bin": SMALL})).uploaded == UploadedBytes(total=len(SMALL), sent=0)

    with LocalHub(xet=False) as hub:
        player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"))(scenario)


def test_a_pull_request_has_files_of_xet_storage(play_xet, commit, contents, operations):
    async def scenario(side):
        info = await commit(side, {"weights.bin": LARGE}, create_pr=True)
        assert operations(side.hub).count("xet_storage.upload_shard") == 1
        assert not operations(side.hub).count("lfs.lfs_batch")
        assert await contents(side, "weights.bin", revision=info.pr_revision) == {"weights.bin": LARGE}

    play_xet(scenario)


def test_preuploaded_files_are_committed_later(play_xet, contents, operations):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        additions = [CommitOperationAdd("a.bin", LARGE), CommitOperationAdd("b.bin", io.BytesIO(OTHER))]
        await side.api.preupload_lfs_files(side.repo, additions)
        assert operations(side.hub).count("xet_storage.upload_shard") == 1
        assert [addition.path_or_fileobj for addition in additions] == [b"", b""]
        await side.api.create_commit(side.repo, additions, commit_message="Later")
        assert operations(side.hub).count("xet_storage.upload_shard") == 1
        assert await contents(side, "a.bin", "b.bin") == {"a.bin": LARGE, "b.bin": OTHER}

    play_xet(scenario)


def test_a_plan_sends_nothing_to_xet_storage(play_xet, operations, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "weights.bin").write_bytes(SMALL)

    async def scenario(side):
        await side.api.create_repo(side.repo)
        plan = await side.api.upload_folder(repo_id=side.repo, folder_path=tmp_path / "folder", dry_run=True)
        assert [file.bytes_to_upload for file in plan.files] == [len(SMALL)]
        assert not [name for name in operations(side.hub) if name.startswith("xet")]
        await side.api.upload_folder(repo_id=side.repo, folder_path=tmp_path / "folder")
        plan = await side.api.upload_folder(repo_id=side.repo, folder_path=tmp_path / "folder", dry_run=True)
        assert [file.state for file in plan.files] == ["unchanged"]

    play_xet(scenario)


def test_a_large_folder_goes_to_xet_storage_and_its_journal_has_the_hashes(
    play_xet, contents, operations, tmp_path, capsys
):
    folder = tmp_path / "folder"
    folder.mkdir()
    files = {f"{number}.bin": SMALL + b"%d" % number for number in range(30)} | {"text.txt": b"text"}
    for name, content in files.items():
        (folder / name).write_bytes(content)

    async def scenario(side):
        await side.api.upload_large_folder(side.repo, folder, repo_type="model")
        assert not operations(side.hub).count("lfs.lfs_batch")
        for name, content in files.items():
            lines = (folder / f".cache/huggingface/upload/{name}.metadata").read_text().splitlines()
            mode = "regular" if name == "text.txt" else "lfs"
            assert lines[1:5] == [str(len(content)), "0", hashlib.sha256(content).hexdigest(), mode]
            assert lines[5:] == [str(int(mode == "lfs")), "1", "1"]
        assert await contents(side, *files) == files
        assert "31 of 31 files committed" in capsys.readouterr().out

    play_xet(scenario)


def test_a_hash_of_the_journal_that_is_wrong_is_not_committed(play_xet, contents, tmp_path, monkeypatch):
    """A file may have been overwritten without a change of its size and time."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(SMALL)
    saved = folder / ".cache/huggingface/upload/weights.bin.metadata"
    saved.parent.mkdir(parents=True)
    saved.write_text(f"9999999999.0\n{len(SMALL)}\n0\n{'ab' * 32}\nlfs\n0\n0\n0\n")

    async def scenario(side):
        await side.api.upload_large_folder(side.repo, folder, repo_type="model", print_report=False)
        assert await contents(side, "weights.bin") == {"weights.bin": SMALL}

    play_xet(scenario)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def overwrite(path):
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize("change", [truncate, overwrite])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_changes_during_its_upload_is_not_committed(
    play_xet, commit, operations, tmp_path, monkeypatch, change, is_replaced
):
    path = tmp_path / "weights.bin"

    async def scenario(side):
        await commit(side, {"weights.bin": SMALL} if is_replaced else {"other.bin": SMALL})
        path.write_bytes(LARGE)
        request = UploadModes.request

        async def changed(modes, uploads):
            await request(modes, uploads)
            change(path)

        monkeypatch.setattr(UploadModes, "request", changed)
        with pytest.raises(SourceChangedError, match=r"weights\.bin changed during the upload"):
            await commit(side, {"weights.bin": path})
        assert operations(side.hub).count("commits.create_commit") == 1
        assert not operations(side.hub).count("lfs.lfs_batch")

    play_xet(scenario)


def test_without_the_permission_to_write_the_error_is_that_of_the_hub(play_xet):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        reader = side.make(side.hub.read_token)
        with pytest.raises(HfHubHTTPError) as caught:
            await reader.create_commit(side.repo, [CommitOperationAdd("a.bin", SMALL)], commit_message="No")
        assert caught.value.response.status_code == 403

    play_xet(scenario)


def test_the_token_of_the_hub_is_sent_to_the_hub_only(play_xet, commit):
    async def scenario(side):
        seen = []
        answer = side.hub.hub.answer

        def noted(incoming, admission=None):
            seen.append((incoming.path, incoming.headers))
            return answer(incoming, admission)

        side.hub.hub.answer = noted
        await commit(side, {"weights.bin": LARGE})
        stored = [headers for path, headers in seen if path.startswith("/_xet/")]
        assert stored
        for headers in stored:
            assert side.hub.token not in str(headers)
            assert headers["user-agent"].startswith("hub_typed/")

    play_xet(scenario)


def test_the_rate_of_uploads_holds_for_xet_storage(play_xet, commit):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        client = side.make(max_upload_rate=2e6)
        began = time.monotonic()
        await client.create_commit(side.repo, [CommitOperationAdd("a.bin", OTHER)], commit_message="Slowly")
        assert time.monotonic() - began >= len(OTHER) / 2e6 - CREDIT_SECONDS

    play_xet(scenario)


def test_a_scheduler_commits_with_xet_storage(xet_hub, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_HUB_DISABLE_XET")
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "log.bin").write_bytes(SMALL)
    with HfApi() as api, CommitScheduler(repo_id="logs", folder_path=folder, every=1000, hf_api=api) as scheduler:
        scheduler.trigger().result()
        assert [one.operation for one in xet_hub.hub.requests].count("xet_storage.upload_shard") == 1
        assert api.file_exists(scheduler.repo_id, "log.bin")
