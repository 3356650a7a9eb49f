"""Downloads with faults on the way: the content is correct, or there is an error and the cache stays consistent."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
from pathlib import Path

import pytest

from hub_typed.errors import (
    DiskError,
    HfHubHTTPError,
    IntegrityError,
    OfflineModeIsEnabled,
    ProtocolError,
    TransportError,
)
from hub_typed.flows.files import partial_files
from hub_typed.flows.files.download import hf_hub_download

REPO = "org/model"
CONTENT = b"0123456789abcdef" * 2
ETAG = hashlib.sha256(CONTENT).hexdigest()
STORED = f"GET https://storage.test/{ETAG}"


@pytest.fixture(params=["LFS", "git"])
def name(request, hub, large):
    hub.commit({"small": CONTENT, "large": large(CONTENT)})
    return "large" if request.param == "LFS" else "small"


@pytest.fixture
def blobs(cache):
    return cache / "models--org--model" / "blobs"


@pytest.fixture
def partial(blobs, name):
    etag = ETAG if name == "large" else hashlib.sha1(b"blob 32\0" + CONTENT, usedforsecurity=False).hexdigest()
    blobs.mkdir(parents=True)
    return blobs / f"{etag}.incomplete"


def starts(hub):
    """Return the first byte that each request for content asked for."""
    bringing = [a for a in hub.asked if a.startswith(("GET https://storage.test/", "GET /org/model/resolve/"))]
    if any("storage" in a for a in bringing):
        bringing = [a for a in bringing if "storage" in a]
    return [int(a.partition(" from ")[2] or 0) for a in bringing]


def content(path):
    return Path(path).read_bytes()


@pytest.mark.parametrize("cut", [0, 1, 5, 16, 31])
def test_a_break_is_resumed_at_the_exact_byte(run, hub, name, spoil, cut):
    spoil(cut=cut)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, cut]


def test_an_end_too_soon_is_resumed_at_the_exact_byte(run, hub, name, spoil):
    spoil(short=7)
    spoil(short=3)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 7, 10]


def test_breaks_with_progress_are_not_counted(run, hub, name, spoil):
    run.set(attempts=2)
    for _ in range(len(CONTENT) - 1):
        spoil(cut=1)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == list(range(len(CONTENT)))


def test_breaks_without_progress_are_counted(run, hub, name, spoil, blobs):
    spoil(cut=9)
    for _ in range(run.settings.attempts):
        spoil(cut=0)
    with pytest.raises(TransportError, match="broke"):
        run(hf_hub_download, REPO, name)
    assert starts(hub) == [0, *[9] * run.settings.attempts]
    assert run.io.waited > 0
    hub.forget()
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [9], "a later run goes on where this one stopped"
    assert [path.name for path in blobs.iterdir() if path.suffix == ".incomplete"] == []


def test_a_partial_file_of_an_earlier_run(run, hub, name, partial):
    partial.write_bytes(CONTENT[:11])
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [11]


def test_a_partial_file_that_is_whole(run, hub, name, partial):
    partial.write_bytes(CONTENT)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == []


def test_a_partial_file_that_is_too_long(run, hub, name, partial):
    partial.write_bytes(CONTENT + b"x")
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0]


def test_a_damaged_partial_file(run, hub, name, partial, caplog):
    partial.write_bytes(b"x" * 11)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [11, 0]
    assert "again from the start" in caplog.text


def test_a_damaged_partial_file_of_the_right_size(run, hub, name, partial):
    partial.write_bytes(b"x" * len(CONTENT))
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0]


def test_an_answer_with_the_whole_file_starts_anew(run, hub, name, spoil):
    spoil(cut=9)
    spoil(whole=True)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9]


def test_a_server_that_knows_no_ranges_and_breaks_each_time(run, hub, name, spoil):
    for _ in range(run.settings.attempts + 1):
        spoil(cut=9, whole=True)
    with pytest.raises(TransportError):
        run(hf_hub_download, REPO, name)
    assert len(starts(hub)) == run.settings.attempts + 1


@pytest.mark.parametrize("header", ["bytes 8-31/32", "bytes 10-31/32", "bytes 0-31/32", "nonsense", ""])
def test_a_wrong_range_is_refused(run, hub, name, spoil, header):
    spoil(cut=9)
    spoil(headers={"content-range": header})
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0]


def test_what_is_there_is_kept_until_a_better_answer_comes(run, name, spoil, partial):
    partial.write_bytes(CONTENT[:9])
    spoil(headers={"content-range": "bytes 3-31/32"})
    for _ in range(run.settings.attempts):
        spoil(error=TransportError("broke"))
    with pytest.raises(TransportError):
        run(hf_hub_download, REPO, name)
    assert partial.read_bytes() == CONTENT[:9]


def test_after_a_wrong_range_the_next_may_be_right(run, hub, name, spoil):
    spoil(cut=9)
    spoil(headers={"content-range": "nonsense"})
    spoil(cut=20)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0, 20]


def test_a_range_of_compressed_data_is_refused(run, hub, name, spoil):
    spoil(cut=9)
    spoil(headers={"content-encoding": "gzip"})
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0]


def test_another_version_at_the_same_place_is_refused(run, hub, name, spoil):
    spoil(cut=9)
    spoil(headers={"etag": '"another"'})
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0]


def test_another_host_has_etags_of_its_own(run, hub, large, spoil):
    hub.commit({"large": large(CONTENT)})
    spoil(cut=9)

    def moved(_):
        hub.storage = "https://mirror.test"

    assert content(run(hf_hub_download, REPO, "large", paused=moved)) == CONTENT
    assert [asked for asked in hub.asked if ETAG in asked] == [STORED, f"GET https://mirror.test/{ETAG} from 9"]


def test_a_file_that_changed_between_two_answers(run, hub, name, spoil):
    """A mirror that sends other bytes without an ETag: only the hash reveals it."""
    spoil(cut=9, body=b"x" * len(CONTENT))
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0]


def test_416_starts_anew(run, hub, name, spoil):
    spoil(cut=9)
    spoil(status=416)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 0]


@pytest.mark.parametrize("status", [500, 503])
def test_errors_of_the_server_are_tried_again(run, hub, name, spoil, status):
    spoil(cut=9)
    spoil(status=status)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert starts(hub) == [0, 9, 9]


@pytest.mark.parametrize("status", [403, 404])
def test_other_errors_are_not(run, hub, name, spoil, status):
    spoil(status=status)
    with pytest.raises(HfHubHTTPError):
        run(hf_hub_download, REPO, name)
    assert starts(hub) == [0]


def test_wrong_bytes(run, hub, name, spoil, cache):
    wrong = b"x" * len(CONTENT)
    spoil(body=wrong)
    with pytest.raises(IntegrityError) as caught:
        run(hf_hub_download, REPO, name)
    if name == "large":
        assert ETAG in str(caught.value)
        assert hashlib.sha256(wrong).hexdigest() in str(caught.value)
    assert REPO in str(caught.value)
    assert name in str(caught.value)
    kept = [
        path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock" and path.name != "CACHEDIR.TAG"
    ]
    assert kept == []
    assert starts(hub) == [0]


@pytest.mark.parametrize("body", [CONTENT + b"x", CONTENT[:-1]])
@pytest.mark.parametrize("told", [True, False])
def test_wrong_size(run, hub, name, spoil, blobs, body, told):
    spoil(body=body, headers={} if told else {"content-length": "-"})
    if not told and len(body) < len(CONTENT):
        spoil(status=404)  # it looks like an end too soon, and is resumed
        with pytest.raises(HfHubHTTPError):
            run(hf_hub_download, REPO, name)
        return
    with pytest.raises(IntegrityError, match="32 bytes"):
        run(hf_hub_download, REPO, name)
    assert list(blobs.iterdir()) == []


def test_a_forced_download_that_fails_leaves_the_old_file(run, name, spoil):
    path = run(hf_hub_download, REPO, name)
    spoil(body=b"x" * len(CONTENT))
    with pytest.raises(IntegrityError):
        run(hf_hub_download, REPO, name, force_download=True)
    assert content(path) == CONTENT


def test_a_connection_that_drips_is_left(run, hub, name, spoil, monkeypatch):
    """One byte every other second, which no read timeout detects."""
    seconds = iter(range(0, 10_000, 30))
    send = type(hub).send

    def slow(self, request, *, sink=None, **how):
        if sink is None:
            return send(self, request, sink=sink, **how)
        return send(self, request, sink=Ticking(sink, lambda: setattr(run.io, "waited", next(seconds))), **how)

    class Ticking:
        def __init__(self, sink, tick):
            self.sink, self.tick = sink, tick

        def begin(self, response):
            return self.sink.begin(response)

        def write(self, piece):
            self.tick()
            self.sink.write(piece)

    monkeypatch.setattr(type(hub), "send", slow)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert len(starts(hub)) > 2
    assert starts(hub) == sorted(starts(hub))


@pytest.fixture
def full(monkeypatch):
    """Function that makes writes to the disk fail."""

    def by(error):
        def refused(descriptor, data):
            raise OSError(error, os.strerror(error))

        monkeypatch.setattr(partial_files, "write_all", refused)

    return by


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_does_not_take_the_bytes(run, hub, name, blobs, full, error):
    full(error)
    with pytest.raises(OSError, match=f"Errno {error}") as caught:
        run(hf_hub_download, REPO, name)
    assert isinstance(caught.value, DiskError)
    assert starts(hub) == [0]
    if error != errno.EIO:
        assert "No space left to write the 32 bytes" in str(caught.value)
        assert list(blobs.iterdir()) == [], "a partial file would keep the disk full"


def test_offline_mode_is_not_tried_again(run, hub, name, monkeypatch):
    """The connection may fail between the metadata request and the download."""
    send = type(hub).send

    def off(self, request, **how):
        if request.method == "GET":
            self.asked.append("GET")
            raise OfflineModeIsEnabled("off")
        return send(self, request, **how)

    monkeypatch.setattr(type(hub), "send", off)
    with pytest.raises(OfflineModeIsEnabled):
        run(hf_hub_download, REPO, name)
    assert hub.asked[1:] == ["GET"]


def test_progress(run, name, spoil):
    events = []
    run.set(progress=events.append)
    spoil(cut=9)
    spoil(whole=True)
    run(hf_hub_download, REPO, name)
    assert {(event.kind, event.name, event.total) for event in events} == {("download", name, 32)}
    assert [event.state for event in events if event.state != "advanced"] == ["started", "finished"]
    done = [event.done for event in events]
    assert done[:5] == [0, 4, 8, 9, 0]
    assert done[-1] == 32


def test_progress_of_a_resumed_and_of_a_failed_download(run, name, spoil, partial):
    events = []
    run.set(progress=events.append)
    partial.write_bytes(CONTENT[:9])
    spoil(status=404)
    with pytest.raises(HfHubHTTPError):
        run(hf_hub_download, REPO, name)
    assert [(event.state, event.done) for event in events] == [("started", 9), ("failed", 9)]


@pytest.mark.parametrize("seed", range(60))
def test_any_course_of_faults(run, hub, large, cache, spoil, seed):
    """Whatever the faults: the content is correct, or there is an error and no file."""
    chance = random.Random(seed)
    hub.commit({"large": large(CONTENT), "small": CONTENT})
    name = chance.choice(["large", "small"])
    for _ in range(3):
        for _ in range(chance.randrange(8)):
            spoil(
                cut=chance.choice([None, chance.randrange(33)]),
                short=chance.choice([None, None, chance.randrange(33)]),
                status=chance.choice([None, None, None, 500, 416, 404]),
                whole=chance.random() < 0.3,
                headers=chance.choice([{}, {}, {"content-range": "bytes 4-31/32"}, {"etag": f'"{chance.random()}"'}]),
                body=chance.choice([None, None, b"x" * 32, CONTENT[:20], CONTENT * 2]),
                error=chance.choice([None, None, TransportError("broke")]),
            )
        try:
            path = run(hf_hub_download, REPO, name)
        except (HfHubHTTPError, IntegrityError, ProtocolError, TransportError):
            assert not [file for file in cache.rglob("*") if file.is_symlink()]
            hub.spoilt.clear()
        else:
            assert content(path) == CONTENT
            hub.spoilt.clear()
            shutil.rmtree(cache)
    assert content(run(hf_hub_download, REPO, name)) == CONTENT
    assert not list(cache.rglob("*.incomplete"))
