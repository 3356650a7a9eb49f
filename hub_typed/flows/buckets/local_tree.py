"""Local folder of a synchronization: its files, and safe changes below it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import attrs

from hub_typed.disk.files import disk_errors, temporary_name
from hub_typed.disk.folders import Folder
from hub_typed.flows.buckets.download import PARTIAL_PREFIX
from hub_typed.flows.buckets.sync_compare import FileState
from hub_typed.flows.files.paths import check_conflicts, checked_path
from hub_typed.flows.local_files import files_below
from hub_typed_api.path import HFValidationError, is_unicode

__all__: list[str] = []


@attrs.frozen
class LocalTree:
    """A local folder.

    Attributes:
        folder: The folder.
        follow_links: Whether files are written through links to folders.
    """

    folder: Path
    follow_links: bool = False

    def files(self, includes: Callable[[str], bool], check: Callable[[], None]) -> dict[str, FileState]:
        """Return the state of all files, by path; of none if the folder does not exist.

        Links to files count as files; links to folders are not followed. Metadata of git and of the clients, and
        partial files of downloads, are skipped.

        Args:
            includes: Returns whether a path is included.
            check: Called for each folder; an error that it raises stops the listing.

        Raises:
            HFValidationError: The name of a file is not UTF-8.
            OSError: A folder cannot be read, so that the list would not be complete.
        """
        if not self.folder.exists():
            return {}
        found: dict[str, FileState] = {}
        for path in files_below(str(self.folder), check):
            if path.rpartition("/")[2].startswith(PARTIAL_PREFIX) or not includes(path):
                continue
            if not is_unicode(path):
                raise HFValidationError(
                    f"{os.fsencode(path)!r} in {str(self.folder)!r} cannot be synchronized: its name is not UTF-8. "
                    "Rename the file, or exclude it."
                )
            if (state := self.state(path)) is not None:
                found[path] = state
        return found

    def state(self, path: str) -> FileState | None:
        """Return the state of a file; ``None`` if there is none."""
        try:
            status = os.stat(self.folder / path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return FileState(status.st_size, status.st_mtime * 1000) if stat.S_ISREG(status.st_mode) else None

    def check(self, paths: Sequence[str]) -> None:
        """Check that files can be written to the folder, before the first one is.

        Raises:
            UnsafePathError: A path leads out of the folder, or is not allowed on this system, or two paths conflict.
        """
        for path in paths:
            checked_path(path)
        check_conflicts(paths, self._is_case_insensitive)

    def _is_case_insensitive(self) -> bool:
        with (
            disk_errors("the files of the bucket", self.folder),
            Folder.root(self.folder, make=True) as root,
            temporary_name() as name,
        ):
            probe = f"{PARTIAL_PREFIX}{name}"
            os.close(root.create(probe))
            try:
                return root.status(probe.upper()) is not None
            finally:
                root.remove(probe)

    def opener(self, path: str) -> Callable[[], Folder]:
        """Return a function that opens the folder of a file, and creates it if needed.

        It raises an `UnsafePathError` if a link is in place of a folder.
        """
        return partial(self._enter, path.split("/")[:-1], make=True)

    def _enter(self, names: Iterable[str], *, make: bool) -> Folder:
        with Folder.root(self.folder, make=make) as root:
            return root.enter(*names, make=make, follow=self.follow_links)

    def remove(self, path: str) -> None:
        """Delete a file, and the folders that are empty without it.

        Raises:
            UnsafePathError: The path leads out of the folder, or a link is in place of a folder.
            DiskError: The file cannot be deleted.
        """
        *folders, name = checked_path(path).split("/")
        with disk_errors(path, self.folder):
            with suppress(FileNotFoundError), self._enter(folders, make=False) as folder:
                folder.remove(name)
            while folders:
                last = folders.pop()
                with suppress(FileNotFoundError), self._enter(folders, make=False) as folder:
                    if not folder.remove_empty(last):
                        return
