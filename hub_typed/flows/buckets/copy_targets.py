"""Paths of copies: files into folders, and folders into folders or as new ones."""

from __future__ import annotations

import attrs

__all__: list[str] = []


@attrs.frozen
class Destination:
    """Where copies go to.

    Attributes:
        path: Path of a file or folder, without slashes around it; empty for a whole repository or bucket.
        is_folder: Whether it is a folder, or written as one with a slash at its end.
        exists: Whether the folder exists.
    """

    path: str
    is_folder: bool
    exists: bool

    def of_file(self, path: str) -> str:
        """Return the path of the copy of a single file."""
        return self._below(path.rpartition("/")[2]) if self.is_folder else self.path

    def of_file_in(self, folder: str, path: str, *, contents_only: bool) -> str:
        """Return the path of the copy of a file in a folder that is copied.

        Args:
            folder: Path of the folder; empty for a whole repository or bucket.
            path: Path of the file.
            contents_only: Whether the folder's content is copied, not the folder itself into an existing one.
        """
        inside = path[len(folder) + 1 :] if folder else path
        if folder and self.exists and not contents_only:
            inside = f"{folder.rpartition('/')[2]}/{inside}"
        return self._below(inside)

    def _below(self, path: str) -> str:
        return f"{self.path}/{path}" if self.path else path
