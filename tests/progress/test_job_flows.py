"""Jobs of both clients against the embedded Hub: each ends once, and all of its files are done at the end."""

from __future__ import annotations

import pytest

from hub_typed import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from hub_typed.errors import HubError
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from tests.progress.recorded import Recorder
from tests.scenarios import player

BLOB = bytes(range(256)) * 40
FILES = {
    **{f"a/{number}.txt": f"text {number}".encode() for number in range(8)},
    "b/one.bin": BLOB,
    "b/two.bin": BLOB,
    "b/three.bin": BLOB[::-1],
    "empty.txt": b"",
    "same.txt": b"text 1",
}
TOTAL = sum(map(len, FILES.values()))


@pytest.fixture(params=["sync", "async"])
def play(request, tmp_path):
    with LocalHub(xet=False) as hub:
        yield player(hub, "socket", request.param, cache_dir=str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def finished(recorder, files, size):
    last = recorder.checked()
    assert (last.state, last.total_files, last.total_bytes) == ("finished", files, size)
    return last


def test_a_folder_is_one_job_whatever_of_it_the_hub_has(play, folder):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        for change in (None, "a/3.txt", "b/one.bin"):
            if change:
                (folder / change).write_bytes(b"changed " + change.encode())
            recorder = Recorder()
            await side.make(progress=recorder).upload_folder(repo_id=side.repo, folder_path=folder)
            last = finished(recorder, len(FILES), sum(path.stat().st_size for path in folder.rglob("*.*")))
            assert (last.kind, last.name) == ("upload", side.repo)
            assert {event.kind for event in recorder.transfers} >= {"commit"}
        recorder = Recorder()
        await side.make(progress=recorder).upload_folder(repo_id=side.repo, folder_path=folder)
        finished(recorder, len(FILES), sum(path.stat().st_size for path in folder.rglob("*.*")))
        assert recorder.jobs[-1].moved_bytes == 0

    play(scenario)


def test_ignored_files_are_done_too(play, folder):
    (folder / ".gitignore").write_bytes(b"*.txt\n")

    async def scenario(side):
        await side.api.create_repo(side.repo)
        recorder = Recorder()
        await side.make(progress=recorder).upload_folder(repo_id=side.repo, folder_path=folder)
        finished(recorder, len(FILES) + 1, TOTAL + 6)

    play(scenario)


def test_all_commits_of_a_large_folder_are_one_job(play, folder, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.commits.large_upload.BATCH_SIZES", (4, 4, 4))

    async def scenario(side):
        for moved in (2 * len(BLOB), 0):
            recorder = Recorder()
            api = side.make(progress=recorder)
            await api.upload_large_folder(side.repo, folder, repo_type="model", print_report=False)
            last = finished(recorder, len(FILES), TOTAL)
            assert last.moved_bytes == moved
        assert len(list(await side.api.list_repo_commits(side.repo))) > 3

    play(scenario)


def test_one_file_and_a_commit_without_files_are_jobs_too(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        recorder = Recorder()
        api = side.make(progress=recorder)
        await api.upload_file(path_or_fileobj=BLOB, path_in_repo="x.bin", repo_id=side.repo)
        finished(recorder, 1, len(BLOB))
        recorder.__init__()
        await api.delete_file("x.bin", side.repo)
        finished(recorder, 0, 0)

    play(scenario)


def test_copies_are_a_part_of_the_job_of_their_commit(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        added = [CommitOperationAdd("x.txt", b"text"), CommitOperationAdd("y.bin", BLOB)]
        await side.api.create_commit(side.repo, added, commit_message="m")
        recorder = Recorder()
        operations = [
            CommitOperationCopy("x.txt", "copy.txt"),
            CommitOperationDelete("y.bin"),
            CommitOperationAdd("z.bin", BLOB[::-1]),
        ]
        await side.make(progress=recorder).create_commit(side.repo, operations, commit_message="m")
        finished(recorder, 1, len(BLOB))
        assert {event.kind for event in recorder.transfers} == {"download", "hash", "upload", "commit"}

    play(scenario)


def test_a_snapshot_is_one_job_and_what_is_on_disk_is_done(play, folder, tmp_path):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_folder(repo_id=side.repo, folder_path=folder)
        listed = len(FILES) + 1  # with .gitattributes
        await side.api.hf_hub_download(side.repo, "b/three.bin", local_dir=tmp_path / "local")
        recorder = Recorder()
        api = side.make(progress=recorder)
        await api.snapshot_download(side.repo, local_dir=tmp_path / "local")
        last = recorder.checked()
        assert (last.kind, last.name, last.state, last.total_files) == ("download", side.repo, "finished", listed)
        assert last.moved_bytes < last.total_bytes - len(BLOB)
        recorder.__init__()
        await api.snapshot_download(side.repo, allow_patterns="a/*", force_download=True)
        finished(recorder, 8, 8 * 6)
        recorder.__init__()
        await api.snapshot_download(side.repo, allow_patterns="a/*")
        assert recorder.checked().moved_bytes == 0
        recorder.__init__()
        await api.snapshot_download(side.repo, dry_run=True)
        await api.hf_hub_download(side.repo, "b/three.bin")
        assert not recorder.jobs
        assert {event.job for event in recorder.transfers} == {None}

    play(scenario)


def test_a_repair_is_a_job(play, folder, tmp_path):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_folder(repo_id=side.repo, folder_path=folder)
        local = tmp_path / "local"
        await side.api.snapshot_download(side.repo, local_dir=local)
        (local / "b/one.bin").write_bytes(b"damaged")
        (local / "a/1.txt").unlink()
        recorder = Recorder()
        await side.make(progress=recorder).verify_repo_checksums(side.repo, local_dir=local, repair=True)
        finished(recorder, 2, len(BLOB) + 6)

    play(scenario)


@pytest.mark.parametrize("kind", ["upload", "download"])
def test_a_job_that_fails_says_so_once(play, folder, kind):
    async def upload(api, repo):
        await api.upload_folder(repo_id=repo, folder_path=folder)

    async def scenario(side):
        await side.api.create_repo(side.repo)
        if kind == "download":
            await upload(side.api, side.repo)
        operation = "files.resolve_file" if kind == "download" else "commits.create_commit"
        side.hub.faults.add(Status(403), operation=operation)
        recorder = Recorder()
        api = side.make(progress=recorder)
        flow = api.snapshot_download(side.repo) if kind == "download" else upload(api, side.repo)
        with pytest.raises(HubError):
            await flow
        assert recorder.checked().state == "failed"

    play(scenario)
