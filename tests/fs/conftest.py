"""A file system on an embedded Hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.fs import HubFileSystem
from hub_typed.local import LocalHub

_numbers = count()


@pytest.fixture(scope="module")
def _shared_hub() -> Iterator[LocalHub]:
    with LocalHub(xet=False) as hub:
        yield hub


@pytest.fixture
def hub(_shared_hub: LocalHub) -> Iterator[LocalHub]:
    """The Hub of a module; each test has a repository of its own."""
    _shared_hub.faults.clear()
    yield _shared_hub
    _shared_hub.faults.clear()


@pytest.fixture
def api(hub: LocalHub) -> Iterator[HfApi]:
    with HfApi(hub.endpoint, hub.token) as api:
        yield api


@pytest.fixture
def repo(api: HfApi) -> str:
    """A dataset, as a path of the file system."""
    name = f"local-user/data-{next(_numbers)}"
    api.create_repo(name, repo_type="dataset")
    return f"datasets/{name}"


@pytest.fixture
def fs(hub: LocalHub) -> Iterator[HubFileSystem]:
    made = HubFileSystem(endpoint=hub.endpoint, token=hub.token, skip_instance_cache=True)
    yield made
    made.close()


@pytest.fixture
def bucket_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalHub]:
    """A Hub that serves Xet."""
    # `hf_xet` remembers for each storage, by its URL, what it has: a Hub of another test may have had the same one.
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "0")
    with LocalHub(xet=True) as hub:
        yield hub


@pytest.fixture
def bucket_fs(bucket_hub: LocalHub) -> Iterator[HubFileSystem]:
    made = HubFileSystem(endpoint=bucket_hub.endpoint, token=bucket_hub.token, skip_instance_cache=True)
    yield made
    made.close()


@pytest.fixture
def bucket(bucket_hub: LocalHub) -> str:
    """A bucket, as a path of the file system."""
    with HfApi(bucket_hub.endpoint, bucket_hub.token) as api:
        api.create_bucket("local-user/box")
    return "buckets/local-user/box"


@pytest.fixture
def sent(hub: LocalHub) -> Callable[[Callable[[], object]], dict[str, int]]:
    """The requests that a function sends, by operation."""

    def count(do: Callable[[], object]) -> dict[str, int]:
        before = hub.stats.snapshot()
        do()
        return dict((hub.stats.snapshot() - before).requests)

    return count
