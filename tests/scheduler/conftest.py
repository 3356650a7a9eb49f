"""Fixtures of the tests of scheduled commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed import CommitScheduler, HfApi, Settings
from hub_typed.local import LocalHub

NEVER = 1_000_000
"""Minutes between commits; only the first scheduled commit runs during a test."""


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub() as made:
        yield made


@pytest.fixture
def api(hub: LocalHub) -> Iterator[HfApi]:
    settings = attrs.evolve(Settings.from_environment(), backoff=0.01)
    with HfApi("http://hub.localhost", hub.token, settings=settings, transport=hub.transport) as made:
        yield made


@pytest.fixture
def repo_id(hub: LocalHub) -> str:
    return f"{hub.user}/logs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    return made


@pytest.fixture
def schedule(api: HfApi, repo_id: str, folder: Path) -> Iterator[Callable[..., CommitScheduler]]:
    """Create a scheduler, wait for its first commit, and stop it after the test."""
    running: list[CommitScheduler] = []

    def begin(kind: type[CommitScheduler] = CommitScheduler, **given: Any) -> CommitScheduler:
        running.append(kind(**{"repo_id": repo_id, "folder_path": folder, "every": NEVER, "hf_api": api} | given))
        running[-1].trigger().exception()
        return running[-1]

    yield begin
    for one in running:
        one.stop()


@pytest.fixture
def read(api: HfApi, repo_id: str, tmp_path: Path) -> Callable[[], dict[str, bytes]]:
    """Return the files of the repository."""

    def files() -> dict[str, bytes]:
        root = Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache", ignore_patterns=".gitattributes"))
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    return files
