"""The file system of the Hub, for libraries that use fsspec; needs the extra ``fs``.

Importing this package loads nothing of fsspec; its names do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_typed.fs.registration import register

if TYPE_CHECKING:
    from hub_typed.fs.async_files import HfFileSystemAsyncFile
    from hub_typed.fs.default import hffs
    from hub_typed.fs.entries import EntryInfo
    from hub_typed.fs.file_system import HfFileSystem, HubFileSystem
    from hub_typed.fs.files import HfFileSystemFile, HfFileSystemStreamFile
    from hub_typed.fs.paths import (
        HfFileSystemResolvedBucketPath,
        HfFileSystemResolvedPath,
        HfFileSystemResolvedRepositoryPath,
    )

__all__ = [
    "EntryInfo",
    "HfFileSystem",
    "HfFileSystemAsyncFile",
    "HfFileSystemFile",
    "HfFileSystemResolvedBucketPath",
    "HfFileSystemResolvedPath",
    "HfFileSystemResolvedRepositoryPath",
    "HfFileSystemStreamFile",
    "HubFileSystem",
    "hffs",
    "register",
]

_MODULES = {
    "EntryInfo": "entries",
    "HfFileSystem": "file_system",
    "HfFileSystemAsyncFile": "async_files",
    "HfFileSystemFile": "files",
    "HfFileSystemResolvedBucketPath": "paths",
    "HfFileSystemResolvedPath": "paths",
    "HfFileSystemResolvedRepositoryPath": "paths",
    "HfFileSystemStreamFile": "files",
    "HubFileSystem": "file_system",
    "hffs": "default",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used.

    Raises:
        ImportError: fsspec is not installed.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(f"{__name__}.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        if error.name != "fsspec":
            raise
        raise ImportError(f"{name} needs fsspec: pip install 'hub-typed[fs]'", name=error.name) from error
    found: object = getattr(module, name)
    return found
