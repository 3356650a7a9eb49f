"""Upload state of each file of a large folder, stored in the folder to resume interrupted uploads.

::

    .cache/huggingface/.gitignore, CACHEDIR.TAG     exclude the files below from git and backups
    .cache/huggingface/upload.lock                  held during an upload
    .cache/huggingface/upload/<path>.metadata       state of one file, see `Record`
    .cache/huggingface/upload.parts/<oid>           parts of an unfinished LFS upload, see `PartRecords`

The official client stores the same files in two formats. Up to version 0.27, they have seven lines; the last two are
the flags "uploaded" and "committed". Later versions write eight lines, with the oid of the file on the Hub before these
two flags. The files written here are valid in both formats: the seventh and the eighth line are both the flag
"committed". Later versions therefore treat a file that is uploaded but not committed as not uploaded, and the Hub
responds that it already has the content.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from hub_typed.disk.files import disk_errors, write_text
from hub_typed.disk.folders import Folder, read_file
from hub_typed.errors import UnsafePathError
from hub_typed.flows.files.metadata_folder import open_metadata_folder
from hub_typed.flows.lfs.part_records import PartRecords
from hub_typed.logs.logger import log as _log

__all__: list[str] = []

Mode: TypeAlias = Literal["regular", "lfs"]
MODES: tuple[Mode, ...] = ("regular", "lfs")


@attrs.frozen(kw_only=True)
class Record:
    """Upload state of one file.

    Attributes:
        size: Size in bytes.
        ignored: Whether a ``.gitignore`` of the repository ignores the file; ``None`` if not known yet.
        sha256: SHA-256 of the content in hexadecimal; ``None`` if not known or not needed.
        mode: Upload mode; ``None`` if not known yet.
        uploaded: Whether the content was uploaded to LFS storage, which may have deleted it since.
        committed: Whether the branch contains the file.
    """

    size: int
    ignored: bool | None = None
    sha256: str | None = None
    mode: Mode | None = None
    uploaded: bool = False
    committed: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to upload or commit."""
        return self.committed or bool(self.ignored)


@attrs.frozen
class Journal:
    """Upload states of the files of a folder, stored on disk."""

    folder: Path

    @property
    def lock(self) -> tuple[str, ...]:
        """Path components, below the folder, of the lock that is held during an upload."""
        return (".cache", "huggingface", "upload.lock")

    @property
    def parts(self) -> PartRecords:
        """Records of the parts of unfinished uploads; the official client ignores them."""
        return PartRecords(str(self.folder), (".cache", "huggingface", "upload.parts"))

    def make(self) -> None:
        """Create the folder of the journal.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            DiskError: The folder cannot be created.
        """
        with disk_errors("the upload states", self.folder), Folder.root(self.folder) as root:
            open_metadata_folder(root).close()

    def read(self, path: str) -> Record:
        """Return the state of a file; only its size if the file has changed since the state was written.

        Raises:
            OSError: The metadata of the file cannot be read.
        """
        status = os.stat(self.folder / path)
        unknown = Record(size=status.st_size)
        try:
            saved, record = _parse(read_file(self._file(path)).decode())
        except OSError:
            return unknown
        except ValueError:
            _log.warning("%s is damaged and ignored; the state of the file is determined again", self._file(path))
            return unknown
        if status.st_mtime > saved or status.st_size != record.size:
            return unknown
        return record

    def write(self, path: str, record: Record, checked_at: float) -> None:
        """Write the state of a file.

        States only save work, so a write error, as for a name that is too long, is logged and not raised.

        Args:
            checked_at: Time when the file was examined, in seconds since 1970.
        """
        *folders, name = path.split("/")
        try:
            with (
                Folder.root(self.folder) as root,
                root.enter(".cache", "huggingface") as home,
                home.enter("upload", *folders, make=True) as records,
            ):
                write_text(records, f"{name}.metadata", _serialize(record, checked_at), home)
        except (OSError, UnsafePathError) as error:
            _log.warning("%s could not be written: %s", self._file(path), error)

    @property
    def _home(self) -> Path:
        return self.folder / ".cache" / "huggingface"

    def _file(self, path: str) -> Path:
        return self._home / "upload" / f"{path}.metadata"


def _serialize(record: Record, checked_at: float) -> str:
    ignored = "" if record.ignored is None else str(int(record.ignored))
    known = (checked_at, record.size, ignored, record.sha256 or "", record.mode or "")
    state = (int(record.uploaded), int(record.committed), int(record.committed))
    return "".join(f"{line}\n" for line in (*known, *state))


def _parse(text: str) -> tuple[float, Record]:
    """Parse the time and the state in a metadata file.

    Raises:
        ValueError: The text is damaged.
    """
    saved, size, ignored, sha256, mode, *state = text.split("\n")
    uploaded, committed = state[:2] if state[0] in ("0", "1") else state[1:3]
    return float(saved), Record(
        size=int(size),
        ignored=bool(int(ignored)) if ignored else None,
        sha256=sha256 or None,
        mode=MODES[MODES.index(mode)] if mode else None,
        uploaded=bool(int(uploaded)),
        committed=bool(int(committed)),
    )
