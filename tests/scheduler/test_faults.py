"""Scheduled commits in spite of faults, of files that do not only grow, of other schedulers, and of killed programs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hub_typed import CommitScheduler
from hub_typed.local.faults import Reset, Status, Truncated

PART = 100_000


@pytest.fixture(autouse=True)
def _parts(hub):
    hub.hub.lfs.part_size = PART


@pytest.fixture
def commits(api, repo_id):
    return lambda: [one.title for one in api.list_repo_commits(repo_id)].count("Scheduled Commit")


@pytest.mark.parametrize(
    ("fault", "operation"),
    [
        (Status(403), "commits.create_commit"),
        (Status(504, applied=True), "commits.create_commit"),
        (Reset(), "commits.create_commit"),
        (Truncated(), "commits.create_commit"),
        (Status(400), "storage.upload_part"),
        (Reset(after=50), "lfs.lfs_batch"),
    ],
    ids=str,
)
def test_a_commit_that_fails_is_made_up_for_and_nothing_is_lost(schedule, folder, hub, read, commits, fault, operation):
    scheduler = schedule()
    files = {"a.txt": b"a", "b.bin": b"\0" + os.urandom(3 * PART)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    rule = hub.faults.add(fault, operation=operation, times=5)
    scheduler.trigger().exception()
    assert rule.count
    hub.faults.clear()
    scheduler.trigger().result()
    assert read() == files
    assert commits() == 1


def test_a_new_scheduler_sends_only_what_the_last_one_did_not(schedule, folder, hub, read, commits):
    files = {"old.txt": b"old", "old.bin": b"\0" + os.urandom(3 * PART)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    schedule().stop()
    head, before = commits(), hub.stats.snapshot()
    again = schedule()
    assert again.trigger().result() is None
    assert commits() == head
    files["new.bin"] = b"\0new"
    (folder / "new.bin").write_bytes(files["new.bin"])
    assert again.trigger().result() is not None
    done = hub.stats.snapshot() - before
    assert (done.lfs_objects, done.requests["commits.create_commit"]) == (1, 1)
    assert read() == files


def test_a_folder_that_is_not_new_to_the_repository_is_not_squashed(schedule, folder, api, repo_id):
    (folder / "a.txt").write_bytes(b"a")
    schedule(squash_history=True).stop()
    head = api.model_info(repo_id).sha
    schedule(squash_history=True)
    assert api.model_info(repo_id).sha == head


def test_schedulers_of_one_folder_do_not_undo_or_repeat_each_other(schedule, folder, hub, read, commits):
    first, second = schedule(), schedule()
    log = folder / "log.bin"
    for round_ in range(1, 4):
        with log.open("ab") as file:
            file.write(b"\0%d" % round_)
        for scheduler in (first, second, first, second):
            scheduler.trigger().result()
        assert commits() == round_
    assert read() == {"log.bin": b"\0001\0002\0003"}
    assert hub.stats.snapshot().lfs_objects == 3


def test_schedulers_of_several_folders_share_a_repository(schedule, folder, read, commits):
    schedulers = []
    for number in range(4):
        (folder / str(number)).mkdir()
        schedulers.append(schedule(folder_path=folder / str(number), path_in_repo=f"runs/{number}"))
    for number in range(4):
        (folder / str(number) / "log.txt").write_bytes(b"%d" % number)
    threads = [threading.Thread(target=scheduler.push_to_hub) for scheduler in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scheduler in schedulers:
        scheduler.trigger().result()
    assert read() == {f"runs/{number}/log.txt": b"%d" % number for number in range(4)}
    assert commits() == 4


def test_a_file_of_many_parts_grows_while_they_are_uploaded(schedule, folder, hub, read):
    scheduler = schedule()
    log = folder / "log.bin"
    seen = b"\0" + os.urandom(5 * PART + 17)
    log.write_bytes(seen)

    def append(incoming):
        if incoming.method == "PUT":
            with log.open("ab") as file:
                file.write(os.urandom(PART))

    hub.hub.intercept = append
    scheduler.trigger().result()
    hub.hub.intercept = None
    assert read() == {"log.bin": seen}
    assert log.stat().st_size >= len(seen) + 6 * PART
    scheduler.trigger().result()
    assert read() == {"log.bin": log.read_bytes()}


CHANGES = {
    "truncated": lambda path: os.truncate(path, 1),
    "replaced": lambda path: path.with_name("new").replace(path),
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("during", ["/preupload/", "/objects/batch", "/commit/"])
def test_a_file_that_does_not_only_grow_does_not_hold_up_the_others(
    schedule, folder, hub, read, tmp_path, caplog, change, during
):
    scheduler = schedule(ignore_patterns="new")
    content = b"\0" + os.urandom(3 * PART)
    (folder / "new").write_bytes(content[::-1])
    for name in ("changing.bin", "other.bin"):
        (folder / name).write_bytes(content + name.encode())
    (folder / "changing.txt").write_bytes(b"text")
    done = []

    def meanwhile(incoming):
        if during in incoming.path and not done:
            done.append(incoming.path)
            CHANGES[change](folder / "changing.bin")

    hub.hub.intercept = meanwhile
    scheduler.trigger().result()
    hub.hub.intercept = None
    assert done
    assert {"changing.txt", "other.bin"} <= set(read())
    if during != "/commit/":  # by then, the file was uploaded
        assert "changing.bin" not in read()
        assert "leaves out files that changed" in caplog.text
    scheduler.trigger().result()
    assert {name: content for name, content in read().items() if name != "changing.bin"} == {
        "changing.txt": b"text",
        "other.bin": content + b"other.bin",
    }
    if change != "deleted":
        assert read()["changing.bin"] == (folder / "changing.bin").read_bytes()


def test_commits_that_take_longer_than_an_interval_do_not_pile_up(schedule, folder, read):
    due, waits, triggers = threading.Semaphore(0), threading.Semaphore(0), []

    class Hastened(CommitScheduler):
        def _wait(self):
            waits.release()
            due.acquire()

        def push_to_hub(self):
            triggers.append(1)
            return super().push_to_hub()

    scheduler = schedule(Hastened)
    waits.acquire()
    begun = len(triggers)
    with scheduler.lock:
        for _ in range(5):
            due.release()
            waits.acquire()
    scheduler.last_future.result()
    assert len(triggers) == begun + 1
    scheduler.stop()
    due.release()


LOGGER = """
import sys, time
from pathlib import Path
from hub_typed import CommitScheduler, HfApi

