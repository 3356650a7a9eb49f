"""Whole transfers on a terminal: what people see of them, and what stays."""

from __future__ import annotations

import pytest

from tests.progress.terminals import Frame, play

START = """
import logging, os, pathlib, tempfile, threading, time
from hub_typed import HfApi, Settings
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status

logging.basicConfig(format="logged: %(message)s")
with tempfile.TemporaryDirectory() as scratch, LocalHub(xet=False) as hub:
    folder = pathlib.Path(scratch, "folder")
    for number in range(SMALL):
        path = folder / f"folder-{number % 7}" / f"file-{number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number * 100)
    for number in range(LARGE):
        (folder / f"model-{number:05}-of-{LARGE:05}.safetensors").write_bytes(os.urandom(1 << 20))
    settings = Settings(endpoint=hub.endpoint, cache_dir=scratch + "/cache", backoff=0.01, max_upload_rate=RATE,
                        max_download_rate=RATE)
    quiet = HfApi(token=hub.token, settings=Settings(endpoint=hub.endpoint, progress=False))
    api = HfApi(token=hub.token, settings=settings)
    repo = api.create_repo("thing").repo_id
"""
SNAPSHOT = """
    quiet.upload_folder(repo_id=repo, folder_path=folder)
    api.snapshot_download(repo)
    print("the end")
"""
UPLOAD = """
    api.upload_folder(repo_id=repo, folder_path=folder)
    print("the end")
"""
FAILURE = """
    quiet.upload_folder(repo_id=repo, folder_path=folder)
    hub.faults.add(Status(403), operation="files.resolve_file", path="*/model-00003*")
    try:
        api.snapshot_download(repo, max_workers=2)
    except Exception as error:
        print(type(error).__name__)
"""
OTHER_OUTPUT = """
    quiet.upload_folder(repo_id=repo, folder_path=folder)
    def talk():
        for number in range(12):
            time.sleep(0.1)
            print("printed", end=" ")
            print(number)
            logging.warning("%d", number)
            print()
    talking = threading.Thread(target=talk)
    talking.start()
    api.snapshot_download(repo)
    talking.join()
    print("the end")
"""
PATIENCE = """
import hub_typed.progress_bars.display as display
display.PATIENCE = 0.1
"""
"""Files of these tests take little time."""


def program(course: str, *, small: int, large: int, rate: int) -> str:
    start = START.replace("SMALL", str(small)).replace("LARGE", str(large)).replace("RATE", str(rate))
    return PATIENCE + start + course


def rows(frame: Frame) -> list[str]:
    return [line for line in frame.lines if "%" in line]


@pytest.mark.parametrize("columns", [40, 160])
def test_a_snapshot_of_four_hundred_files(columns):
    frames = play(program(SNAPSHOT, small=396, large=4, rate=4 << 20), columns=columns)
    assert 2 <= max(len(rows(frame)) for frame in frames) <= 5, "the job, and at most four files"
    assert any(row.startswith("downloading") for frame in frames for row in rows(frame))
    assert any(row.startswith("model-0") for frame in frames for row in rows(frame))
    assert any("█" in row for frame in frames for row in rows(frame)) == (columns > 60)
    assert any("/401 files" in row for frame in frames for row in rows(frame)) == (columns > 60)
    *closing, last = frames[-1].lines
    assert last == "the end"
    assert len(closing) == (2 if columns == 40 else 1), "nothing else is left"
    assert " ".join(closing).startswith("local-user/thing: downloaded 401 files, 4.3 MB in ")


def test_an_upload_with_hashes():
    frames = play(program(UPLOAD, small=20, large=6, rate=4 << 20), columns=100)
    assert any(row.startswith("uploading local-user/thing") for frame in frames for row in rows(frame))
    assert any(row.startswith("model-0") for frame in frames for row in rows(frame))
    first, last = frames[-1].lines
    assert first.startswith("local-user/thing: uploaded 26 files, 6.3 MB in ")
    assert last == "the end"


def test_a_failure_in_the_middle():
    frames = play(program(FAILURE, small=20, large=6, rate=4 << 20), columns=100)
    first, last = frames[-1].lines
    assert first.startswith("local-user/thing: download failed, ")
    assert " of 27 files, " in first
    assert last == "HfHubHTTPError"


def test_other_output_is_above_the_bars_and_whole():
    frames = play(program(OTHER_OUTPUT, small=20, large=6, rate=4 << 20), columns=100, rows=12)
    lines = frames[-1].lines
    assert lines.pop() == "the end"
    assert [line for line in lines if line.startswith("local-user/thing: downloaded 27 files")]
    others = [line for line in lines if not line.startswith("local-user/thing")]
    assert others == [line for number in range(12) for line in (f"printed {number}", f"logged: {number}")]
    assert any(len(rows(frame)) > 1 and f"printed {number}" in frame for frame in frames for number in range(12))
