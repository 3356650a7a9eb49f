"""What a display shows of jobs and transfers, and when."""

from __future__ import annotations

import io
import sys
import threading
import time

import pytest

from hub_typed.progress import Job, Transfer
from hub_typed.progress_bars.display import Display
from hub_typed.progress_bars.log_lines import LogLines


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Shown(Display):
    """A display that records what it draws."""

    def __init__(self, clock):
        super().__init__(0.1, clock)
        self.drawn = []
        self.written = []

    def draw(self, lines):
        self.drawn.append([str(line) for line in lines])

    def write(self, text):
        self.written.append(text)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shown(clock):
    return Shown(clock)


def test_what_takes_less_than_half_a_second_is_not_drawn(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 10, "b": 10})
        for name in ("a", "b"):
            transfer = Transfer(job, "download", name, 10)
            clock.now += 0.2
            transfer.finish(done=10)
    assert shown.drawn == [[]]
    assert shown.written == ["me/repo: downloaded 2 files, 20 B in 0.4 s"]


def test_a_job_is_drawn_above_the_files_that_move(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 20_000_000, "b": 20_000_000, "c": 10})
        first, second = (Transfer(job, "download", name, 20_000_000) for name in "ab")
        clock.now = 1.0
        first.advance(1_000_000)
        clock.now = 2.0
        second.advance(4_000_000)
        assert shown.drawn[-1] == [
            "me/repo: downloading, 5.0/40.0 MB, 2.5 MB/s, 14 s left, 0/3 files",
            "a: 1.0/20.0 MB, 500.0 kB/s, 38 s left",
            "b: 4.0/20.0 MB, 2.0 MB/s, 8.0 s left",
        ]
        Transfer(job, "download", "c", 10).finish(done=10)
        first.finish(done=20_000_000)
        second.finish(done=20_000_000)
    assert shown.drawn[-1] == []
    assert shown.written == ["me/repo: downloaded 3 files, 40.0 MB in 2.0 s"]


def test_a_stall_says_how_long_it_lasts(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 20_000_000, "b": 20_000_000})
        transfer = Transfer(job, "download", "a", 20_000_000)
        clock.now = 1.0
        transfer.advance(1_000_000)
        clock.now = 4.0
        shown.tick()
        assert shown.drawn[-1] == [
            "me/repo: downloading, 1.0/40.0 MB, 250.0 kB/s, 2:36 left, 0/2 files",
            "a: 1.0/20.0 MB, 250.0 kB/s, 1:16 left",
        ]
        clock.now = 13.0
        shown.tick()
        assert shown.drawn[-1] == [
            "me/repo: downloading, 1.0/40.0 MB, no progress for 12 s, 0/2 files",
            "a: 1.0/20.0 MB, no progress for 12 s",
        ]
        clock.now = 14.0
        transfer.advance(1_000_000)
        assert "no progress" not in str(shown.drawn[-1])


def test_a_single_file_and_a_phase_that_stall_say_so(clock, shown):
    with Transfer(shown, "download", "a", 1000):
        clock.now = 6.0
        shown.tick()
    assert shown.drawn == [["a: 0.0/1.0 kB, no progress for 6.0 s"], []]
    other = Shown(clock)
    with Job(other, "upload", "me/repo", clock=clock):
        clock.now = 12.0
        other.tick()
    assert other.drawn == [["me/repo: listing, no progress for 6.0 s"], []]


def test_it_is_drawn_without_events_until_the_end(clock, shown, monkeypatch):
    monkeypatch.setattr("hub_typed.progress_bars.ticker.TICK", 0.001)
    before = threading.enumerate()
    with Transfer(shown, "download", "a", 1000):
        clock.now = 6.0
        deadline = time.monotonic() + 10
        while not shown.drawn and time.monotonic() < deadline:
            time.sleep(0.001)
        ticking = [one for one in threading.enumerate() if one not in before]
    assert shown.drawn == [["a: 0.0/1.0 kB, no progress for 6.0 s"], []]
    for one in ticking:
        one.join(10)
        assert not one.is_alive()
    shown.tick()
    assert len(shown.drawn) == 2


def test_at_most_four_files_are_drawn(clock, shown):
    transfers = [Transfer(shown, "upload", f"file-{number}", None) for number in range(10)]
    clock.now = 5.0
    transfers[0].advance(1)
    assert [line.partition(":")[0] for line in shown.drawn[0]] == ["file-0", "file-1", "file-2", "file-3"]


def test_a_file_that_is_nearly_complete_is_not_drawn_any_more(clock, shown):
    transfer = Transfer(shown, "download", "a", 100)
    clock.now = 0.6
    transfer.advance(90)
    assert shown.drawn == []
    transfer.set_done(10)
    assert shown.drawn == []
    clock.now = 0.8
    transfer.advance(1)
    assert [line[0].partition(":")[0] for line in shown.drawn] == ["a"]


