"""The environment of this process and its children, so that every client in it uses an embedded Hub."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hub_typed.clients.default import reset_default_client
from hub_typed.local import LocalHub
from hub_typed.local.testing.official_client import official_client_in_environment

__all__ = ["hub_environment"]

_UNSET: Final = (
    "HF_ASSETS_CACHE",
    "HF_DATASETS_CACHE",
    "HF_DATASETS_OFFLINE",
    "HF_HUB_CACHE",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_OFFLINE",
    "HF_MODULES_CACHE",
    "HF_STORED_TOKENS_PATH",
    "HF_TOKEN_PATH",
    "HF_XET_CACHE",
    "HUGGINGFACE_ASSETS_CACHE",
    "HUGGINGFACE_CO_STAGING",
    "HUGGINGFACE_HUB_CACHE",
    "HUGGING_FACE_HUB_TOKEN",
    "TRANSFORMERS_CACHE",
    "TRANSFORMERS_OFFLINE",
)
"""Variables that would take precedence over the endpoint, the token or the folder."""
_THIS_MACHINE: Final = "127.0.0.1,localhost"


@contextmanager
def hub_environment(hub: LocalHub, home: str | Path | None = None, *, token: str | None = None) -> Generator[None]:
    """Let all clients use an embedded Hub, in this process and in those that it starts.

    The variables of `LocalHub.environment` and an empty ``HF_HOME`` are set, and proxies are not used for this machine.
    huggingface_hub reads its variables once, when it is imported; if it is imported already, its constants are replaced
    for the time being. Objects that it made before, such as an ``HfApi()``, keep their endpoint.

    Args:
        home: Value of ``HF_HOME``, with the cache; by default, a temporary folder.
        token: Value of ``HF_TOKEN``; by default, the write token of the Hub's user.
    """
    with tempfile.TemporaryDirectory(prefix="hf-home-") as temporary, official_client_in_environment() as follow:
        before = _set(
            {
                **dict.fromkeys(_UNSET),
                **_no_proxies(),
                "HF_HOME": str(home or temporary),
                **hub.environment(token),
            }
        )
        try:
            follow()
            reset_default_client()
            yield
        finally:
            reset_default_client()
            _set(before)


def _set(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """Set variables, or delete those that are ``None``; return what they were."""
    before = {name: os.environ.get(name) for name in variables}
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return before


def _no_proxies() -> dict[str, str]:
    if not any(value and name.lower().endswith("_proxy") for name, value in os.environ.items()):
        return {}
    names = ("no_proxy", "NO_PROXY")
    known = [value for name in names if (value := os.environ.get(name))]
    return dict.fromkeys(names, ",".join([*dict.fromkeys(known), _THIS_MACHINE]))
