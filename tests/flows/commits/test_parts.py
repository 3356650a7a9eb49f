"""Parts of LFS files: each is sent once, whether URLs expire, an upload fails, or a later run continues it."""

from __future__ import annotations

import io as stdio
import os
import time
from pathlib import Path

import pytest

from hub_typed.errors import HfHubHTTPError, SourceChangedError, TransportError
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import CommitOperationAdd as Add
from hub_typed.flows.lfs import content as contents
from hub_typed.flows.lfs.part_records import KEPT_SECONDS, PartRecords
from hub_typed.flows.lfs.parts import upload_id
from hub_typed_api.models import LfsAction

LARGE = bytes(range(256)) * 40
PART = 2000
COUNT = 6


@pytest.fixture(autouse=True)
def _parts(hub, monkeypatch):
    hub.part_size = PART
    monkeypatch.setattr(contents, "BLOCK_SIZE", 1000)


def commit(run, *additions, **words):
    words = {"num_threads": 1} | words
    return run(lambda io: create_commit(io, "me/repo", additions, commit_message="m", **words))


def sent(hub):
    """The numbers of the parts that were sent, in order."""
    return [int(one.query["part"][0]) for one in hub.of("put")]


def records(tmp_path):
    folder = tmp_path / "cache" / ".locks" / "uploads"
    return sorted(folder.iterdir()) if folder.exists() else []


def interrupted(run, hub, after=3):
    """Fail the upload after some parts."""
    answer, done = hub.put, 0

    def put(one):
        nonlocal done
        done += 1
        if done > after:
            raise TransportError("the machine lost its power")
        return answer(one)

    hub.put = put
    with pytest.raises(TransportError):
        commit(run, Add("w.bin", LARGE))
    hub.put = answer
    hub.sent.clear()


def test_a_url_that_expires_costs_no_part_that_was_sent(run, hub):
    answer = hub.put

    def put(one):
        if len(hub.of("put")) == 3 and len(hub.of("batch")) == 1:
            return hub.answered(403)
        return answer(one)

    hub.put = put
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [1, 2, 3, 3, 4, 5, 6]
    assert len(hub.of("batch")) == 2
    assert hub.stored == {hub.sha256(LARGE): LARGE}


def test_urls_may_expire_as_often_as_a_part_was_sent_meanwhile(run, hub):
    answer = hub.put

    def put(one):
        return hub.answered(403) if len(hub.of("put")) % 2 == 0 else answer(one)

    hub.put = put
    commit(run, Add("w.bin", LARGE))
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert len(hub.of("batch")) == COUNT


def test_all_parts_are_sent_again_if_the_new_urls_belong_to_another_upload(run, hub):
    granted, number = hub.granted, 0

    def renumbered(asked):
        nonlocal number
        number += 1
        answer = granted(asked)
        upload = answer["actions"]["upload"]
        upload["href"] += f"&uploadId={number}"
        return answer

    hub.granted = renumbered
    hub.fail("put", hub.answered(200, etag='"part-1"'), hub.answered(403))
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [1, 2, *range(1, COUNT + 1)]


def test_a_later_run_sends_only_the_parts_that_are_missing(run, hub, tmp_path, events):
    interrupted(run, hub)
    assert [file.name for file in records(tmp_path)] == [hub.sha256(LARGE)]
    assert b"secret" not in records(tmp_path)[0].read_bytes()
    events.clear()
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [4, 5, 6]
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert records(tmp_path) == []
    done = [event.done for event in events if (event.kind, event.state) == ("upload", "advanced")]
    assert (done[0], done[-1]) == (3 * PART, len(LARGE))


def test_the_record_of_another_content_is_not_used(run, hub, tmp_path):
    interrupted(run, hub)
    other = LARGE[::-1]
    commit(run, Add("w.bin", other))
    assert sent(hub) == list(range(1, COUNT + 1))
    assert hub.stored == {hub.sha256(other): other}


