"""Pytest fixture `local_hub`: an embedded Hub for one test, set as the Hub of the environment.

Pytest loads this module wherever hub-typed is installed, so it imports dependencies of the extra only on use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hub_typed.local import LocalHub

__all__ = ["local_hub"]

_VARIABLES = ("HF_HUB_CACHE", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN")


@pytest.fixture
def local_hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """An embedded Hub on a socket; the environment contains its endpoint, a write token and an empty cache."""
    from hub_typed.clients.default import reset_default_client
    from hub_typed.local import LocalHub

    home = tmp_path_factory.mktemp("hf-home")
    with LocalHub() as hub:
        for name in _VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_HOME", str(home))
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_INFERENCE_ENDPOINTS_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_TOKEN", hub.token)
        reset_default_client()
        yield hub
        reset_default_client()
