"""Folders in which other libraries keep files that are not from the Hub."""

from __future__ import annotations

import os
from pathlib import Path

from hub_typed import constants

__all__ = ["cached_assets_path"]


def cached_assets_path(
    library_name: str,
    namespace: str = "default",
    subfolder: str = "default",
    *,
    assets_dir: str | os.PathLike[str] | None = None,
) -> Path:
    """Return a folder of the cache for files of another library, and create it if it does not exist.

    Args:
        library_name: Name of the library; blanks and slashes in names are replaced by ``--``.
        namespace: Folder within that of the library.
        subfolder: Folder within the namespace.
        assets_dir: Folder of all libraries; ``HF_ASSETS_CACHE`` by default.

    Raises:
        ValueError: A name is empty or ``..``, or a file is in the place of a folder.
    """
    root = Path(constants.HF_ASSETS_CACHE if assets_dir is None else assets_dir).expanduser().resolve()
    names = [_folder_name(name) for name in (library_name, namespace, subfolder)]
    path = root.joinpath(*names)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ValueError(f"{path} cannot be created, since a file is in the place of a folder: remove it.") from None
    return path


def _folder_name(name: str) -> str:
    found = name.replace(" ", "--").replace("/", "--").replace("\\", "--")
    if found in ("", ".", ".."):
        raise ValueError(f"{name!r} cannot be the name of a folder of assets.")
    return found
