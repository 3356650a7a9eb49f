"""The official client, pinned, in an environment of its own: what it writes we must read, and the other way round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from hub_typed.local import LocalHub

OFFICIAL = "huggingface_hub==2.4.0"
UNREACHABLE = ("connection broken by", "Failed to establish a new connection", "Temporary failure in name resolution")


def install(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", OFFICIAL],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        if any(sign in done.stderr for sign in UNREACHABLE):
            pytest.skip(f"PyPI cannot be reached, and {OFFICIAL} is not installed yet: the peers were not tested.")
        pytest.fail(f"{OFFICIAL} cannot be installed:\n{done.stderr}")


@pytest.fixture(scope="session")
def official(repository: Path) -> Path:
    """The interpreter that has the official client; made once, for all processes and later runs."""
    folder = repository / ".venv" / "peers" / OFFICIAL.replace("huggingface_hub==", "hf-")
    ready = folder / ".ready"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not ready.exists():
            install(folder)
            ready.touch()
    return folder / "bin" / "python"


@pytest.fixture
def peer(official: Path, local_hub: LocalHub, tmp_path: Path) -> Callable[..., Any]:
    """Runs a script of this folder under the official client against the Hub, and gives the JSON that it prints."""

    def run(script: str, *arguments: str, **environment: str) -> Any:
        ours = {
            "HF_ENDPOINT": local_hub.endpoint,
            "HF_TOKEN": local_hub.token,
            "HF_HOME": str(tmp_path / "official-home"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        }
        done = subprocess.run(
            [official, "-I", Path(__file__).parent / script, *arguments],
            env=os.environ | ours | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
