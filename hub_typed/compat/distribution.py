"""Metadata of the reference client: packages ask for its version, and compare it with the range that they accept."""

from __future__ import annotations

import os
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final

__all__ = ["RELEASE", "VERSION_VARIABLE", "ReferenceDistribution"]

RELEASE: Final = "2.4.0"
"""Release of the reference client whose names this library has."""
VERSION_VARIABLE: Final = "HUB_TYPED_COMPAT_VERSION"


class ReferenceDistribution(Distribution):
    """What `importlib.metadata` says of the reference client, whether it is installed or not.

    Its version is that in the environment variable ``HUB_TYPED_COMPAT_VERSION``; else that of the installed reference
    client, as the other packages were installed to fit it; else `RELEASE`.
    """

    @staticmethod
    def told_version() -> str:
        """Return the version that packages are told."""
        given = os.environ.get(VERSION_VARIABLE)
        if given:
            return given
        for found in Distribution.discover(name="huggingface_hub"):
            if not isinstance(found, ReferenceDistribution):
                return found.version
        return RELEASE

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.1\nName: huggingface_hub\nVersion: {self.told_version()}\n"
        return "huggingface_hub\n" if filename == "top_level.txt" else None

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        """Return a path beside this package; the distribution has no files."""
        return Path(__file__).parent / path
