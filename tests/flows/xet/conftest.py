"""A Hub that serves Xet, and scenarios that both clients play with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_typed.local import LocalHub
from tests.scenarios import Scenario, player


@pytest.fixture(autouse=True)
def _xet_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`hf_xet` remembers for each storage, by its URL, what it has: a Hub of another test may have had the same one."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))


WHEELS = {
    "damaged": ("raise ImportError('a library is missing')", "importing hf_xet failed: a library is missing"),
    "of another system": ("raise OSError('wrong ELF class')", "importing hf_xet failed: wrong ELF class"),
    "1.4": ("def download_files(*_): ...\ndef upload_files(*_): ...", "hf_xet is too old. Install hf-xet 1.7"),
    "1.5": ("class XetSession: ...\nclass XetDownloadStreamGroup: ...", "hf_xet is too old. Install hf-xet 1.7"),
}
"""Source of wheels that cannot be used, and what a warning says of each."""


@pytest.fixture(params=WHEELS)
def bad_wheel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Installs a wheel that cannot be used; gives the text of the warning."""
    source, told = WHEELS[str(request.param)]
    (tmp_path / "wheel").mkdir()
    (tmp_path / "wheel" / "hf_xet.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path / "wheel")
    monkeypatch.delitem(sys.modules, "hf_xet", raising=False)
    yield told
    sys.modules.pop("hf_xet", None)


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
