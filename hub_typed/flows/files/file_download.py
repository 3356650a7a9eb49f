"""Common part of the ways to receive a file: its partial file, the checks of responses, and the final verification."""

from __future__ import annotations

import errno
import os
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from hub_typed.disk.files import Digest, disk_errors
from hub_typed.disk.folders import Folder
from hub_typed.errors import IntegrityError, ProtocolError, TransportError
from hub_typed.flows.files.byte_ranges import ContentVersions
from hub_typed.flows.files.partial_files import PartialFile, PartialFiles
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.xet.content import XetContent
from hub_typed.http.header_values import whole_number
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Transfer
from hub_typed_api.wire import Response

__all__: list[str] = []

PACE_INTERVAL: Final = 60
"""Seconds in which a connection must deliver `MIN_BYTES`; a slower one is closed."""
MIN_BYTES: Final = PACE_INTERVAL * 1024


class FileDownload(ABC):
    """A download in progress: the partial file, its hash, and how the missing bytes are received.

    Attributes:
        transfer: Receives the progress; set once the partial file is open.
        versions: Checks responses to ranges.
        is_read_back: Whether the hash is that of the bytes in the file, not of the received bytes.
    """

    transfer: Transfer
    is_read_back = False

    def __init__(self, io: Io, remote: RemoteFile, partial_files: PartialFiles, xet: XetContent | None) -> None:
        self.io = io
        self._xet = xet
        self.remote = remote
        self.partial_files = partial_files
        self._file: PartialFile | None = None
        self._digest = self._new_digest()
        self.versions: ContentVersions = ContentVersions()

    @property
    @abstractmethod
    def done(self) -> int:
        """Number of bytes in the partial file."""

    @property
    @abstractmethod
    def resumed(self) -> bool:
        """Whether the bytes come from more than one response."""

    @abstractmethod
    def open(self, force: bool) -> None:
        """Create the partial file and, unless ``force`` is set, resume one of an earlier run."""

    @abstractmethod
    async def fill(self) -> None:
        """Request missing bytes until the file is complete; fail after several attempts without progress."""

    @abstractmethod
    def restart(self) -> None:
        """Discard all bytes."""

    @property
    def source(self) -> tuple[str, os.stat_result] | None:
        """Partial file of another client from which the first bytes were copied."""
        return self._file.source if self._file is not None else None

    def refusal(self, reason: str) -> ProtocolError:
        """Return the error for a refused response to a range."""
        remote = self.remote
        return ProtocolError(f"{remote.repo_id}: refused the response for {remote.path}: it has a range {reason}.")

    def check_length(self, response: Response) -> None:
        """Check the length of a response with the whole file.

        Raises:
            IntegrityError: The length differs from the metadata of the Hub.
        """
        encoding = response.headers.get("content-encoding", "identity")
        length = whole_number(response.headers.get("content-length"))
        if encoding == "identity" and length is not None and length != self.remote.size:
            raise self._integrity_error(f"has {self.remote.size} bytes by its metadata, but the response has {length}")

    async def verify(self) -> None:
        """Check the hash.

        Raises:
            IntegrityError: The hash differs from the metadata of the Hub.
        """
        found = self._digest.hexdigest()
        if self.remote.is_hashed_as_a_whole:
            assert self._file is not None
            found = await self.io.run_blocking(partial(self.remote.hash_of_file, self._file.path))
        if found != self.remote.etag:
            raise self._integrity_error(
                f"has the hash {self.remote.etag} by its metadata, but the received bytes have the hash {found}"
            )

    def move(self, target: Folder, name: str, *, last: bool) -> os.stat_result | None:
        """Move the file into place if it reads back unchanged, and return its status; otherwise discard all bytes.

        Args:
            last: Raise an error instead of discarding the bytes.

        Raises:
            DiskError: The disk returns other bytes than were written, or the file was deleted.
        """
        assert self._file is not None
        with self._disk_errors():
            resumed = self.resumed and not self.is_read_back
            if self._file.matches(self._new_digest(), self.remote.etag, resumed=resumed):
                return self._file.move(target, name, self._new_digest(), self.remote.etag)
            if last:
                raise OSError(errno.EIO, "the disk returns other bytes than were written")
        _log.warning("Downloading %s again, since the disk returns other bytes than were written", self.remote.path)
        self.restart()
        return None

    def drop(self) -> None:
        """Delete the partial file."""
        if self._file is not None:
            self._file.drop()

    def close(self) -> None:
        """Stop writing; a later run can resume."""
        if self._file is not None:
            self._file.keep()

    def _new_digest(self) -> Digest:
        return self.remote.new_digest()

    def _disk_errors(self) -> AbstractContextManager[None]:
        return disk_errors(f"the {self.remote.size} bytes of {self.remote.path}", self.partial_files.folder.path)

    def _integrity_error(self, how: str) -> IntegrityError:
        return IntegrityError(
            f"{self.remote.place} {how}. The received bytes were discarded. Try "
            "again; if the error persists, a proxy or mirror alters the file, or the Hub's copy is damaged."
            + (" HF_HUB_DISABLE_XET=1 downloads it without Xet storage." if self._xet is not None else "")
        )


class Pace:
    """Detects a body that arrives too slowly: read timeouts detect silence, this detects a trickle of bytes."""

    def __init__(self, io: Io, path: str) -> None:
        self._io = io
        self._path = path
        self._since = io.now()
        self._received = 0

    def receive(self, count: int) -> float:
        """Record received bytes and return the time.

        Raises:
            TransportError: Too few bytes arrived.
        """
        now = self._io.now()
        self._received += count
        if now - self._since >= PACE_INTERVAL:
            if self._received < MIN_BYTES and self._io.settings.max_download_rate is None:
                raise TransportError(f"{self._path}: only {self._received} bytes received in {PACE_INTERVAL} s.")
            self._since, self._received = now, 0
        return now
