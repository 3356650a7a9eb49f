"""Downloads that are killed, and downloads by many processes at the same time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local import LocalHub

LARGE = "weights/model.safetensors"
CONTENT = random.Random(8).randbytes(4_000_000)
SMALL = {f"part {number}/text ü.txt": f"{number}\n".encode() for number in range(12)}
BUFFER = 1 << 13
"""Bytes that the operating system has not been given yet when a process is killed, at most."""


@pytest.fixture
def repo_id(local_hub: LocalHub) -> str:
    made = f"{local_hub.user}/model"
    files = SMALL | {LARGE: CONTENT, "weights/other.safetensors": CONTENT[::-1]}
    with HfApi() as api:
        api.create_repo(made)
        api.create_commit(made, [CommitOperationAdd(*file) for file in files.items()], commit_message="All")
    local_hub.hub.stats.reset()
    return made


@pytest.fixture(params=["cache", "local_dir"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Path]:
    cache = {"cache_dir": tmp_path / "cache"}
    return cache if request.param == "cache" else {"local_dir": tmp_path / "folder", **cache}


def sent(hub: LocalHub) -> list[int]:
    """Bytes of each answer with the content of a large file."""
    return [one.sent for one in hub.hub.requests if one.operation == "storage.download"]


def test_a_file_goes_on_at_the_byte_where_it_was_killed(
    local_hub: LocalHub, repo_id, where, tmp_path, start, gate, partials, until, ended
):
    stops = [0]
    for held in (300_000, 1_700_000, 3_999_999):
        gate.close(held)
        program = start("hf_hub_download", repo_id=repo_id, filename=LARGE, **where)
        until(lambda held=held: sum(partials()) >= held - BUFFER)
        program.kill()
        program.communicate()
        stops += partials()
        assert not list(tmp_path.rglob(Path(LARGE).name))  # neither as a file nor as a link
        gate.open()

    found = Path(ended(start("hf_hub_download", repo_id=repo_id, filename=LARGE, **where)))

    assert found.read_bytes() == CONTENT
    assert sent(local_hub) == [len(CONTENT) - stop for stop in stops]
    assert partials() == []


def test_a_snapshot_fetches_only_what_was_missing_when_it_was_killed(
    local_hub: LocalHub, repo_id, where, tmp_path, start, gate, partials, until, ended
):
    gate.close(1_000_000)
    program = start("snapshot_download", repo_id=repo_id, max_workers=4, **where)
    until(lambda: all(any(tmp_path.rglob(name)) for name in (*SMALL, ".gitattributes")))
    until(lambda: [size >= 1_000_000 - BUFFER for size in partials()] == [True, True])
    program.kill()
    program.communicate()
    there = partials()
    offline = start("snapshot_download", repo_id=repo_id, local_files_only=True, **where)
    assert "LocalEntryNotFoundError" in offline.communicate()[1], "half a snapshot was taken for a whole one"
    gate.open()
    before = local_hub.hub.stats.snapshot()

    root = Path(ended(start("snapshot_download", repo_id=repo_id, **where)))

    assert {name: (root / name).read_bytes() for name in (*SMALL, LARGE)} == {**SMALL, LARGE: CONTENT}
    assert (root / "weights/other.safetensors").read_bytes() == CONTENT[::-1]
    assert sorted(sent(local_hub)[2:]) == sorted(len(CONTENT) - size for size in there)
    requests = (local_hub.hub.stats.snapshot() - before).requests
    assert requests["files.resolve_file"] == 2, "small files were fetched again"
    assert partials() == []


def test_many_processes_fetch_a_file_once(local_hub: LocalHub, repo_id, where, start, gate, until, ended):
    most = 8
    gate.close(1_000_000)
    programs = [start("hf_hub_download", repo_id=repo_id, filename=LARGE, **where) for _ in range(most)]
    until(lambda: local_hub.hub.stats.snapshot().requests["files.resolve_head"] == most)
    gate.open()

    (found,) = {ended(program) for program in programs}

    assert Path(found).read_bytes() == CONTENT
    assert sent(local_hub) == [len(CONTENT)]


def test_who_waits_takes_over_from_who_is_killed(
    local_hub: LocalHub, repo_id, where, tmp_path, start, gate, partials, until, ended
):
    gate.close(1_000_000)
    first = start("hf_hub_download", repo_id=repo_id, filename=LARGE, **where)
    until(lambda: sum(partials()) >= 1_000_000 - BUFFER)
    second = start("hf_hub_download", repo_id=repo_id, filename=LARGE, **where)
    until(lambda: local_hub.hub.stats.snapshot().requests["files.resolve_head"] == 2)
    first.kill()
    first.communicate()
    (there,) = partials()
    gate.open()

    assert Path(ended(second)).read_bytes() == CONTENT
    assert sent(local_hub) == [len(CONTENT), len(CONTENT) - there]
