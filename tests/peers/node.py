"""The Hub's JavaScript client, pinned, in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from filelock import FileLock

from benchmarks.official import PEERS

__all__ = ["NodeMissingError", "run"]

VERSION: Final = "2.17.5"
_UNREACHABLE: Final = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT")


class NodeMissingError(Exception):
    """There is no node here, or the client is not installed yet and npm's registry cannot be reached."""


def run(script: Path, *arguments: str, patience: float) -> str:
    """Run a script with the client; what it prints.

    Raises:
        NodeMissingError: It cannot be run here.
        RuntimeError: It failed.
    """
    node = shutil.which("node")
    if node is None:
        raise NodeMissingError("node is not installed")
    # A module looks for packages beside itself and above: so it runs where they are.
    there = _packages() / script.name
    shutil.copyfile(script, there)
    done = subprocess.run([node, there, *arguments], capture_output=True, text=True, timeout=patience, check=False)
    if done.returncode:
        raise RuntimeError(f"{script.name} failed:\n{done.stderr}")
    return done.stdout


def _packages() -> Path:
    """The folder that holds the client; made once, for all processes and later runs."""
    folder = PEERS / f"hf-js-{VERSION}"
    ready = folder / ".ready"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not ready.exists():
            _install(f"@huggingface/hub@{VERSION}", folder)
            ready.touch()
    return folder


def _install(package: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissingError("npm is not installed")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--prefix", str(folder)]
    done = subprocess.run([npm, "install", *options, package], capture_output=True, text=True, check=False)
    if done.returncode and any(sign in done.stderr for sign in _UNREACHABLE):
        raise NodeMissingError(f"npm's registry cannot be reached, and {package} is not installed yet")
    if done.returncode:
        raise RuntimeError(f"{package} cannot be installed:\n{done.stderr}")