def test_all_parts_are_sent_again_if_the_storage_has_dropped_them(run, hub, caplog):
    interrupted(run, hub)
    hub.parts.clear()
    complete = hub.complete

    def strict(one):
        known = hub.parts[one.json["oid"]]
        if any(part["partNumber"] not in known for part in one.json["parts"]):
            return hub.answered(400, {"error": "InvalidPart"})
        return complete(one)

    hub.complete = strict
    with caplog.at_level("INFO", "hub_typed"):
        commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [4, 5, 6, *range(1, COUNT + 1)]
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert "no longer has the parts of an earlier run" in caplog.text


def test_a_completion_whose_answer_was_lost_is_not_an_error(run, hub):
    complete = hub.complete

    def lost(one):
        complete(one)
        hub.complete = lambda _: hub.answered(400, {"error": "NoSuchUpload"})
        return hub.answered(504)

    hub.complete = lost
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == list(range(1, COUNT + 1))
    assert hub.kinds[-1] == "commit"


def test_a_completion_that_is_refused_is_an_error(run, hub):
    hub.complete = lambda _: hub.answered(400, {"error": "InvalidPart"})
    with pytest.raises(HfHubHTTPError, match="400"):
        commit(run, Add("w.bin", LARGE))
    assert sent(hub) == list(range(1, COUNT + 1))


def test_a_damaged_record_is_as_good_as_what_is_left_of_it(run, hub, tmp_path):
    interrupted(run, hub)
    (file,) = records(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(b"\xff\xfe nonsense\n" + whole[:-3])
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [3, 4, 5, 6]


@pytest.mark.parametrize("number", ["0", "7", "-1", "+1", "1_0", "9" * 5000, "\N{ARABIC-INDIC DIGIT TWO}", ""])
def test_a_record_of_a_part_that_does_not_exist_is_ignored(run, hub, tmp_path, number):
    interrupted(run, hub)
    (file,) = records(tmp_path)
    upload = file.read_text().partition(" ")[0]
    with file.open("a") as appended:
        appended.write(f"{upload} {number} etag\n{upload}\n{upload} {number}\n\n")
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [4, 5, 6]
    assert hub.stored == {hub.sha256(LARGE): LARGE}


@pytest.mark.parametrize("etag", ['"a b"', '" \\r\\n {"', "x" * 100_000, "\N{SNOWMAN}"])
def test_all_parts_are_sent_again_if_a_recorded_etag_is_wrong(run, hub, tmp_path, etag):
    interrupted(run, hub)
    (file,) = records(tmp_path)
    upload = file.read_text().partition(" ")[0]
    file.write_text(f"{upload} 2 {etag}\n")
    complete = hub.complete

    def strict(one):
        if any(part["etag"] != f'"part-{part["partNumber"]}"' for part in one.json["parts"]):
            return hub.answered(400, {"error": "InvalidPart"})
        return complete(one)

    hub.complete = strict
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == [1, 3, 4, 5, 6, *range(1, COUNT + 1)]
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert records(tmp_path) == []


@pytest.mark.parametrize("what", ["folder", "link", "pipe"])
def test_what_is_no_record_is_left_alone(run, hub, tmp_path, what):
    interrupted(run, hub)
    (file,) = records(tmp_path)
    file.unlink()
    other = tmp_path / "other"
    other.write_bytes(b"untouched")
    if what == "folder":
        file.mkdir()
    elif what == "link":
        file.symlink_to(other)
    else:
        os.mkfifo(file)
    commit(run, Add("w.bin", LARGE))
    assert sent(hub) == list(range(1, COUNT + 1))
    assert hub.stored == {hub.sha256(LARGE): LARGE}
    assert other.read_bytes() == b"untouched"


def test_an_upload_goes_on_without_records(run, hub, tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    commit(run, Add("w.bin", LARGE))
    assert hub.stored == {hub.sha256(LARGE): LARGE}


def test_old_records_are_deleted(tmp_path):
    found = PartRecords(str(tmp_path), ("uploads",))
    found.append("a" * 64, "x 1 e\n")
    found.append("b" * 64, "x 1 e\n")
    old = time.time() - KEPT_SECONDS - 1
    os.utime(tmp_path / "uploads" / ("a" * 64), (old, old))
    (tmp_path / "uploads" / "folder").mkdir()
    os.utime(tmp_path / "uploads" / "folder", (old, old))
    assert found.open("b" * 64, "x", 5, time.time()).resumed == {1}
    assert sorted(file.name for file in (tmp_path / "uploads").iterdir()) == ["b" * 64, "folder"]


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("X-Amz-Date=2&X-Amz-Signature=b&uploadId=1", True),
        ("uploadId=1&Expires=9&Signature=c&Key-Pair-Id=k", True),
        ("X-Amz-Signature=a&uploadId=2", False),
        ("uploadId=1&part=2", False),
    ],
)
def test_an_upload_is_known_by_its_urls_without_their_signatures(query, same):
    def action(text):
        return LfsAction(href=f"https://s.test/x?{text}", header={"chunk_size": "5", "1": f"https://s.test/1?{text}"})

    assert (upload_id(action(query)) == upload_id(action("X-Amz-Signature=a&uploadId=1"))) is same


