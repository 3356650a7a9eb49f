"""DDUF files: written, read, and refused where they are no valid ones."""

from __future__ import annotations

import json
import struct
import zipfile

import pytest

from hub_typed import (
    DDUFEntry,
    export_entries_as_dduf,
    export_folder_as_dduf,
    read_dduf_file,
)
from hub_typed.errors import DDUFCorruptedFileError, DDUFError, DDUFExportError, DDUFInvalidEntryNameError

INDEX = json.dumps({"_class_name": "Pipeline", "vae": ["diffusers", "VAE"]}).encode()
ENTRIES = [
    ("model_index.json", INDEX),
    ("vae/config.json", b'{"channels": 3}'),
    ("vae/weights.safetensors", bytes(range(256)) * 1000),
]


def archive(path, entries, **options):
    """Write any ZIP archive."""
    with zipfile.ZipFile(path, "w", **options) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def test_entries_are_written_and_read(tmp_path):
    path = tmp_path / "model.dduf"
    config = tmp_path / "config.json"
    config.write_bytes(ENTRIES[1][1])
    export_entries_as_dduf(path, iter([ENTRIES[0], ("vae/config.json", config), ENTRIES[2]]))
    found = read_dduf_file(str(path))
    assert list(found) == [name for name, _ in ENTRIES]
    assert json.loads(found["vae/config.json"].read_text()) == {"channels": 3}
    weights = found["vae/weights.safetensors"]
    with weights.as_mmap() as mapped:
        assert mapped == ENTRIES[2][1]
    assert isinstance(weights, DDUFEntry)
    assert weights.length == 256_000
    assert path.read_bytes()[weights.offset : weights.offset + 10] == bytes(range(10))
    assert str(tmp_path) not in repr(weights)


def test_a_folder_becomes_a_file_without_what_is_not_allowed(tmp_path):
    folder = tmp_path / "model"
    for name, content in [*ENTRIES, ("README.md", b"text"), ("vae/deep/config.json", b"{}"), ("vae/a.bin", b"1")]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    export_folder_as_dduf(tmp_path / "model.dduf", folder)
    assert sorted(read_dduf_file(tmp_path / "model.dduf")) == sorted(name for name, _ in ENTRIES)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([], "has no model_index.json"),
        ([("model_index.json", b"[]")], "no JSON object"),
        ([("model_index.json", b"{")], "not valid JSON"),
        ([*ENTRIES, ENTRIES[1]], "vae/config.json is there twice"),
        ([ENTRIES[0], ENTRIES[2]], "the folder vae has none of config.json"),
        ([*ENTRIES, ("other/config.json", b"{}")], "does not name the folder other"),
        ([("../model_index.json", INDEX)], "at most one folder"),
        ([("/model_index.json", INDEX)], "at most one folder"),
        ([("a/b/c.json", b"{}")], "at most one folder"),
        ([("a\\b.json", b"{}")], "at most one folder"),
        ([("weights.bin", b"1")], "one of the extensions"),
        ([("folder/", b"")], "at most one folder"),
    ],
)
def test_what_is_no_model_is_not_written(tmp_path, entries, says):
    path = tmp_path / "model.dduf"
    path.write_bytes(b"an earlier file")
    with pytest.raises((DDUFExportError, DDUFCorruptedFileError), match=says) as caught:
        export_entries_as_dduf(path, entries)
    assert isinstance(caught.value, DDUFError)
    assert isinstance(caught.value, DDUFExportError)
    assert path.read_bytes() == b"an earlier file"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_read_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileNotFoundError):
        export_entries_as_dduf(tmp_path / "model.dduf", [ENTRIES[0], ("vae/config.json", tmp_path / "none")])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DDUFInvalidEntryNameError):
        export_entries_as_dduf(tmp_path / "model.dduf", [("weights.bin", b"1")])


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([*ENTRIES, ("vae/a.bin", b"1")], "one of the extensions"),
        ([*ENTRIES, ("../../etc/passwd.txt", b"1")], "at most one folder"),
        ([ENTRIES[1]], "has no model_index.json"),
        ([("model_index.json", b"\xff")], "not valid JSON"),
        ([("model_index.json", b"[" * 100_000)], "not valid JSON"),
        ([("model_index.json", b" " * 10_000_001)], "more than 10000000 bytes"),
        ([*ENTRIES, *[(f"{number}.txt", b"") for number in range(10_000)]], "more than 10000 entries"),
    ],
    ids=["extension", "path", "index", "bytes", "depth", "size", "number"],
)
def test_an_archive_that_is_no_model_is_refused(tmp_path, entries, says):
    with pytest.raises(DDUFCorruptedFileError, match=says):
        read_dduf_file(archive(tmp_path / "model.dduf", entries))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path):
    with pytest.raises(DDUFCorruptedFileError, match=r"vae/config\.json is there twice"):
        read_dduf_file(archive(tmp_path / "model.dduf", [*ENTRIES, ENTRIES[1]]))


def test_a_compressed_archive_is_refused(tmp_path):
    with pytest.raises(DDUFCorruptedFileError, match="compressed or encrypted"):
        read_dduf_file(archive(tmp_path / "model.dduf", ENTRIES, compression=zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive" * 100])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "model.dduf").write_bytes(content)
    with pytest.raises(DDUFCorruptedFileError, match="is not a ZIP archive"):
        read_dduf_file(tmp_path / "model.dduf")


def central(content: bytes, name: bytes) -> int:
    """Where the directory of an archive describes an entry."""
    return content.rindex(name) - 46


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [(42, "<I", 0), (42, "<I", 70_000), (24, "<I", 1 << 30), (8, "<H", 1)],
    ids=["overlap", "no header", "length", "encrypted"],
)
def test_entries_that_lie_about_their_place_are_refused(tmp_path, at, form, value):
    path = archive(tmp_path / "model.dduf", ENTRIES)
    content = bytearray(path.read_bytes())
    start = central(bytes(content), b"vae/weights.safetensors")
    struct.pack_into(form, content, start + at, value)
    if at == 24:
        struct.pack_into(form, content, start + 20, value)
    path.write_bytes(content)
    with pytest.raises(DDUFCorruptedFileError):
        read_dduf_file(path)


def test_a_file_that_is_missing_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_dduf_file(tmp_path / "none.dduf")
