"""Files that are opened in the order of their listing are located ahead."""

from __future__ import annotations

import asyncio

import pytest

from hub_typed.fs import HubFileSystem
from hub_typed.fs.readers import MAX_AHEAD, OpeningOrder
from hub_typed.local import LocalHub
from hub_typed.local.faults import Stall, Status

HEAD = "files.resolve_head"
COUNT = 12


@pytest.fixture
def files(fs: HubFileSystem, repo: str) -> list[str]:
    """LFS files, in the order of a cached listing."""
    contents = {f"{repo}/data/{number:02}.bin": bytes([number]) * 1000 for number in range(COUNT)}
    fs.pipe(contents)
    fs.find(repo)
    return list(contents)


def read(fs: HubFileSystem, *paths: str) -> None:
    for path in paths:
        number = int(path.removesuffix(".bin")[-2:])
        with fs.open(path) as file:
            assert file.read(10) == bytes([number]) * 10


def test_files_in_order_need_no_request_more(fs, files, sent):
    assert sent(lambda: read(fs, *files)) == {"files.resolve_file": 2, HEAD: COUNT - 2, "storage.download": COUNT}


def test_files_that_are_read_again_need_no_lookup(fs, files, sent):
    read(fs, *files)
    assert sent(lambda: read(fs, *files)) == {"storage.download": COUNT}


def test_files_in_another_order_are_not_located_ahead(fs, files, sent):
    chosen = [files[number] for number in (0, 7, 2, 9, 4, 11)]
    assert sent(lambda: read(fs, *chosen)) == {"files.resolve_file": 6, "storage.download": 6}


def test_ranges_of_files_in_order_are_not_located_ahead(fs, files, sent):
    counted = sent(lambda: [fs.cat_file(path, 0, 10) for path in files])
    assert counted == {"files.resolve_file": COUNT, "storage.download": COUNT}


def test_files_of_git_are_not_located_ahead(fs, repo, sent):
    paths = [f"{repo}/{number}.txt" for number in range(6)]
    fs.pipe(dict.fromkeys(paths, b"text"))
    fs.find(repo)

    def read_texts() -> None:
        for path in paths:
            with fs.open(path) as file:
                assert file.read(2) == b"te"

    assert sent(read_texts) == {"files.resolve_file": 6}


def test_a_file_that_cannot_be_located_ahead_is_located_when_it_is_read(fs, hub, files, sent):
    hub.faults.add(Status(status=403), operation=HEAD)
    counted = sent(lambda: read(fs, *files))
    assert counted["files.resolve_file"] == counted["storage.download"] == COUNT


def test_what_another_event_loop_locates_is_not_waited_for(fs: HubFileSystem, hub: LocalHub, files: list[str]) -> None:
    hub.faults.add(Stall(seconds=5.0), operation=HEAD)
    read(fs, *files[:2])

    async def elsewhere() -> bytes:
        async with await fs.open_async(files[2]) as file:
            return await file.read(10)

    assert asyncio.run(asyncio.wait_for(elsewhere(), 4)) == bytes([2]) * 10


ORDERS = {
    "in order": ([0, 1, 2, 3, 4], [0, 1, 2, 4, 4]),
    "the first one twice": ([0, 0, 1, 2], [0, 0, 1, 2]),
    "several at once": ([0, 2, 1, 3], [0, 1, 0, 2]),
    "one alone": ([5], [0]),
    "backwards": ([4, 3, 2, 1], [0, 0, 0, 0]),
    "far apart": ([0, 9, 2, 11], [0, 0, 0, 0]),
    "every third one": ([0, 3, 6, 9], [0, 1, 2, 4]),
}


@pytest.mark.parametrize(("positions", "counts"), ORDERS.values(), ids=ORDERS)
def test_opening_order(positions: list[int], counts: list[int]) -> None:
    order = OpeningOrder()
    assert [order.note("folder", position) for position in positions] == counts
    assert max(counts) <= MAX_AHEAD


def test_opening_order_of_another_folder() -> None:
    order = OpeningOrder()
    assert [order.note("one", 0), order.note("one", 1), order.note("other", 2), order.note("other", 3)] == [0, 1, 0, 1]
