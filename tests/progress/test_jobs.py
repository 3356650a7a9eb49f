"""Events of jobs: their order, and their sums."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as some

from hub_typed.progress import Job, JobObserver, Transfer
from tests.progress.recorded import Recorder

SIZES = {f"file-{number}": number * 10 for number in range(6)}


class Stopped(Exception):
    """The flow of a job fails."""


STEPS = some.lists(
    some.one_of(
        some.tuples(some.just("expect"), some.sets(some.sampled_from(sorted(SIZES)))),
        some.tuples(some.just("settle"), some.sets(some.sampled_from(sorted(SIZES)))),
        some.tuples(some.sampled_from(["start", "hash", "advance", "restart", "fail", "finish"]), some.integers(0, 5)),
        some.tuples(some.just("tick"), some.floats(0, 1)),
    ),
    max_size=40,
)


@given(STEPS, some.booleans())
def test_whatever_happens_the_events_are_in_order_and_their_sums_are_right(steps, fails):
    recorder, now = Recorder(), [0.0]
    expected: dict[str, int] = {}
    done: set[str] = set()
    running: dict[int, Transfer] = {}
    with suppress(Stopped), Job(recorder, "download", "me/repo", clock=lambda: now[0]) as job:
        for step, what in steps:
            if step == "tick":
                now[0] += what
            elif step == "expect":
                new = {path: SIZES[path] for path in what - expected.keys()}
                expected |= new
                job.expect(new)
            elif step == "settle":
                done |= what & expected.keys()
                job.settle(what)
            elif step in ("start", "hash"):
                path = f"file-{what}"
                if what not in running:
                    kind = "download" if step == "start" else "hash"
                    running[what] = Transfer(job, kind, path, SIZES[path])
            elif transfer := running.get(what):
                path = f"file-{what}"
                if step == "advance":
                    transfer.advance(SIZES[path] // 2)
                elif step == "restart":
                    transfer.set_done(0)
                elif step == "fail":
                    running.pop(what).fail()
                else:
                    running.pop(what).finish(done=SIZES[path])
                    if transfer._kind == "download" and path in expected:
                        done.add(path)
        for transfer in running.values():
            transfer.fail()
        if fails:
            raise Stopped
        job.settle(SIZES)
        done |= expected.keys()
    last = recorder.checked()
    assert last.state == ("failed" if fails else "finished")
    assert (last.total_files, last.total_bytes) == (len(expected), sum(expected.values()))
    assert (last.done_files, last.done_bytes) == (len(done), sum(expected[path] for path in done))


def test_the_bytes_of_files_on_the_way_count_and_go_back_after_a_failure():
    recorder, now = Recorder(), [0.0]
    with Job(recorder, "upload", "me/repo", clock=lambda: now[0]) as job:
        job.expect({"a": 10, "b": 20})
        now[0] = 1.0
        first = Transfer(job, "upload", "a", 10, 4)
        now[0] = 2.0
        first.advance(3)
        now[0] = 3.0
        first.fail()
        Transfer(job, "upload", "a", 10).finish(done=10)
        now[0] = 4.0
        job.settle(["b"])
    assert [(event.done_bytes, event.moved_bytes) for event in recorder.jobs] == [
        *[(0, 0), (0, 0), (4, 0), (7, 3), (0, 3), (30, 13), (30, 13)]
    ]
    recorder.checked()


def test_the_phase_is_that_of_the_transfers_on_the_way():
    recorder = Recorder()
    with Job(recorder, "upload", "me/repo", clock=lambda: 0.0) as job:
        with Transfer(job, "hash", "a", 1):
            Transfer(job, "upload", "b", 1).finish()
            with Transfer(job, "commit", "me/repo", 1):
                pass
        Transfer(job, "commit", "me/repo", 1).finish()
    assert [event.phase for event in recorder.jobs] == [
        *("listing", "hashing", "uploading", "hashing", "committing", "committing")
    ]


def test_ten_thousand_events_of_transfers_in_a_moment_are_few_of_the_job():
    recorder = Recorder()
    with Job(recorder, "download", "me/repo", clock=lambda: 0.0) as job:
        job.expect({str(number): 1 for number in range(10_000)})
        for number in range(10_000):
            Transfer(job, "download", str(number), 1).finish(done=1)
    assert len(recorder.transfers) == 20_000
    assert len(recorder.jobs) == 4
    assert recorder.jobs[-1].done_files == 10_000


def test_a_function_receives_transfers_alone():
    events = []
    assert not isinstance(events.append, JobObserver)
    with Job(events.append, "download", "me/repo") as job:
        job.expect({"a": 1})
        Transfer(job, "download", "a", 1).finish(done=1)
    assert [(event.state, event.job) for event in events] == [("started", job.number), ("finished", job.number)]


def test_an_observer_that_fails_fails_the_job():
    class Broken(Recorder):
        def on_job(self, event):
            super().on_job(event)
            if event.phase == "downloading" and event.state == "advanced":
                raise RuntimeError("enough")

    recorder = Broken()
    with pytest.raises(RuntimeError, match="enough"), Job(recorder, "download", "me/repo") as job:
        Transfer(job, "download", "a", 1)
    assert [event.state for event in recorder.jobs] == ["started", "advanced", "failed"]
