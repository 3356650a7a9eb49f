"""Remove unused imports of generated modules, sort the others, and format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["tidy"]

CONFIG = Path(__file__).parent.parent.parent / "pyproject.toml"


def tidy(*folders: Path, ours: tuple[str, ...]) -> None:
    """Tidy the modules of folders.

    Args:
        folders: The folders.
        ours: Packages whose imports stand last.
    """
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(CONFIG)]
    first = f"lint.isort.known-first-party = {json.dumps(ours)}"  # found out of the working folder otherwise
    lint = [*config, "--config", first, "--quiet", "--fix", "--select", "F401,I", "--no-cache", "--exit-zero"]
    subprocess.run([*ruff, "check", *lint, *map(str, folders)], check=True)
    subprocess.run([*ruff, "format", *config, "--quiet", "--no-cache", *map(str, folders)], check=True)
