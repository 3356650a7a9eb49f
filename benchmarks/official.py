"""The official client and other packages, pinned, in environments of their own; for measurements and tests.

``python -m benchmarks.official [VERSION]`` installs the client, and prints the interpreter that has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from filelock import FileLock

__all__ = ["VERSION", "OfficialMissingError", "environment", "installed", "interpreter"]

VERSION: Final = "2.4.0"
PEERS: Final = Path(__file__).parent.parent / ".venv" / "peers"
_UNREACHABLE: Final = (
    "connection broken by",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
)


class OfficialMissingError(Exception):
    """A package is not installed yet, and PyPI cannot be reached."""


def interpreter(version: str = VERSION) -> Path:
    """The interpreter that has the official client.

    Raises:
        OfficialMissingError, RuntimeError: Errors of `installed`.
    """
    return installed(f"hf-{version}", f"huggingface_hub=={version}")


def installed(name: str, *packages: str) -> Path:
    """The interpreter of an environment with some packages; made once, for all processes and later runs.

    Args:
        name: Name of the environment.

    Raises:
        OfficialMissingError: It is not there yet, and PyPI cannot be reached.
        RuntimeError: It cannot be made for another reason.
    """
    folder = PEERS / name
    ready = folder / ".ready"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not ready.exists():
            _install(packages, folder)
            ready.touch()
    return folder / "bin" / "python"


def environment(endpoint: str, token: str, home: Path, *, xet: bool = False) -> dict[str, str]:
    """All that a process of either client gets to know of this machine: the Hub, and a folder to live in."""
    return {
        "PATH": os.environ["PATH"],
        "HF_ENDPOINT": endpoint,
        "HF_TOKEN": token,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "0" if xet else "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    }


def _install(packages: Sequence[str], folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    names = ", ".join(packages)
    if any(sign in done.stderr for sign in _UNREACHABLE) and done.returncode:
        raise OfficialMissingError(f"PyPI cannot be reached, and an environment with {names} is not installed yet.")
    if done.returncode:
        raise RuntimeError(f"{names} cannot be installed:\n{done.stderr}")


if __name__ == "__main__":
    print(interpreter(*sys.argv[1:2]))
