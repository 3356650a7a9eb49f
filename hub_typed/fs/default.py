"""The file system with the settings of the environment."""

from __future__ import annotations

from hub_typed.fs.file_system import HubFileSystem

__all__ = ["hffs"]

hffs: HubFileSystem = HubFileSystem()
"""File system with the endpoint and the token of the environment, when it is first used."""
