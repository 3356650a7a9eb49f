"""LFS files, from the preupload request to the last uploaded byte."""

from __future__ import annotations

import io as stdio
import os
import pickle
import time

import pytest

from hub_typed.errors import HfHubHTTPError, LfsRefusedError, ProtocolError, SourceChangedError, TransportError
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import CommitOperationAdd as Add
from hub_typed.flows.lfs import content as contents
from hub_typed.flows.lfs.content import Content

LARGE = bytes(range(256)) * 40


def commit(run, *additions, **words):
    return run(lambda io: create_commit(io, "me/repo", additions, commit_message="m", **words))


@pytest.fixture
def small_blocks(monkeypatch):
    """Read files in pieces of 1000 bytes."""
    monkeypatch.setattr(contents, "BLOCK_SIZE", 1000)


@pytest.fixture(params=["path", "bytes", "file object"])
def source(request, tmp_path):
    """The same content as each supported type of source."""
    if request.param == "bytes":
        return LARGE
    if request.param == "file object":
        return stdio.BytesIO(LARGE)
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    return path


def test_one_file_goes_to_the_store_in_one_piece(run, hub, source):
    commit(run, Add("w.bin", source))
    oid = hub.sha256(LARGE)
    assert hub.kinds == ["preupload", "batch", "put", "commit"]
    batch = hub.of("batch")[0]
    assert batch.json == {
        "operation": "upload",
        "transfers": ["basic", "multipart"],
        "objects": [{"oid": oid, "size": len(LARGE)}],
        "hash_algo": "sha256",
        "ref": {"name": "main"},
    }
    assert batch.path == "/me/repo.git/info/lfs/objects/batch"
    assert batch.headers["accept"] == batch.headers["content-type"] == "application/vnd.git-lfs+json"
    assert hub.stored == {oid: LARGE}


def test_the_store_sees_neither_the_token_nor_headers_of_ours(run, hub):
    hub.part_size, hub.verifies = 4096, True
    commit(run, Add("w.bin", LARGE))
    foreign = [one.headers for one in hub.sent if one.kind in ("put", "complete")]
    assert len(foreign) == 4
    assert all("authorization" not in headers for headers in foreign)
    assert set(foreign[0]) == {"user-agent"}
    assert hub.of("verify")[0].headers["authorization"] == "Bearer hf_token"


@pytest.mark.usefixtures("small_blocks")
def test_parts_make_up_the_file(run, hub, source):
    hub.part_size = 900
    commit(run, Add("w.bin", source))
    oid = hub.sha256(LARGE)
    assert hub.stored == {oid: LARGE}
    assert sorted(int(one.query["part"][0]) for one in hub.of("put")) == list(range(1, 13))
    (complete,) = hub.of("complete")
    assert complete.json == {"oid": oid, "parts": [{"partNumber": n, "etag": f'"part-{n}"'} for n in range(1, 13)]}
    assert complete.query == {"signature": ["secret"]}


def test_what_the_store_has_is_not_sent_again(run, hub):
    hub.stored = {hub.sha256(LARGE): LARGE}
    hub.verifies = True
    commit(run, Add("w.bin", LARGE))
    assert hub.kinds == ["preupload", "batch", "commit"]


def test_the_same_bytes_are_sent_once(run, hub):
    file = stdio.BytesIO(LARGE)
    commit(run, Add("a.bin", LARGE), Add("b.bin", file), Add("c.bin", file))
    assert hub.kinds == ["preupload", "batch", "put", "commit"]
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["a.bin", "b.bin", "c.bin"]


def test_objects_are_asked_about_256_at_a_time(run, hub):
    commit(run, *[Add(f"{n}.bin", b"%d" % n) for n in range(300)])
    assert sorted(len(one.json["objects"]) for one in hub.of("batch")) == [44, 256]
    assert len(hub.of("put")) == len(hub.stored) == 300


def test_the_hub_is_asked_to_check_where_it_wants_to(run, hub):
    hub.verifies = True
    commit(run, Add("w.bin", LARGE))
    assert hub.kinds == ["preupload", "batch", "put", "verify", "commit"]
    assert hub.of("verify")[0].json == {"oid": hub.sha256(LARGE), "size": len(LARGE)}


def test_all_files_that_are_refused_are_named_at_once(run, hub):
    hub.refused = {hub.sha256(b"a"): "too evil", hub.sha256(b"c"): "over quota"}
    with pytest.raises(
        LfsRefusedError, match=r"refused 2 LFS files of me/repo(?s:.*)a\.bin: too evil\nc\.bin: over quota"
    ):
        commit(run, Add("a.bin", b"a"), Add("b.bin", b"b"), Add("c.bin", b"c"))
    assert hub.kinds == ["preupload", "batch"]


