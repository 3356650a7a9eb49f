"""A Hub that serves Xet, and scenarios that both clients play with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_typed.local import LocalHub
from tests.scenarios import Scenario, player


@pytest.fixture
def play_xet(kind: str, tmp_path: Path) -> Iterator[Callable[[Scenario], None]]:
    """Plays a scenario, with Xet, over sockets."""
    with LocalHub(xet=True) as hub:
        yield player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)


@pytest.fixture
def operations() -> Callable[[LocalHub], list[str]]:
    """Gives the names of the requests that a Hub has received."""
    return lambda hub: [one.operation for one in hub.hub.requests]


@pytest.fixture
def commit(tmp_path: Path) -> Callable[..., Any]:
    """Commits files, given by path and content, in a repository that it creates."""
    from hub_typed import CommitOperationAdd

    async def committed(side: Any, files: dict[str, Any], **options: Any) -> Any:
        await side.api.create_repo(side.repo, exist_ok=True)
        additions = [CommitOperationAdd(path, content) for path, content in files.items()]
        return await side.api.create_commit(side.repo, additions, commit_message="Add files", **options)

    return committed


@pytest.fixture
def contents() -> Callable[..., Any]:
    """Gives the contents of files as clients without Xet read them."""

    async def read(side: Any, *paths: str, revision: str = "main") -> dict[str, bytes]:
        plain = side.make(xet=False)
        found = {}
        for path in paths:
            local = await plain.hf_hub_download(side.repo, path, revision=revision)
            found[path] = Path(local).read_bytes()
        return found

    return read