def overwrite(path: Path, content: bytes) -> None:
    """Overwrite a file in place, with the same size and times."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("part_size", [None, PART, 1500])
def test_a_file_that_was_overwritten_with_the_same_size_and_time_is_not_committed(
    run, hub, tmp_path, monkeypatch, part_size
):
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.MAX_KEPT_BYTES", 0)
    hub.part_size = part_size
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    answer = hub.batch

    def changing(one):
        overwrite(path, LARGE[:-1] + b"!")
        return answer(one)

    hub.batch = changing
    with pytest.raises(SourceChangedError, match=r"w\.bin changed during the upload"):
        commit(run, Add("w.bin", path))
    assert "commit" not in hub.kinds
    assert not hub.stored


def test_a_regular_file_that_was_overwritten_is_not_committed(run, hub, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(LARGE)
    hub.has("a.txt", b"before")
    answer = hub.batch

    def changing(one):
        overwrite(path, LARGE[:-1] + b"!")
        return answer(one)

    hub.batch = changing
    with pytest.raises(SourceChangedError, match=r"a\.txt changed during the upload"):
        commit(run, Add("a.txt", path), Add("w.bin", LARGE))


@pytest.mark.parametrize(("most", "times"), [(64 << 20, 1), (0, 2)])
def test_contents_of_small_files_are_read_once(run, hub, tmp_path, monkeypatch, most, times):
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.MAX_KEPT_BYTES", most)
    path = tmp_path / "w.bin"
    path.write_bytes(LARGE)
    read, positions = contents.Content._read, []

    def counted(content, file, position, size, *block):
        positions.append(position)
        return read(content, file, position, size, *block)

    monkeypatch.setattr(contents.Content, "_read", counted)
    hub.part_size = None
    commit(run, Add("w.bin", path))
    assert positions == [*range(0, len(LARGE), 1000)] * times
    assert hub.stored == {hub.sha256(LARGE): LARGE}


def test_a_file_object_is_read_by_one_at_a_time_however_many_operations_share_it(run, hub):
    class Alone(stdio.BytesIO):
        readers = 0

        def read(self, size=-1):
            assert not self.readers, "two read at once"
            self.readers += 1
            try:
                time.sleep(0.0001)
                return super().read(size)
            finally:
                self.readers -= 1

    hub.part_size = None
    file = Alone(LARGE)
    additions = [Add(f"{number}.{'bin' if number % 2 else 'txt'}", file) for number in range(300)]
    commit(run, *additions, num_threads=5)
    assert hub.stored == {hub.sha256(LARGE): LARGE}