def test_an_answer_that_leaves_an_object_out_is_refused(run, hub):
    hub.fail("batch", hub.answered(200, {"objects": []}))
    with pytest.raises(ProtocolError, match=r"me/repo does not include w\.bin"):
        commit(run, Add("w.bin", LARGE))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("part_size", [None, 5000])
@pytest.mark.parametrize("again", [TransportError("broke"), 500, 503])
def test_an_upload_that_failed_is_sent_again_from_its_beginning(run, hub, source, part_size, again):
    hub.part_size = part_size
    failure = again if isinstance(again, Exception) else hub.answered(again)
    hub.fail("put", failure, failure)
    commit(run, Add("w.bin", source))
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert [len(one.body) for one in hub.of("put")].count(2000) == 2


def test_an_upload_that_goes_on_failing_ends_before_the_commit(run, hub):
    hub.fail("put", *[TransportError("broke")] * 5)
    with pytest.raises(TransportError, match="broke") as caught:
        commit(run, Add("w.bin", LARGE))
    assert hub.kinds == ["preupload", "batch", *["put"] * 5]
    assert str(caught.value).endswith(
        "\nThis was the upload of w.bin to me/repo; nothing was committed. Call again to send what is missing."
    )


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("part_size", [None, 3000])
def test_a_url_that_has_aged_is_asked_for_anew(run, hub, events, part_size):
    hub.part_size = part_size
    hub.fail("put", hub.answered(403))
    commit(run, Add("w.bin", LARGE), num_threads=1)
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert len(hub.of("batch")) == 2
    sent = [event for event in events if event.kind == "upload"]
    assert sent[-1].done == max(event.done for event in sent) == len(LARGE)


def test_a_store_that_goes_on_refusing_is_believed(run, hub):
    hub.fail("put", hub.answered(403), hub.answered(403))
    with pytest.raises(HfHubHTTPError, match="403") as caught:
        commit(run, Add("w.bin", LARGE))
    assert "secret" not in str(caught.value)
    assert hub.kinds == ["preupload", "batch", "put", "batch", "put"]


@pytest.mark.parametrize(
    "header",
    [
        {"chunk_size": "5120"},
        {"chunk_size": "5120", "1": "https://store.test/1"},
        {"chunk_size": "5120", "1": "https://store.test/1", "2": "https://store.test/2", "3": "https://store.test/3"},
        {"chunk_size": "0", "1": "https://store.test/1"},
        {"chunk_size": "many", "1": "https://store.test/1"},
    ],
)
def test_parts_that_do_not_add_up_are_refused(run, hub, header):
    upload = {"href": "https://store.test/x", "header": header}
    asked = {"oid": hub.sha256(LARGE), "size": len(LARGE), "actions": {"upload": upload}}
    hub.fail("batch", hub.answered(200, {"objects": [asked]}))
    with pytest.raises(ProtocolError, match=r"requests w\.bin, 10240 bytes, in \d parts"):
        commit(run, Add("w.bin", LARGE))
    assert hub.kinds == ["preupload", "batch"]


def test_parts_are_sorted_as_numbers(run, hub):
    oid = hub.sha256(LARGE)
    parts = {f"{n}": f"https://store.test/{oid}?part={n}" for n in range(11, 0, -1)}
    upload = {"href": f"https://store.test/{oid}", "header": {"chunk_size": "1000", **parts}}
    asked = {"oid": oid, "size": len(LARGE), "actions": {"upload": upload}}
    hub.fail("batch", hub.answered(200, {"objects": [asked]}))
    commit(run, Add("w.bin", LARGE))
    assert hub.stored == {oid: LARGE}


def test_a_part_without_an_etag_is_refused(run, hub):
    hub.part_size = 3000
    hub.fail("put", hub.answered(200), hub.answered(200), hub.answered(200), hub.answered(200))
    with pytest.raises(ProtocolError, match=r"no ETag for part \d of w\.bin"):
        commit(run, Add("w.bin", LARGE))
    assert hub.of("complete") == []