endpoint, token, repo_id, folder = sys.argv[1:]
scheduler = CommitScheduler(repo_id=repo_id, folder_path=folder, every=0.1 / 60, hf_api=HfApi(endpoint, token))
log = Path(folder) / "log.txt"
number, before, scheduled = len(log.read_text().splitlines()) if log.exists() else 0, 0, None
while True:
    with scheduler.lock, log.open("a") as file:
        file.write(f"{number}\\n")
    number += 1
    if scheduler.last_future is not scheduled:  # which scanned the folder after the line before this one
        if scheduled is not None and scheduled.done() and scheduled.exception() is None:
            print(before, flush=True)
        scheduled, before = scheduler.last_future, number - 1
    time.sleep(0.002)
"""


@pytest.mark.parametrize("kills", [3])
def test_a_killed_program_loses_what_it_wrote_since_its_last_commit_at_most(
    hub, api, repo_id, folder, read, repository, kills
):
    packages = os.pathsep.join([str(repository), str(repository / "generated")])
    log = folder / "log.txt"
    for number in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", LOGGER, hub.endpoint, hub.token, repo_id, str(folder)],
            env=os.environ | {"PYTHONPATH": packages},
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            told = [int(program.stdout.readline()) for _ in range(2 + number)]
            program.kill()
            told += [int(line) for line in program.stdout.read().splitlines()]
        there = read()["log.txt"].decode()
        assert log.read_text().startswith(there), "the repository has the beginning of the file"
        assert there.endswith("\n"), "whole lines, as they were written under the lock"
        assert len(there.splitlines()) >= told[-1]
    with CommitScheduler(repo_id=repo_id, folder_path=folder, every=1_000_000, hf_api=api):
        pass
    assert read() == {"log.txt": log.read_bytes()}
    assert log.read_text().splitlines() == [str(number) for number in range(len(log.read_text().splitlines()))]
