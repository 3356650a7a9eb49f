"""Which way files take, by what the Hub and the client have: Xet storage, or LFS storage; the right bytes always."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd
from hub_typed.local import LocalHub
from tests.scenarios import player

CONTENT = b"\0" + random.Random(7).randbytes(600_000)
PATH = "weights.bin"
SENT_BY = {"xet": "xet_storage.upload_xorb", "lfs": "storage.upload"}
READ_BY = {"xet": "storage.download_xorb", "lfs": "storage.download"}


async def put(side, api):
    await side.api.create_repo(side.repo)
    await api.create_commit(side.repo, [CommitOperationAdd(PATH, CONTENT)], commit_message="Add")


async def upload(side):
    """Upload a file; the bytes are read without Xet."""
    await put(side, side.api)
    sent = {way for way, operation in SENT_BY.items() if side.hub.stats.snapshot().requests[operation]}
    found = await side.make(xet=False).hf_hub_download(side.repo, PATH)
    return sent, Path(found).read_bytes() == CONTENT


async def download(side):
    """Download a file that was uploaded without Xet."""
    await put(side, side.make(xet=False))
    found = await side.api.hf_hub_download(side.repo, PATH)
    return _read(side), Path(found).read_bytes() == CONTENT


async def read_range(side):
    """Complete a file of which the first bytes are there, so that a range is missing."""
    await put(side, side.make(xet=False))
    found = Path(await side.make(xet=False).hf_hub_download(side.repo, PATH)).resolve()
    (found.parent / f"{found.name}.incomplete").write_bytes(CONTENT[:200_000])
    found.unlink()
    side.hub.stats.reset()
    again = await side.api.hf_hub_download(side.repo, PATH)
    sent = side.hub.stats.snapshot().sent
    assert sent < len(CONTENT) - 100_000  # chunks of Xet are whole ones
    return _read(side), Path(again).read_bytes() == CONTENT


def _read(side):
    return {way for way, operation in READ_BY.items() if side.hub.stats.snapshot().requests[operation]}


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("transfer", [upload, download, read_range], ids=lambda one: one.__name__)
@pytest.mark.parametrize("has_wheel", [True, False], ids=["with hf_xet", "without hf_xet"])
@pytest.mark.parametrize("has_storage", [True, False], ids=["Hub with Xet", "Hub without Xet"])
def test_files_go_by_xet_if_the_hub_and_the_client_have_it_else_by_lfs(
    has_storage, has_wheel, transfer, kind, tmp_path, monkeypatch
):
    if not has_wheel:
        monkeypatch.setitem(sys.modules, "hf_xet", None)  # its import fails
    found = []

    async def scenario(side):
        found.append(await transfer(side))

    with LocalHub(xet=has_storage) as hub:
        player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)(scenario)
    assert found == [({"xet" if has_storage and has_wheel else "lfs"}, True)]
