"""Delete what writers of small files left behind when their process was killed."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from contextlib import suppress

from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import OwnerState, is_fresh, owner_state, subject_tag
from hub_typed.flows.files.partial_files import SUFFIX

__all__: list[str] = []


def sweep_ended(folder: Folder, written: Mapping[str, str], now: float) -> None:
    """Delete temporary files, and partial files of complete files and their other versions, whose writers have ended.

    Args:
        written: The complete files: their path in the repository by the stem of their partial files.
        now: Seconds since 1970.
    """
    tags = {subject_tag(subject) for subject in written.values()}

    def is_leftover(name: str) -> bool:
        if not name.endswith(SUFFIX):
            return name.endswith(".tmp")
        return name.removesuffix(SUFFIX) in written or owner_state(name)[1] in tags

    for name in filter(is_leftover, folder.names()):
        state, _ = owner_state(name)
        status = folder.status(name)
        if status is None or stat.S_ISDIR(status.st_mode) or state is OwnerState.LIVE:
            continue
        if state is OwnerState.ENDED or not is_fresh(status, now):
            with suppress(OSError):
                folder.remove(name)


def sweep_temporary_files(folder: Folder, now: float) -> None:
    """Delete temporary files whose writers have ended.

    Args:
        now: Seconds since 1970.
    """
    sweep_ended(folder, {}, now)