@pytest.mark.parametrize(("kind", "label"), [("hash", "a (hash)"), ("commit", "a (commit)"), ("upload", "a")])
def test_hashes_and_commits_say_what_they_are(clock, shown, kind, label):
    with Transfer(shown, kind, "a", 500) as transfer:
        clock.now = 1.0
        transfer.advance(100)
    assert shown.drawn == [[f"{label}: 100/500 B, 100 B/s, 4.0 s left"], []]


def test_single_files_leave_nothing_behind(clock, shown):
    for _ in range(2):
        with Transfer(shown, "download", "a", 1000) as transfer:
            clock.now += 1.0
            transfer.advance(100)
    assert [len(lines) for lines in shown.drawn] == [1, 0, 1, 0]
    assert shown.written == []


def test_a_job_of_one_file_is_drawn_as_its_file(clock, shown):
    with Job(shown, "upload", "me/repo", clock=clock) as job:
        job.expect({"a": 500})
        with Transfer(job, "upload", "a", 500) as transfer:
            clock.now = 1.0
            transfer.advance(100)
    assert shown.drawn == [["a: 100/500 B, 100 B/s, 4.0 s left"], []]
    assert shown.written == []


def test_it_is_drawn_ten_times_a_second_at_most(clock, shown):
    transfer = Transfer(shown, "download", "a", 10**9)
    for _ in range(10_000):
        clock.now += 0.001
        transfer.advance(1000)
    assert 80 <= len(shown.drawn) <= 100


def test_a_new_phase_is_drawn_at_once(clock, shown):
    with Job(shown, "upload", "me/repo", clock=clock) as job:
        job.expect({"a": 10, "b": 10})
        clock.now = 1.0
        Transfer(job, "upload", "a", 10).finish(done=10)
        Transfer(job, "commit", "me/repo", 10)
        assert shown.drawn[-1] == ["me/repo: committing, 10/20 B, 1/2 files"]


def test_a_failure_says_how_far_it_came(clock, shown):
    def flow():
        with Job(shown, "upload", "me/repo", clock=clock) as job:
            job.expect({"a": 3000, "b": 5000})
            Transfer(job, "upload", "a", 3000).finish(done=3000)
            clock.now = 75.0
            raise KeyError

    with pytest.raises(KeyError):
        flow()
    assert shown.written == ["me/repo: upload failed, 1 of 2 files, 3.0 kB of 8.0 kB after 1:15"]


def test_a_job_without_transfers_says_nothing(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 1, "b": 1})
        job.settle(["a", "b"])
    assert shown.written == []


def test_bytes_that_were_on_disk_are_told_apart(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 1000, "b": 5000})
        job.settle(["a"])
        Transfer(job, "download", "b", 5000, 3000).finish(done=5000)
    assert shown.written == ["me/repo: downloaded 2 files, 6.0 kB in 0.0 s, 2.0 kB of them transferred"]


def test_a_growing_list_is_shown(clock, shown):
    with Job(shown, "download", "me/repo", clock=clock) as job:
        clock.now = 1.0
        job.expect({str(number): 1000 for number in range(1000)})
        clock.now = 2.0
        job.expect({str(number): 1000 for number in range(1000, 2000)})
    assert shown.drawn == [
        ["me/repo: listing, 0.0/1.0 MB, 0/1,000 files"],
        ["me/repo: listing, 0.0/2.0 MB, 0/2,000 files"],
        [],
    ]


def test_control_characters_do_not_reach_the_screen(clock, shown):
    with Transfer(shown, "download", "a\x1b[2J\nb", 1000) as transfer:
        clock.now = 1.0
        transfer.advance(100)
    assert "\x1b" not in shown.drawn[0][0]
    assert "\n" not in shown.drawn[0][0]


def test_without_a_terminal_there_is_a_line_every_five_seconds(clock, monkeypatch):
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    lines = LogLines(clock)
    with Job(lines, "download", "me/repo", clock=clock) as job:
        job.expect({"a": 100_000_000, "b": 100_000_000})
        with Transfer(job, "download", "a", 100_000_000) as transfer:
            for _ in range(96):
                clock.now += 0.125
                transfer.advance(625_000)
        job.settle(["b"])
    assert output.getvalue().splitlines() == [
        "me/repo: downloading, 25.0/200.0 MB, 5.0 MB/s, 35 s left, 0/2 files",
        "me/repo: downloading, 50.0/200.0 MB, 5.0 MB/s, 30 s left, 0/2 files",
        "me/repo: downloaded 2 files, 200.0 MB in 12 s, 60.0 MB of them transferred",
    ]


@pytest.mark.parametrize("stderr", [None, "closed"])
def test_a_standard_error_that_is_gone_does_no_harm(clock, monkeypatch, stderr):
    output = io.StringIO()
    output.close()
    monkeypatch.setattr(sys, "stderr", stderr and output)
    with Job(LogLines(clock), "download", "me/repo", clock=clock) as job:
        job.expect({"a": 1, "b": 1})
        Transfer(job, "download", "a", 1).finish(done=1)
