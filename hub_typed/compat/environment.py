"""Python processes that this one starts: a folder in their `PYTHONPATH` whose `sitecustomize` calls `install()`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["STARTUP_FOLDER", "add_startup_folder", "remove_startup_folder"]

STARTUP_FOLDER: Final = str(Path(__file__).parent / "startup")


def add_startup_folder() -> None:
    """Put the folder first in the variable ``PYTHONPATH`` of this process, which others inherit."""
    os.environ["PYTHONPATH"] = os.pathsep.join([STARTUP_FOLDER, *_other_folders()])


def remove_startup_folder() -> None:
    """Take the folder out of ``PYTHONPATH``."""
    if "PYTHONPATH" in os.environ:
        others = _other_folders()
        if others:
            os.environ["PYTHONPATH"] = os.pathsep.join(others)
        else:
            del os.environ["PYTHONPATH"]


def _other_folders() -> list[str]:
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [folder for folder in folders if folder and folder != STARTUP_FOLDER]
