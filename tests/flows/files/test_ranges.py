"""Large files in ranges over several connections, with faults on the way."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import re
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from hub_typed.disk import range_plan
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import end_owner, new_owner
from hub_typed.errors import DiskError, HfHubHTTPError, IntegrityError, ProtocolError, TransportError
from hub_typed.flows.files import fetch, ranged_files
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.scan import scan_cache_dir
from hub_typed.flows.files.snapshot import snapshot_download
from hub_typed.http import growth as connections

REPO = "org/model"
NAME = "weights.bin"
CONTENT = random.Random(3).randbytes(1000)
ETAG = hashlib.sha256(CONTENT).hexdigest()
STORAGE = "https://storage.test"


@pytest.fixture(autouse=True)
def short_ranges(monkeypatch):
    """Ranges of 100 bytes."""
    monkeypatch.setattr(fetch, "MIN_RANGED_SIZE", 500)
    monkeypatch.setattr(range_plan, "SHORTEST", 100)
    monkeypatch.setattr(range_plan, "LONGEST", 100)


@pytest.fixture
def commit(hub, large):
    hub.piece = 30
    return hub.commit({NAME: large(CONTENT), "small": b"small"})


@pytest.fixture
def one(run):
    """Runner with a single connection, so that the order of the requests is known."""
    return run.set(concurrency=1)


@pytest.fixture
def blobs(cache):
    folder = cache / "models--org--model" / "blobs"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def dead():
    """An owner whose process has ended."""
    program = f"from hub_typed.disk.owners import new_owner; print(new_owner({NAME!r}))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def ranges(hub):
    """Return the ranges requested from the storage, as first byte and byte after the last; ``None`` for the file."""
    asked = [request for request in hub.requests if request.path.startswith("https://") and ETAG in request.path]
    found = [re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", "")) for request in asked]
    return [(int(one[1]), int(one[2]) + 1) if one else None for one in found]


def resolved(hub):
    """Return the number of requests to the Hub for the content."""
    return sum(asked.startswith("GET /org/model/resolve/") for asked in hub.asked)


def content(path):
    return Path(path).read_bytes()


def left(folder):
    return sorted(name.rpartition(".")[2] for name in os.listdir(folder) if "." in name)


IN_TURN = [(at, at + 100) for at in range(0, 1000, 100)]


def test_each_byte_is_requested_once_and_the_hub_redirects_once(run, hub, commit, cache):
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT
    assert sorted(ranges(hub)) == IN_TURN
    assert resolved(hub) == 1
    assert all("authorization" not in request.headers for request in hub.requests if STORAGE in request.path)
    assert left(cache / "models--org--model/blobs") == []


def test_several_connections_receive_at_the_same_time(run, hub, commit, monkeypatch):
    send = type(hub).send
    together = threading.Barrier(2, timeout=20)

    def sent(self, request, **how):
        if request.headers.get("range") in ("bytes=100-199", "bytes=200-299"):
            together.wait()
        return send(self, request, **how)

    monkeypatch.setattr(type(hub), "send", sent)
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT


def test_a_client_with_one_thread(one, hub, commit):
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == IN_TURN


def test_several_large_files_of_a_snapshot(run, hub, large):
    files = {f"{seed}.bin": random.Random(seed).randbytes(900 + seed) for seed in range(7)}
    hub.commit({name: large(data) for name, data in files.items()})
    run.set(concurrency=4)
    folder = run(snapshot_download, REPO)
    assert {name: content(Path(folder, name)) for name in files} == files


def test_a_file_of_git(run, hub):
    hub.commit({NAME: CONTENT})
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT
    assert resolved(hub) == 10, "each range is requested from the Hub itself, with the token"


def test_progress(run, commit):
    events = []
    run.set(progress=events.append)
    run(hf_hub_download, REPO, NAME)
    assert [event.state for event in events if event.state != "advanced"] == ["started", "finished"]
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1].done == 1000


# Faults


@pytest.mark.parametrize("how", [{"cut": 37}, {"short": 37}])
def test_a_broken_range_is_resumed_alone_at_its_last_byte(one, hub, commit, spoil, how):
    spoil()
    spoil(**how)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(0, 100), (100, 200), (137, 200), *IN_TURN[2:]]


def test_breaks_with_progress_are_not_counted(run, commit, spoil):
    run.set(attempts=2)
    for _ in range(50):
        spoil(cut=9)
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT


def test_one_connection_that_fails_leaves_its_range_to_the_others(run, hub, commit, monkeypatch):
    """A server that allows two connections of a client."""
    run.set(attempts=2, concurrency=8)
    send = type(hub).send
    slots = threading.Semaphore(2)

    def sent(self, request, **how):
        if "range" not in request.headers:
            return send(self, request, **how)
        if not slots.acquire(blocking=False):
            raise TransportError("connection refused")
        try:
            return send(self, request, **how)
        finally:
            slots.release()

    monkeypatch.setattr(type(hub), "send", sent)
    monkeypatch.setattr(connections, "FIRST_CONNECTIONS", 6)
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT


def test_no_connection_that_works_is_an_error_and_a_later_run_goes_on(run, hub, commit, blobs, spoil):
    run.set(concurrency=3)
    for _ in range(3):
        spoil()
    for _ in range(40):
        spoil(error=TransportError("broke"))
    with pytest.raises(TransportError, match="broke"):
        run(hf_hub_download, REPO, NAME)
    assert left(blobs) == ["ranges", "ranges-map"]
    hub.spoilt.clear()
    hub.forget()
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT
    # Three were received before; which ones depends on the order of the threads.
    assert set(ranges(hub)) < set(IN_TURN)
    assert len(ranges(hub)) == len(IN_TURN) - 3
    assert left(blobs) == []


WRONG = [
    {"headers": {"content-range": "bytes 99-199/1000"}},
    {"headers": {"content-range": "nonsense"}},
    {"headers": {"content-encoding": "gzip"}},
    {"headers": {"etag": '"another"'}},
    {"status": 416},
]


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_range_is_requested_again(one, hub, commit, spoil, how):
    spoil()
    spoil(**how)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(0, 100), (100, 200), *IN_TURN[1:]]


@pytest.mark.parametrize("how", WRONG)
def test_after_two_wrong_ranges_the_whole_file_is_requested(one, hub, commit, spoil, how):
    spoil()
    spoil(**how)
    spoil(**how)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(0, 100), (100, 200), (100, 200), None]


def test_wrong_ranges_of_several_connections(run, hub, commit, spoil):
    for _ in range(8):
        spoil(headers={"content-range": "nonsense"})
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT


def test_a_range_that_is_too_long_is_cut(one, hub, commit, monkeypatch):
    """A server that ignores the end of the range."""
    answer = type(hub)._content

    def endless(self, body, etag, start, stop, ranged):
        return answer(self, body, etag, start, None, ranged)

    monkeypatch.setattr(type(hub), "_content", endless)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == IN_TURN


def test_a_server_without_ranges_needs_one_request(run, hub, commit, spoil):
    spoil(whole=True)
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(0, 100)]


def test_a_server_without_ranges_that_breaks_each_time(run, hub, commit, spoil):
    for _ in range(run.settings.attempts + 1):
        spoil(cut=9, whole=True)
    with pytest.raises(TransportError):
        run(hf_hub_download, REPO, NAME)
    assert len(ranges(hub)) == run.settings.attempts + 1


def test_a_server_that_serves_ranges_no_more(one, hub, commit, spoil):
    for _ in range(3):
        spoil()
    spoil(whole=True, cut=500)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [*IN_TURN[:4], (500, 1000)], "one stream is used, and resumed"


def test_whole_files_in_the_middle_of_several_connections(run, commit, spoil):
    for _ in range(3):
        spoil()
    for _ in range(30):
        spoil(whole=True)
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT


def test_a_mirror_without_etags_is_used_through_one_connection(run, hub, commit, spoil):
    for _ in range(9):
        spoil(without="etag")
    assert content(run(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(0, 100), (100, 1000)]


def test_a_signed_url_that_has_expired(one, hub, commit, spoil):
    for _ in range(3):
        spoil()
    spoil(status=403)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [*IN_TURN[:4], *IN_TURN[3:]]
    assert resolved(hub) == 2


def test_after_a_failure_the_hub_chooses_the_storage_again(one, hub, commit, spoil):
    spoil()
    spoil(cut=10)
    hub_storage = hub.storage

    def moved(_):
        hub.storage = "https://mirror.test"

    assert content(one(hf_hub_download, REPO, NAME, paused=moved)) == CONTENT
    assert hub_storage == STORAGE
    assert f"GET https://mirror.test/{ETAG} from 110" in hub.asked


@pytest.mark.parametrize("status", [403, 404])
def test_other_errors_are_raised(run, commit, spoil, status):
    for _ in range(20):
        spoil(status=status)
    with pytest.raises(HfHubHTTPError):
        run(hf_hub_download, REPO, NAME)


def test_wrong_bytes_in_one_range_start_anew_in_one_stream(one, hub, commit, spoil, caplog):
    spoil()
    spoil(body=b"x" * 1000)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [*IN_TURN, None]
    assert "again from the start" in caplog.text


def test_wrong_bytes_again_are_an_error(one, commit, spoil, blobs):
    for _ in range(11):
        spoil(body=b"x" * 1000)
    with pytest.raises(IntegrityError):
        one(hf_hub_download, REPO, NAME)
    assert list(blobs.iterdir()) == []


def test_a_wrong_length_is_an_error(one, commit, spoil, blobs):
    spoil(whole=True, body=CONTENT[:-1])
    with pytest.raises(IntegrityError, match="1000 bytes"):
        one(hf_hub_download, REPO, NAME)
    assert list(blobs.iterdir()) == []


def test_a_connection_that_drips_is_left(one, hub, commit, monkeypatch):
    """One piece in 50 seconds, which no read timeout detects."""
    seconds = iter(range(0, 100_000, 50))
    send = type(hub).send

    class Ticking:
        def __init__(self, sink):
            self.sink = sink

        def begin(self, response):
            return self.sink.begin(response)

        def write(self, piece):
            one.io.waited = next(seconds)
            self.sink.write(piece)

    def slow(self, request, *, sink=None, **how):
        return send(self, request, sink=sink and Ticking(sink), **how)

    monkeypatch.setattr(type(hub), "send", slow)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert len(ranges(hub)) > 10


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_does_not_take_the_bytes(run, commit, blobs, monkeypatch, error):
    def refused(self, data, position):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(ranged_files.RangedFile, "write_at", refused)
    with pytest.raises(DiskError, match=f"Errno {error}") as caught:
        run(hf_hub_download, REPO, NAME)
    if error != errno.EIO:
        assert "No space left to write the 1000 bytes" in str(caught.value)
    assert list(blobs.iterdir()) == []


@pytest.mark.parametrize("how", ["a byte", "cut", "longer"])
def test_what_another_process_does_to_the_file_is_noticed(one, commit, blobs, how, monkeypatch):
    hashed = ranged_files.RangedFile.read_at
    times = [1]

    def interfering(self, room, position):
        if position == 0 and times:
            times.pop()
            (part,) = blobs.glob("*.ranges")
            with open(part, "r+b") as file:
                if how == "a byte":
                    file.write(b"\x00\x01\x02")
                elif how == "cut":
                    file.truncate(10)
                else:
                    file.seek(1000)
                    file.write(b"more")
        return hashed(self, room, position)

    monkeypatch.setattr(ranged_files.RangedFile, "read_at", interfering)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert left(blobs) == []


@pytest.mark.parametrize("seed", range(60))
def test_any_course_of_faults(run, hub, commit, cache, spoil, seed):
    """Whatever the faults: the content is correct, or there is an error and no file."""
    chance = random.Random(seed)
    run.set(concurrency=chance.choice([1, 2, 5]))
    for _ in range(3):
        for _ in range(chance.randrange(25)):
            spoil(
                cut=chance.choice([None, None, chance.randrange(101)]),
                short=chance.choice([None, None, None, chance.randrange(101)]),
                status=chance.choice([None] * 9 + [500, 416, 404, 403]),
                whole=chance.random() < 0.1,
                headers=chance.choice(
                    [{}] * 8 + [{"content-range": "bytes 4-31/32"}, {"etag": f'"{chance.random()}"'}]
                ),
                without=chance.choice(["", "", "", "", "etag", "content-range"]),
                body=chance.choice([None] * 12 + [b"x" * 1000, CONTENT[:20], CONTENT * 2]),
                error=chance.choice([None, None, None, TransportError("broke")]),
            )
        try:
            path = run(hf_hub_download, REPO, NAME, force_download=chance.random() < 0.3)
        except (HfHubHTTPError, IntegrityError, ProtocolError, TransportError):
            pass
        else:
            assert content(path) == CONTENT
            Path(path).unlink()
            Path(path).resolve().unlink(missing_ok=True)
        hub.spoilt.clear()
    assert content(run(hf_hub_download, REPO, NAME, force_download=True)) == CONTENT
    assert left(cache / "models--org--model/blobs") == []


# Partial files


def interrupted(blobs, owner, gaps, data=CONTENT, length=1000, checksum=None):
    """Write the files that an interrupted download leaves."""
    import zlib

    body = " ".join([str(len(data)), *(f"{start}-{end}" for start, end in gaps)]).encode()
    mixed = bytearray(data[:length])
    for start, end in gaps:
        mixed[start:end] = b"\0" * len(mixed[start:end])
    (blobs / f"{ETAG}.{owner}.ranges").write_bytes(mixed)
    checksum = zlib.crc32(body) if checksum is None else checksum
    (blobs / f"{ETAG}.{owner}.ranges-map").write_bytes(b"%08x %s\nrest of a longer map" % (checksum, body))


GAPS = [(150, 230), (900, 1000)]


def test_finished_ranges_of_an_earlier_run_are_kept(one, hub, commit, blobs, dead):
    interrupted(blobs, dead, GAPS, length=950)
    inode = (blobs / f"{ETAG}.{dead}.ranges").stat().st_ino
    path = one(hf_hub_download, REPO, NAME)
    assert content(path) == CONTENT
    assert ranges(hub) == GAPS
    assert os.stat(path).st_ino == inode, "it was taken over, and not copied"
    assert left(blobs) == []


@pytest.mark.parametrize(
    "how",
    [
        {"checksum": 7},
        {"gaps": [(900, 800)]},
        {"gaps": [(0, 2000)]},
        {"gaps": [(150, 230), (200, 1000)]},
        {"length": 100},
        {"data": CONTENT + b"x"},
    ],
)
def test_a_map_that_does_not_fit_counts_nothing(one, hub, commit, blobs, dead, how):
    interrupted(blobs, dead, **{"gaps": GAPS, **how})
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == IN_TURN
    assert left(blobs) == []


@pytest.mark.parametrize("missing", ["ranges", "ranges-map"])
def test_a_file_without_its_map_counts_nothing(one, hub, commit, blobs, dead, missing):
    interrupted(blobs, dead, GAPS)
    (blobs / f"{ETAG}.{dead}.{missing}").unlink()
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == IN_TURN
    assert left(blobs) == []


def test_a_map_that_counts_bytes_that_were_not_written_starts_anew_once(one, hub, commit, blobs, dead, caplog):
    """As after a power failure."""
    interrupted(blobs, dead, GAPS, data=b"\0" * 1000)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [*GAPS, *IN_TURN]
    assert "again from the start" in caplog.text


@pytest.mark.parametrize("name", ["incomplete", "0a1b2c3d.incomplete", "ffffffff-1-2-0a0b0c-0a0b0c.incomplete"])
def test_a_partial_file_of_another_client_is_continued(one, hub, commit, blobs, name):
    (blobs / f"{ETAG}.{name}").write_bytes(CONTENT[:777])
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [(777, 877), (877, 977), (977, 1000)]
    assert left(blobs) == []


def test_a_partial_file_of_an_older_version_is_taken_over(one, hub, commit, blobs, dead):
    (blobs / f"{ETAG}.{dead}.incomplete").write_bytes(CONTENT[:777])
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub)[0] == (777, 877)
    assert left(blobs) == []


def test_the_most_complete_file_is_continued(one, hub, commit, blobs, dead):
    (blobs / f"{ETAG}.incomplete").write_bytes(CONTENT[:777])
    interrupted(blobs, dead, GAPS)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == GAPS


def test_a_file_of_another_machine_is_copied(one, hub, commit, blobs):
    interrupted(blobs, "ffffffff-1-2-0a0b0c-0a0b0c", GAPS)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == GAPS


def test_a_file_in_use_is_neither_taken_nor_swept(one, hub, commit, blobs):
    owner = new_owner(NAME)
    interrupted(blobs, owner, GAPS)
    try:
        assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    finally:
        end_owner(owner)
    assert ranges(hub) == IN_TURN
    assert left(blobs) == ["ranges", "ranges-map"]


def test_a_hard_link_is_not_written_to(one, commit, blobs, dead, tmp_path):
    interrupted(blobs, dead, GAPS)
    os.link(blobs / f"{ETAG}.{dead}.ranges", tmp_path / "precious")
    kept = content(tmp_path / "precious")
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert content(tmp_path / "precious") == kept


def test_no_other_client_takes_a_file_with_gaps_for_its_own(one, hub, commit, blobs, dead, monkeypatch):
    """They take a name that ends in .incomplete, and the size for the number of bytes."""
    interrupted(blobs, dead, GAPS)
    monkeypatch.setattr(fetch, "MIN_RANGED_SIZE", 1 << 60)
    assert content(one(hf_hub_download, REPO, NAME)) == CONTENT
    assert ranges(hub) == [None]
    assert left(blobs) == []


def test_a_waiting_process_sees_that_ranges_arrive(hub, commit, blobs):
    owner = new_owner(NAME)
    interrupted(blobs, owner, GAPS)
    with Folder.root(blobs) as folder:
        files = PartialFiles(folder, ETAG, None, NAME, 1 << 20)
        seen = files.used_by_others(0.0, locked=False)
        assert [name for name, _, _ in seen] == [f"{ETAG}.{owner}.ranges"]
        os.utime(blobs / f"{ETAG}.{owner}.ranges", (1, 1))
        assert files.used_by_others(0.0, locked=False) != seen
    end_owner(owner)


def test_files_of_interrupted_downloads_are_listed_as_incomplete(cache, blobs, dead):
    interrupted(blobs, dead, GAPS)
    found = {one.file_path.name.rpartition(".")[2] for one in scan_cache_dir(cache).incomplete_files}
    assert found == {"ranges", "ranges-map"}


def test_a_forced_download_starts_anew(one, hub, commit, blobs, dead):
    interrupted(blobs, dead, GAPS)
    assert content(one(hf_hub_download, REPO, NAME, force_download=True)) == CONTENT
    assert ranges(hub) == IN_TURN


# Plan and number of connections


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_gives_each_byte_to_one_connection_until_all_are_there(seed):
    chance = random.Random(seed)
    plan = range_plan.RangePlan(5000, [(0, 1000), (1500, 5000)])
    written = bytearray(5000)
    active = []
    while plan.missing() or active:
        if chance.random() < 0.5 and (one := plan.take(chance.choice([0, 300, 10**9]))) is not None:
            active.append(one)
        elif active:
            one = chance.choice(active)
            count = chance.randrange(one.end - one.at + 1)
            for at in range(one.at, one.at + count):
                written[at] += 1
            plan.advance(one, count)
            if one.at == one.end or chance.random() < 0.2:
                active.remove(one)
                plan.release(one)
        gaps = plan.missing()
        assert all(first[1] <= second[0] for first, second in pairwise(gaps))
        assert plan.done == 500 + sum(written)
        assert plan.prefix == (gaps[0][0] if gaps else 5000)
    assert written == b"\1" * 1000 + b"\0" * 500 + b"\1" * 3500


def growth(throughput, limit, busy=0.0):
    """Return the number of connections when the growth ends, if this is the throughput with a number of them.

    Args:
        busy: Seconds in which the line brings less.
    """
    growing, count, now = connections.Growth(limit), 1, 0.0
    growing.opened(now)
    for _ in range(100):
        if more := growing.wanted(now):
            count += more
            for _ in range(more + 1):
                now += 0.3  # the time to open them does not count
                growing.opened(now)
        now += 0.1
        growing.receive(int((throughput(count) if now > busy else 50e6) * 0.1))
    return count


def test_connections_are_added_while_the_throughput_grows():
    assert growth(lambda count: 50e6 * count, 32) == 32
    assert growth(lambda count: 50e6 * count, 11) == 11
    assert growth(lambda count: 50e6 * count, 3) == 3
    assert growth(lambda count: min(50e6 * count, 400e6), 32) == 16
    assert growth(lambda count: 800e6, 32) == 8
    assert growth(lambda count: 50e6 * count, 1) == 1


def test_a_line_that_was_busy_is_measured_again():
    assert growth(lambda count: 50e6 * count, 32, busy=3.0) == 32
