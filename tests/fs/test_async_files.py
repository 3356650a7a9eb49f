"""Open files whose methods are awaited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

import pytest

from hub_typed.errors import IntegrityError
from hub_typed.fs import HubFileSystem
from hub_typed.local import LocalHub
from hub_typed.local.faults import WrongBytes

BIG = random.Random(2).randbytes(3_000_000)


@pytest.fixture
def run(hub: LocalHub) -> Callable[[Callable[[HubFileSystem], Coroutine[None, None, None]]], None]:
    """Runs a function with a file system of an event loop."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[HubFileSystem]:
        fs = HubFileSystem(endpoint=hub.endpoint, token=hub.token, asynchronous=True, skip_instance_cache=True)
        try:
            yield fs
        finally:
            fs.close()

    def run(do: Callable[[HubFileSystem], Coroutine[None, None, None]]) -> None:
        async def call() -> None:
            async with opened() as fs:
                await do(fs)

        asyncio.run(call())

    return run


def test_a_file_is_written_and_read_in_the_loop_of_the_caller(run, repo):
    async def do(fs: HubFileSystem) -> None:
        path = f"{repo}/data/big.bin"
        async with await fs.open_async(path, "wb", block_size=500_000, commit_message="Write") as file:
            for at in range(0, len(BIG), 100_000):
                await file.write(BIG[at : at + 100_000])
        async with await fs.open_async(path) as file:
            pieces = [piece async for piece in read_in_pieces(file, 70_000)]
            assert b"".join(pieces) == BIG
            file.seek(1_000)
            assert (await file.read(10), file.tell(), file.size) == (BIG[1_000:1_010], 1_010, len(BIG))
        async with await fs.open_async(path, "ab") as file:
            await file.write(b"more")
        async with await fs.open_async(path) as file:
            assert await file.read() == BIG + b"more"
        with pytest.raises(FileExistsError):
            await fs.open_async(path, "xb")
        async with await fs.open_async(f"{repo}/new", "xb") as file:
            await file.write(b"new")
        assert await fs._cat_file(f"{repo}/new") == b"new"

    run(do)


async def read_in_pieces(file, size):
    while piece := await file.read(size):
        yield piece


def test_sequential_reads_of_an_asynchronous_file_need_few_requests(run, fs, repo, hub):
    fs.pipe(f"{repo}/big.bin", BIG)

    async def do(asynchronous: HubFileSystem) -> None:
        before = hub.stats.snapshot()
        async with await asynchronous.open_async(f"{repo}/big.bin") as file:
            async for _ in read_in_pieces(file, 10_000):
                pass
        assert (hub.stats.snapshot() - before).requests["storage.download"] < 12

    run(do)


def test_an_asynchronous_file_whose_block_fails_is_not_committed(run, repo):
    async def do(fs: HubFileSystem) -> None:
        file = await fs.open_async(f"{repo}/half", "wb")
        with suppress(ZeroDivisionError):
            async with file:
                await file.write(b"half")
                _ = 1 / 0
        assert file.closed
        assert not await fs._exists(f"{repo}/half")

    run(do)


def test_the_hash_of_a_whole_asynchronous_file_is_verified(run, fs, repo, hub):
    fs.pipe(f"{repo}/big.bin", BIG)
    hub.faults.add(WrongBytes(at=5), operation="storage.download")

    async def do(asynchronous: HubFileSystem) -> None:
        async with await asynchronous.open_async(f"{repo}/big.bin") as file:
            with pytest.raises(IntegrityError):
                await file.read()

    run(do)


@pytest.mark.parametrize("options", [{"mode": "r"}, {"mode": "rb", "compression": "gzip"}])
def test_asynchronous_files_are_binary_and_not_compressed(run, repo, options):
    async def do(fs: HubFileSystem) -> None:
        with pytest.raises(ValueError, match="no compression"):
            await fs.open_async(f"{repo}/a", **options)

    run(do)
