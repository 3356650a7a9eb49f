"""Folder ``.cache/huggingface`` below a local folder, excluded from git and from backups."""

from __future__ import annotations

from typing import Final

from hub_typed.disk.files import create_text
from hub_typed.disk.folders import Folder

__all__: list[str] = []

TAG: Final = """\
Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache: backup programs may leave it out.
# What the mark means: https://bford.info/cachedir/
"""


def open_metadata_folder(root: Folder) -> Folder:
    """Open ``.cache/huggingface`` below a folder, creating it if needed.

    Raises:
        UnsafePathError: A symbolic link is in its place.
        OSError: The folder cannot be created.
    """
    lists = root.enter(".cache", "huggingface", make=True)
    create_text(lists, ".gitignore", "*")
    create_text(lists, "CACHEDIR.TAG", TAG)
    return lists
