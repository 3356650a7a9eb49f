"""A Hub with a bucket, and what tests read of both sides of a synchronization."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_typed import BucketFile, HfApi, Settings
from hub_typed.local import LocalHub
from tests.scenarios import Scenario, player

BUCKET = "local-user/box"


@pytest.fixture(autouse=True)
def _xet_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`hf_xet` remembers for each storage, by its URL, what it has: a Hub of another test may have had the same one."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A Hub that serves Xet."""
    with LocalHub(xet=True) as hub:
        yield hub


@pytest.fixture
def api(hub: LocalHub) -> Iterator[HfApi]:
    """A client; its bucket exists."""
    with HfApi(hub.endpoint, hub.token, settings=Settings(backoff=0.01, xet=True)) as api:
        api.create_bucket(BUCKET)
        yield api


@pytest.fixture
def play(kind: str, hub: LocalHub, tmp_path: Path) -> Callable[[Scenario], None]:
    """Plays a scenario with one of the clients."""
    return player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)


@pytest.fixture
def write() -> Callable[..., Path]:
    """Writes files of a folder, given by path and content, with a modification time in seconds."""

    def written(folder: Path, files: dict[str, bytes], mtime: float = 1_700_000_000) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            os.utime(file, (mtime, mtime))
        return folder

    return written


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Gives the files of a folder, by path."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            one.relative_to(folder).as_posix(): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()
        }

    return read


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., dict[str, bytes]]:
    """Gives the files of a bucket, by path."""

    def read(api: Any, bucket: str = BUCKET) -> dict[str, bytes]:
        files = [one for one in api.list_bucket_tree(bucket, recursive=True) if isinstance(one, BucketFile)]
        folder = tmp_path / "stored"
        api.download_bucket_files(bucket, [(one, folder / str(number)) for number, one in enumerate(files)])
        return {one.path: (folder / str(number)).read_bytes() for number, one in enumerate(files)}

    return read
