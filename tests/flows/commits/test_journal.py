"""Upload states of a large folder, in our format and in both formats of the official client."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import pytest
from hypothesis import given, strategies as st

from hub_typed.flows.commits.journal import Journal, Record, _parse, _serialize

SHA = "ab" * 32
NOW = 2_000_000_000.0


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.bin").write_bytes(b"0123456789")
    os.utime(tmp_path / "deep" / "a.bin", (NOW - 10, NOW - 10))
    made = Journal(tmp_path)
    made.make()
    return made


FOUND = Record(size=10, ignored=False, sha256=SHA, mode="lfs", uploaded=True)


def kept(journal: Journal, text: str) -> Record:
    file = journal.folder / ".cache/huggingface/upload/deep/a.bin.metadata"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return journal.read("deep/a.bin")


def test_what_is_written_is_read_again(journal):
    assert journal.read("deep/a.bin") == Record(size=10)
    journal.write("deep/a.bin", FOUND, NOW)
    assert journal.read("deep/a.bin") == FOUND
    done = attrs.evolve(FOUND, committed=True)
    journal.write("deep/a.bin", done, NOW)
    assert journal.read("deep/a.bin") == done
    assert (journal.folder / ".cache/huggingface/.gitignore").read_text() == "*"


@given(
    size=st.integers(0),
    ignored=st.none() | st.booleans(),
    sha256=st.none() | st.just(SHA),
    mode=st.sampled_from([None, "regular", "lfs"]),
    uploaded=st.booleans(),
    committed=st.booleans(),
    saved=st.floats(0, 1e11),
)
def test_every_record_comes_back(saved, **members):
    record = Record(**members)
    assert _parse(_serialize(record, saved)) == (saved, record)


@pytest.mark.parametrize(
    ("uploaded", "committed", "seven", "eight"),
    [
        (False, False, (False, False), (False, False)),
        (True, False, (True, False), (False, False)),
        (True, True, (True, True), (True, True)),
    ],
)
def test_what_is_written_is_right_for_both_generations(uploaded, committed, seven, eight):
    lines = _serialize(attrs.evolve(FOUND, uploaded=uploaded, committed=committed), NOW).splitlines()
    assert len(lines) == 8
    assert tuple(bool(int(line)) for line in lines[5:7]) == seven
    assert tuple(bool(int(line)) for line in lines[6:8]) == eight


@pytest.mark.parametrize("oid", [None, "", "c0ffee" * 6, SHA], ids=["0.27", "no id", "git", "lfs"])
@pytest.mark.parametrize(("uploaded", "committed"), [(0, 0), (1, 0), (1, 1)])
def test_records_of_the_official_client_are_read(journal, oid, uploaded, committed):
    text = f"{NOW}\n10\n0\n{SHA}\nlfs\n" + ("" if oid is None else f"{oid}\n") + f"{uploaded}\n{committed}\n"
    assert kept(journal, text) == attrs.evolve(FOUND, uploaded=bool(uploaded), committed=bool(committed))


def test_what_is_not_known_yet_is_left_empty(journal):
    assert kept(journal, f"{NOW}\n10\n\n\n\n0\n0\n") == Record(size=10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "soon\n10\n\n\n\n0\n0\n",
        f"{NOW}\nmany\n\n\n\n0\n0\n",
        f"{NOW}\n10\n0\n\nxet\n0\n0\n",
        f"{NOW}\n10\n\n\n\n2",
    ],
)
def test_what_is_damaged_is_told_and_found_out_anew(journal, text, caplog):
    assert kept(journal, text) == Record(size=10)
    assert "damaged" in caplog.text


def test_a_file_that_changed_is_not_known(journal):
    journal.write("deep/a.bin", FOUND, NOW)
    os.utime(journal.folder / "deep/a.bin", (NOW + 1, NOW + 1))
    assert journal.read("deep/a.bin") == Record(size=10)


def test_a_file_of_another_size_is_not_known(journal):
    journal.write("deep/a.bin", FOUND, NOW)
    (journal.folder / "deep/a.bin").write_bytes(b"01234567890")
    os.utime(journal.folder / "deep/a.bin", (NOW - 10, NOW - 10))
    assert journal.read("deep/a.bin") == Record(size=11)


def test_a_name_too_long_for_a_record_is_uploaded_without_one(journal, caplog):
    path = "a" * 250
    (journal.folder / path).write_bytes(b"")
    journal.write(path, Record(size=0), NOW)
    assert "could not be written" in caplog.text
    assert journal.read(path) == Record(size=0)
    assert not list((journal.folder / ".cache/huggingface").glob("*.tmp"))
