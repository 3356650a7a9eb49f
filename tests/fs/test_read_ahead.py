"""Reading ahead gives the right bytes, asks for few more than are read, and keeps to its memory."""

from __future__ import annotations

import asyncio

import attrs
from hypothesis import given, strategies as st

from hub_typed.fs.read_ahead import MIN_FETCH, ReadAhead, ReadAheadMemory

DATA = bytes(range(256)) * 8192  # 2 MiB
BLOCK = 1 << 18


@attrs.define(eq=False)
class Source:
    """A file whose requests are counted; they wait until ``go`` is set."""

    go: asyncio.Event = attrs.field(factory=asyncio.Event)
    asked: list[tuple[int, int]] = attrs.field(factory=list)
    failures: int = 0

    def __attrs_post_init__(self) -> None:
        self.go.set()

    async def request(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        await self.go.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("broken")
        return DATA[start:end]

    def ahead(self, memory: ReadAheadMemory | None = None) -> ReadAhead:
        return ReadAhead(self.request, len(DATA), BLOCK, memory or ReadAheadMemory())


async def read(ahead: ReadAhead, start: int, end: int) -> bytes:
    """Read as an open file does."""
    found = ahead.find(start, end)
    if found is None:
        return await ahead.read(start, end)
    ahead.start()
    return found


async def until_ahead(ahead: ReadAhead) -> int:
    """Read in sequence until a request in the background runs, and return the position."""
    position = 0
    while ahead._running is None:
        assert await read(ahead, position, position + 10_000)
        position += 10_000
    return position


@given(st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(1, 1 << 19)), max_size=20), st.booleans())
def test_any_reads_give_the_bytes_of_the_file(reads, sequential):
    async def run() -> None:
        source, memory = Source(), ReadAheadMemory(1 << 20)
        ahead = source.ahead(memory)
        position = 0
        for start, length in reads:
            begin = position if sequential else start
            position = min(begin + length, len(DATA))
            if begin < position:
                assert await read(ahead, begin, position) == DATA[begin:position]
            assert memory.kept <= 3 * BLOCK + 2 * MIN_FETCH
        assert all(0 <= start < end <= len(DATA) for start, end in source.asked)
        ahead.close()
        assert memory.kept == 0

    asyncio.run(run())


def test_large_sequential_reads_do_not_request_anything_twice():
    async def run() -> list[tuple[int, int]]:
        source = Source()
        ahead = source.ahead()
        for start in range(0, len(DATA), BLOCK):
            assert await read(ahead, start, start + BLOCK) == DATA[start : start + BLOCK]
        return source.asked

    asked = asyncio.run(run())
    assert [start for start, _ in asked] == [0, *(end for _, end in asked[:-1])]
    assert len(asked) < 8


def test_small_reads_at_both_ends_are_kept():
    async def run() -> list[tuple[int, int]]:
        source = Source()
        ahead = source.ahead()
        for _ in range(2):
            await read(ahead, len(DATA) - 8, len(DATA))
            await read(ahead, 0, 4)
            await read(ahead, len(DATA) - 1000, len(DATA) - 8)
        return source.asked

    assert asyncio.run(run()) == [(len(DATA) - MIN_FETCH, len(DATA)), (0, MIN_FETCH)]


def test_the_next_block_is_requested_while_the_reader_computes():
    async def run() -> None:
        source = Source()
        ahead = source.ahead()
        position = await until_ahead(ahead)
        await asyncio.sleep(0)
        requested = source.asked[-1]
        assert requested[0] > position
        await read(ahead, position, requested[0])
        count = len(source.asked)
        assert await read(ahead, requested[0], requested[1]) == DATA[requested[0] : requested[1]]
        assert all(start >= requested[1] for start, _ in source.asked[count:])

    asyncio.run(run())


def test_a_failed_request_in_the_background_is_repeated_by_the_read_that_needs_it():
    async def run() -> None:
        source = Source()
        ahead = source.ahead()
        position = await until_ahead(ahead)
        source.failures = 1
        while position < len(DATA):
            end = min(position + 10_000, len(DATA))
            assert await read(ahead, position, end) == DATA[position:end]
            position = end
        assert source.failures == 0

    asyncio.run(run())


def test_a_reader_that_moves_away_cancels_the_request_in_the_background():
    async def run() -> None:
        source = Source()
        ahead = source.ahead()
        await until_ahead(ahead)
        source.go.clear()
        running = ahead._running.task
        await asyncio.sleep(0)
        moved = asyncio.ensure_future(read(ahead, 2_000_000, 2_000_100))
        await asyncio.sleep(0)
        source.go.set()
        assert await moved == DATA[2_000_000:2_000_100]
        assert running.cancelled()

    asyncio.run(run())


def test_a_cancelled_reader_leaves_the_request_in_the_background_to_the_next_one():
    async def run() -> None:
        source = Source()
        ahead = source.ahead()
        await until_ahead(ahead)
        at, end = ahead._running.at, ahead._running.end
        source.go.clear()
        waiting = asyncio.ensure_future(read(ahead, at, end))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        count = len(source.asked)
        source.go.set()
        assert await read(ahead, at, end) == DATA[at:end]
        assert (at, end) not in source.asked[count:]

    asyncio.run(run())


def test_files_that_are_read_at_once_share_the_memory():
    async def run() -> None:
        memory = ReadAheadMemory(1 << 20)
        files = [Source().ahead(memory) for _ in range(16)]
        for start in range(0, len(DATA), 50_000):
            for ahead in files:
                end = min(start + 50_000, len(DATA))
                assert await read(ahead, start, end) == DATA[start:end]
                assert memory.kept <= 1 << 20
        del files, ahead
        assert memory.kept == 0

    asyncio.run(run())