@pytest.mark.parametrize("kind", ["batch", "put"])
@pytest.mark.parametrize("change", ["longer", "shorter", "touched", "replaced", "gone"])
def test_a_file_that_changes_meanwhile_is_not_committed(run, hub, tmp_path, kind, change):
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    other = tmp_path / "other"
    other.write_bytes(LARGE)
    answer = getattr(hub, kind)

    def changing(one):
        if change == "touched":
            os.utime(path, ns=(1, 1))
        elif change == "gone":
            path.unlink()
        elif change == "replaced":
            os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
            other.replace(path)
        else:
            path.write_bytes(LARGE + b"x" if change == "longer" else LARGE[:-1])
        return answer(one)

    setattr(hub, kind, changing)
    with pytest.raises(SourceChangedError, match=r"w\.bin changed during the upload"):
        # The regular file is read only when the commit is sent.
        commit(run, Add("w.bin", path), Add("a.txt", path))
    assert hub.stored == ({} if kind == "batch" else {hub.sha256(LARGE): LARGE})


def test_a_file_object_that_gets_shorter_is_not_committed(run, hub):
    file = stdio.BytesIO(LARGE)
    answer = hub.batch

    def changing(one):
        file.truncate(10)
        return answer(one)

    hub.batch = changing
    with pytest.raises(SourceChangedError, match="BytesIO"):
        commit(run, Add("w.bin", file))
    assert "commit" not in hub.kinds


@pytest.mark.parametrize("most", [0, 64 << 20])
def test_a_file_is_sent_in_small_pieces(run, hub, tmp_path, monkeypatch, most):
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.MAX_KEPT_BYTES", most)
    path = tmp_path / "w.bin"
    path.write_bytes(bytes(5 << 20))
    commit(run, Add("w.bin", path))
    assert hub.pieces[:20] == [1 << 18] * 20


class Alone(stdio.BytesIO):
    """A file that does not allow concurrent reads."""

    read_by = 0

    def read(self, size=-1, /):
        assert not self.read_by, "two read at once"
        self.read_by += 1
        try:
            time.sleep(0.002)
            return super().read(size)
        finally:
            self.read_by -= 1


@pytest.mark.usefixtures("small_blocks")
def test_nobody_reads_a_file_object_while_another_does(run, hub):
    hub.part_size = 3000
    file = Alone(LARGE)
    commit(run, *[Add(f"{n}.bin", file) for n in range(4)])
    assert hub.stored == {hub.sha256(LARGE): LARGE}


class Torn(stdio.BytesIO):
    """A file that ends before its reported size."""

    def read(self, size=-1, /):
        return super().read(min(size, max(0, 1500 - self.tell())))


@pytest.mark.usefixtures("small_blocks")
def test_a_file_object_that_ends_too_early_is_not_committed(run, hub):
    with pytest.raises(SourceChangedError, match="Torn"):
        commit(run, Add("w.bin", Torn(LARGE)))
    assert hub.kinds == ["preupload"]


@pytest.mark.usefixtures("small_blocks")
def test_not_a_byte_is_read_of_a_file_that_has_changed(tmp_path):
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    content = Content.of(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(SourceChangedError):
        next(iter(content.pieces()))


@pytest.mark.usefixtures("small_blocks")
def test_a_file_that_changes_while_it_is_read_is_found_out(tmp_path):
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    pieces = iter(Content.of(path).pieces(0, 2000))
    assert len(next(pieces)) == 1000
    os.utime(path, ns=(1, 1))
    assert len(next(pieces)) == 1000
    with pytest.raises(SourceChangedError):
        next(pieces)


def test_a_file_object_keeps_its_position(run):
    file = stdio.BytesIO(LARGE)
    file.seek(7)
    commit(run, Add("w.bin", file), Add("a.txt", file))
    assert file.tell() == 7


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("part_size", [None, 3000])
def test_progress_is_told_to_the_last_byte_and_once(run, hub, events, part_size):
    hub.part_size = part_size
    hub.fail("put", TransportError("broke"))
    commit(run, Add("w.bin", LARGE), num_threads=1)
    assert [(event.kind, event.state) for event in events if event.state != "advanced"] == [
        (kind, state) for kind in ("hash", "upload", "commit") for state in ("started", "finished")
    ]
    for kind in ("hash", "upload"):
        told = [event for event in events if event.kind == kind]
        assert {(event.name, event.total) for event in told} == {("w.bin", len(LARGE))}
        assert told[-1].done == max(event.done for event in told) == len(LARGE)
    assert {(event.name, event.total) for event in events if event.kind == "commit"} == {("me/repo", events[-1].done)}


def test_progress_tells_of_a_failure(run, hub, events):
    hub.fail("put", hub.answered(400))
    with pytest.raises(HfHubHTTPError):
        commit(run, Add("w.bin", LARGE))
    assert events[-1].state == "failed"


@pytest.mark.parametrize("error", [LfsRefusedError("too evil"), SourceChangedError("w.bin changed")])
def test_errors_of_uploads_can_be_pickled(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert type(error).__module__ == "hub_typed.errors"
