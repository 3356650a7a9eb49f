"""Pytest fixtures `local_hub` and `xet_hub`: an embedded Hub for one test, set as the Hub of the environment.

Pytest loads this module wherever hub-typed is installed, so it imports dependencies of the extra only on use.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hub_typed.local import LocalHub

__all__ = ["local_hub", "xet_hub"]

_VARIABLES = ("HF_HUB_CACHE", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN")


@pytest.fixture
def local_hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """An embedded Hub on a socket; the environment contains its endpoint, a write token and an empty cache."""
    with _served(tmp_path_factory.mktemp("hf-home"), monkeypatch, xet=False) as hub:
        yield hub


@pytest.fixture
def xet_hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """The same as `local_hub`, which also serves Xet; this needs the packages blake3 and lz4."""
    with _served(tmp_path_factory.mktemp("hf-home"), monkeypatch, xet=True) as hub:
        yield hub


@contextmanager
def _served(home: Path, monkeypatch: pytest.MonkeyPatch, *, xet: bool) -> Generator[LocalHub]:
    from hub_typed.clients.default import reset_default_client
    from hub_typed.local import LocalHub

    with LocalHub(xet=xet) as hub:
        for name in _VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_HOME", str(home))
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_INFERENCE_ENDPOINTS_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_TOKEN", hub.token)
        reset_default_client()
        yield hub
        reset_default_client()
