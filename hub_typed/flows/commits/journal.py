"""State of each file of a large upload, stored in the folder so that the upload can resume.

::

    .cache/huggingface/.gitignore, CACHEDIR.TAG     keep what follows out of git and backups
    .cache/huggingface/upload.lock                  held during an upload
    .cache/huggingface/upload/<path>.metadata       one file: see `Record`

The official client keeps the same files, in two forms: up to 0.27, seven lines, the last two whether the file is
uploaded and whether it is committed; later, eight, with the id of the file on the Hub before these two. What is written
here is right for both: its seventh and eighth line both say whether the file is committed. The later client then takes
a file that is uploaded and not committed for one that is neither, asks the Hub, and hears that it has it.
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
from hub_typed.logs.logger import log as _log

__all__: list[str] = []

Mode: TypeAlias = Literal["regular", "lfs"]
MODES: tuple[Mode, ...] = ("regular", "lfs")


@attrs.frozen(kw_only=True)
class Record:
    """State of the upload of one file.

    Attributes:
        size: In bytes.
        ignored: Whether the repository ignores it; ``None``, if that is not known yet.
        sha256: Hash of its bytes, in hexadecimal; ``None``, if that is not known, or nobody needs it.
        mode: How it gets to the Hub; ``None``, if that is not known yet.
        uploaded: Whether its bytes were brought to the store of large files; it may have forgotten them since.
        committed: Whether the branch has it.
    """

    size: int
    ignored: bool | None = None
    sha256: str | None = None
    mode: Mode | None = None
    uploaded: bool = False
    committed: bool = False

    @property
    def done(self) -> bool:
        """Whether the upload of the file is complete."""
        return self.committed or bool(self.ignored)


@attrs.frozen
class Journal:
    """Upload states of the files of a folder, stored on disk."""

    folder: Path

    @property
    def lock(self) -> tuple[str, ...]:
        """Path of the lock held during an upload, as parts below the folder."""
        return (".cache", "huggingface", "upload.lock")

    def make(self) -> None:
        """Create the folder of the journal.

        Raises:
            UnsafePathError: A symbolic link is in its place.
            DiskError: It cannot be made.
        """
        with disk_errors("the records of an upload", self.folder), Folder.root(self.folder) as root:
            open_metadata_folder(root).close()

    def read(self, path: str) -> Record:
        """Read the state of a file; only its size, if the file has changed since the state was written.

        Raises:
            OSError: The file cannot be looked at.
        """
        status = os.stat(self.folder / path)
        unknown = Record(size=status.st_size)
        try:
            saved, record = _parsed(read_file(self._file(path)).decode())
        except OSError:
            return unknown
        except ValueError:
            _log.warning("%s is damaged; what it said is found out anew", self._file(path))
            return unknown
        if status.st_mtime > saved or status.st_size != record.size:
            return unknown
        return record

    def write(self, path: str, record: Record, looked_at: float) -> None:
        """Write the state of a file.

        A record saves work and is needed for nothing else: one that cannot be kept, as that of a name too long, is not.

        Args:
            looked_at: When the file was looked at, in seconds since 1970.
        """
        *folders, name = path.split("/")
        try:
            with (
                Folder.root(self.folder) as root,
                root.enter(".cache", "huggingface") as home,
                home.enter("upload", *folders, make=True) as records,
            ):
                write_text(records, f"{name}.metadata", _text(record, looked_at), home)
        except (OSError, UnsafePathError) as error:
            _log.warning("%s could not be written: %s", self._file(path), error)

    @property
    def _home(self) -> Path:
        return self.folder / ".cache" / "huggingface"

    def _file(self, path: str) -> Path:
        return self._home / "upload" / f"{path}.metadata"


def _text(record: Record, looked_at: float) -> str:
    ignored = "" if record.ignored is None else str(int(record.ignored))
    known = (looked_at, record.size, ignored, record.sha256 or "", record.mode or "")
    state = (int(record.uploaded), int(record.committed), int(record.committed))
    return "".join(f"{line}\n" for line in (*known, *state))


def _parsed(text: str) -> tuple[float, Record]:
    """Parse the time and the state of a record.

    Raises:
        ValueError: It is damaged.
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
