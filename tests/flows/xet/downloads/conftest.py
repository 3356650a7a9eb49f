"""An embedded Hub with Xet storage, and both clients to download from it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed import AsyncHfApi, HfApi, Settings, hf_hub_url
from hub_typed.flows.xet import content
from hub_typed.local import LocalHub

KIB = 1 << 10
FILES = {
    "one.bin": random.Random(1).randbytes(300 * KIB),  # one transfer
    "two.bin": random.Random(2).randbytes(900 * KIB),  # in ranges
    "ten.bin": random.Random(3).randbytes(2500 * KIB),  # in ranges, of several connections
    "packed.bin": b"".join(  # uploaded by Xet, so that its chunks are compressed
        random.Random(number).randbytes(100) * 50 + random.Random(number).randbytes(1000) for number in range(150)
    ),
    "small.bin": random.Random(4).randbytes(100 * KIB),  # too small for Xet
    "notes.txt": b"not in LFS\n" * 100,
}
XET = ("xet.", "xet_storage.", "storage.download_xorb")


@pytest.fixture(scope="package")
def stocked() -> Iterator[LocalHub]:
    """A Hub with a repository of `FILES`, for all tests of this folder."""
    with LocalHub(xet=True) as hub:
        repo_id = f"{hub.user}/model"
        for name, data in FILES.items():
            with HfApi(hub.endpoint, hub.token, settings=Settings(xet=name == "packed.bin")) as api:
                api.create_repo(repo_id, exist_ok=True)
                api.upload_file(path_or_fileobj=data, path_in_repo=name, repo_id=repo_id)
                # The embedded Hub computes the Xet hash of an LFS file when it is first asked for it.
                api.get_hf_file_metadata(hf_hub_url(repo_id, name, endpoint=api.endpoint))
        yield hub


@pytest.fixture(autouse=True)
def _small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes many megabytes otherwise takes some hundred kilobytes."""
    from hub_typed.disk import range_plan

    monkeypatch.setattr(content, "MAX_RANGE", 400 * KIB)
    monkeypatch.setattr(range_plan, "SHORTEST", 200 * KIB)


@attrs.define
class Downloader:
    """One of the two clients, with a cache of its own.

    Attributes:
        seen: Number of requests of the Hub before this client.
    """

    hub: LocalHub
    kind: str
    settings: Settings
    seen: int = 0

    @property
    def repo(self) -> str:
        """The repository."""
        return f"{self.hub.user}/model"

    def set(self, **changed: Any) -> Downloader:
        """Change the settings of later calls."""
        self.settings = attrs.evolve(self.settings, **changed)
        return self

    def __call__(self, method: str, *arguments: Any, token: Any = None, **named: Any) -> Any:
        """Call a method of a new client."""
        token = self.hub.token if token is None else token
        if self.kind == "sync":
            with HfApi(self.hub.endpoint, token, settings=self.settings) as api:
                return getattr(api, method)(*arguments, **named)

        async def call() -> Any:
            async with AsyncHfApi(self.hub.endpoint, token, settings=self.settings) as api:
                return await getattr(api, method)(*arguments, **named)

        return asyncio.run(call())

    def file(self, name: str, **named: Any) -> bytes:
        """Download a file, and return its content."""
        return Path(self("hf_hub_download", self.repo, name, **named)).read_bytes()

    def operations(self) -> list[str]:
        """Operations that this client has requested."""
        return [one.operation for one in list(self.hub.hub.requests)[self.seen :]]

    def xet(self) -> list[str]:
        """The operations of Xet among them."""
        return [name for name in self.operations() if name.startswith(XET)]

    @property
    def blobs(self) -> list[Path]:
        """Files in the folder of the contents, partial ones too."""
        return sorted(Path(self.settings.cache_dir).glob("models--*/blobs/*"))


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """The client."""
    return str(request.param)


@pytest.fixture
def download(stocked: LocalHub, kind: str, tmp_path: Path) -> Iterator[Downloader]:
    """Downloads with either client. Faults that it adds to the Hub end with the test."""
    settings = Settings(
        cache_dir=str(tmp_path / "cache"), backoff=0.01, longest_backoff=0.01, download_timeout=5, progress=False
    )
    yield Downloader(stocked, kind, settings, len(stocked.hub.requests))
    stocked.faults.clear()


@pytest.fixture
def fault(stocked: LocalHub) -> Callable[..., Any]:
    """Adds a fault."""
    return stocked.faults.add


@pytest.fixture
def sha256() -> Callable[[str], str]:
    """SHA-256 of one of the files."""
    return lambda name: hashlib.sha256(FILES[name]).hexdigest()


@pytest.fixture
def files() -> dict[str, bytes]:
    """Contents by name."""
    return FILES
