"""Scheduled commits of a folder: what is uploaded, when, and what happens while a program writes to it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

import pytest

from hub_typed import CommitInfo, CommitScheduler, HfApi, HfHubHTTPError, HFValidationError, SourceChangedError
from hub_typed_api.serve import Answer


def titles(api: HfApi, repo_id: str) -> list[str]:
    return [commit.title for commit in api.list_repo_commits(repo_id)]


def test_the_repository_and_the_folder_are_made(schedule, api, repo_id, tmp_path):
    scheduler = schedule(folder_path=tmp_path / "new" / "logs", private=True)
    assert (tmp_path / "new" / "logs").is_dir()
    assert scheduler.repo_id == repo_id
    assert api.model_info(repo_id).private


def test_what_is_there_is_committed_when_it_begins(schedule, folder, read, api, repo_id):
    (folder / "deep").mkdir()
    (folder / "deep" / "a.txt").write_bytes(b"a")
    scheduler = schedule()
    assert scheduler.last_future.result() is not None
    assert read() == {"deep/a.txt": b"a"}
    assert titles(api, repo_id) == ["Scheduled Commit", "initial commit"]


def test_only_what_is_new_is_committed(schedule, folder, hub, read):
    (folder / "old.txt").write_bytes(b"old")
    scheduler = schedule()
    assert scheduler.trigger().result() is None
    (folder / "new.txt").write_bytes(b"new")
    before = hub.stats.snapshot()
    made = scheduler.trigger().result()
    assert isinstance(made, CommitInfo)
    assert read() == {"old.txt": b"old", "new.txt": b"new"}
    (sent,) = [one for one in hub.hub.requests if one.path.endswith("/preupload/main")][-1:]
    assert sent.received < 200, "one file was asked about, not both"
    assert (hub.stats.snapshot() - before).requests["commits.create_commit"] == 1


def test_what_is_deleted_here_stays_in_the_repository(schedule, folder, read):
    (folder / "a.txt").write_bytes(b"a")
    scheduler = schedule()
    (folder / "a.txt").unlink()
    (folder / "b.txt").write_bytes(b"b")
    scheduler.trigger().result()
    assert read() == {"a.txt": b"a", "b.txt": b"b"}


@pytest.mark.parametrize("name", ["log.txt", "log.bin"], ids=["regular", "large"])
def test_a_program_may_append_while_the_file_is_uploaded(schedule, folder, hub, read, name):
    scheduler = schedule()
    log = folder / name
    log.write_bytes(b"one\n" * 1000)

    def append(incoming):
        if incoming.method == "PUT" or "/commit/" in incoming.path or "/preupload/" in incoming.path:
            with log.open("ab") as file:
                file.write(b"more\n")

    hub.hub.intercept = append
    scheduler.trigger().result()
    hub.hub.intercept = None
    assert read() == {name: b"one\n" * 1000}
    written = log.read_bytes()
    assert written.count(b"more\n") >= 2
    scheduler.trigger().result()
    assert read() == {name: written}


def test_a_file_that_is_cut_off_while_it_is_uploaded_makes_no_commit(schedule, folder, hub, api, repo_id, read):
    scheduler = schedule()
    log = folder / "log.txt"
    log.write_bytes(b"one\n")

    def cut(incoming):
        if "/preupload/" in incoming.path:
            log.write_bytes(b"")

    hub.hub.intercept = cut
    with pytest.raises(SourceChangedError, match=r"log\.txt was replaced or truncated"):
        scheduler.trigger().result()
    hub.hub.intercept = None
    assert titles(api, repo_id) == ["initial commit"]
    log.write_bytes(b"two\n")
    scheduler.trigger().result()
    assert read() == {"log.txt": b"two\n"}


def test_the_folder_is_looked_at_under_the_lock(schedule, folder, read):
    scheduler = schedule()
    with scheduler.lock:
        (folder / "a.txt").write_bytes(b"half")
        future = scheduler.trigger()
        assert not future.done()
        (folder / "a.txt").write_bytes(b"whole")
    future.result()
    assert read() == {"a.txt": b"whole"}


def test_patterns_and_the_path_in_the_repository_count(schedule, folder, read):
    for name in ("a.txt", "b.tmp", "c.jsonl"):
        (folder / name).write_bytes(name.encode())
    schedule(allow_patterns=["*.txt", "*.tmp"], ignore_patterns="*.tmp", path_in_repo="./runs/1/")
    assert read() == {"runs/1/a.txt": b"a.txt"}


def test_the_history_is_squashed_after_a_commit_and_only_then(schedule, folder, api, repo_id):
    (folder / "a.txt").write_bytes(b"a")
    scheduler = schedule(squash_history=True)
    assert len(titles(api, repo_id)) == 1
    head = api.model_info(repo_id).sha
    assert scheduler.trigger().result() is None
    assert api.model_info(repo_id).sha == head


def test_a_commit_that_fails_is_logged_and_made_up_for(schedule, folder, hub, read, caplog):
    scheduler = schedule()
    (folder / "a.txt").write_bytes(b"a")
    hub.hub.intercept = lambda incoming: Answer(status=403) if "/commit/" in incoming.path else None
    with caplog.at_level(logging.ERROR), pytest.raises(HfHubHTTPError):
        scheduler.trigger().result()
    assert "The scheduled commit to local-user/logs failed" in caplog.text
    hub.hub.intercept = None
    scheduler.trigger().result()
    assert read() == {"a.txt": b"a"}


def test_it_commits_whenever_its_time_has_come(schedule, folder, read):
    due, waits = threading.Semaphore(0), threading.Semaphore(0)

    class Hastened(CommitScheduler):
        def _wait(self) -> None:
            waits.release()
            due.acquire()

    scheduler = schedule(Hastened)
    waits.acquire()
    (folder / "a.txt").write_bytes(b"a")
    due.release()
    waits.acquire()
    scheduler.last_future.result()
    assert read() == {"a.txt": b"a"}
    scheduler.stop()
    due.release()
    scheduler._thread.join(10)
    assert not scheduler._thread.is_alive()


def test_leaving_the_block_commits_once_more_and_stops(schedule, folder, read):
    with schedule() as scheduler:
        (folder / "a.txt").write_bytes(b"a")
    assert read() == {"a.txt": b"a"}
    (folder / "b.txt").write_bytes(b"b")
    assert scheduler.trigger().result() is None
    assert read() == {"a.txt": b"a"}
    scheduler._thread.join(10)
    assert not scheduler._thread.is_alive()


def test_a_failure_in_the_end_is_raised_and_stops_it_all_the_same(schedule, folder, hub):
    scheduler = schedule()
    hub.hub.intercept = lambda incoming: Answer(status=403) if "/commit/" in incoming.path else None
    with pytest.raises(HfHubHTTPError), scheduler:
        (folder / "a.txt").write_bytes(b"a")
    assert scheduler.trigger().result() is None


def test_what_is_committed_can_be_overridden(schedule, folder, read):
    class Joined(CommitScheduler):
        def push_to_hub(self) -> CommitInfo | None:
            with self.lock:
                text = b"".join(path.read_bytes() for path in sorted(self.folder_path.iterdir()))
            return self.api.upload_file(path_or_fileobj=text, path_in_repo="all.txt", repo_id=self.repo_id)

    (folder / "1").write_bytes(b"one ")
    (folder / "2").write_bytes(b"two")
    schedule(Joined)
    assert read() == {"all.txt": b"one two"}


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_the_time_between_commits_must_be_above_0(folder, api, repo_id, hub, every):
    with pytest.raises(ValueError, match="every must be greater than 0"):
        CommitScheduler(repo_id=repo_id, folder_path=folder, every=every, hf_api=api)
    assert not hub.hub.requests


def test_a_file_is_no_folder(tmp_path, api, repo_id, hub):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is not a folder"):
        CommitScheduler(repo_id=repo_id, folder_path=tmp_path / "file", hf_api=api)
    assert not hub.hub.requests


def test_a_bad_name_leaves_no_folder_behind(tmp_path, api):
    with pytest.raises(HFValidationError):
        CommitScheduler(repo_id="no/such/name", folder_path=tmp_path / "new", hf_api=api)
    assert not (tmp_path / "new").exists()


AT_THE_EXIT = """
import sys
from pathlib import Path
from hub_typed import CommitScheduler, HfApi

endpoint, token, repo_id, folder = sys.argv[1:]
scheduler = CommitScheduler(repo_id=repo_id, folder_path=folder, every=1000, hf_api=HfApi(endpoint, token))
scheduler.last_future = scheduler.trigger()
scheduler.last_future.result()
for number in range(5):
    (Path(folder) / f"{number}.bin").write_bytes(bytes([0, number]) * 1000)
"""


def test_a_program_that_just_ends_commits_once_more(hub, api, repo_id, folder, read, repository):
    paths = os.pathsep.join([str(repository), str(repository / "generated")])
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_EXIT, hub.endpoint, hub.token, repo_id, str(folder)],
        env=os.environ | {"PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert read() == {f"{number}.bin": bytes([0, number]) * 1000 for number in range(5)}
