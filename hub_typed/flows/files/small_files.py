"""Download many small files at a low cost for each.

A file is received into memory by one request, verified, and written to folders that stay open. It takes no lock: if two
processes download the same small file, little work is done twice. Whatever is unusual, such as a broken connection, a
wrong hash or a link in place of a blob, is left to the download of a single file, which repairs or reports it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from hub_typed.disk.files import MISSING_FILE_ERRORS, digest_for_etag, disk_error, write_all
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import end_owner, new_owner
from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, HubError, IntegrityError, ProtocolError, TransportError
from hub_typed.flows.files.partial_files import MIN_SCANNED_SIZE
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.progress import Observer, Transfer
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Response

__all__: list[str] = []

MAX_SMALL_SIZE: Final = MIN_SCANNED_SIZE
"""Size in bytes below which a file counts as small: it leaves no partial file to resume."""
MAX_SECONDS: Final = 60
"""Seconds in which the body of a small file must arrive."""


_UNUSUAL_ERRORS: Final = (*MISSING_FILE_ERRORS, errno.EXDEV)
"""Errors if another process deleted a folder, or if a folder is on another disk."""


class SmallFileWriter(Protocol):
    """Writes small files of one repository to the cache or a local folder; several threads may use it."""

    @property
    def path(self) -> Path:
        """Folder of all files, for messages."""
        ...

    def reuse(self, remote: RemoteFile) -> bool:
        """Ensure that the file is at its path, if its content is on disk already; return whether it is."""
        ...

    def write(self, remote: RemoteFile, content: bytes) -> None:
        """Write verified content to the path of the file."""
        ...

    def close(self) -> None:
        """Flush and close the folders, and delete files that killed processes left; may be called again."""
        ...


class _UnusualError(Exception):
    """The file cannot be downloaded in the simple way."""


async def put_small_files(
    io: Io, files: Iterable[RemoteFile], writer: SmallFileWriter, observer: Observer | None, *, force: bool
) -> list[RemoteFile]:
    """Download files that have the same content, and return those that need the download of a single file.

    Args:
        force: Download the content even if it exists.

    Raises:
        HfHubHTTPError: The Hub returned an error.
        UnsafePathError: A symbolic link is in place of a folder.
        DiskError: A file cannot be written to this disk.
    """
    missing = list(files)
    if not force:
        try:
            missing = await io.run_blocking(lambda: _reuse(writer, files))
        except _UnusualError:
            return missing
    if not missing:
        return []
    first = missing[0]
    transfer = Transfer(observer, "download", first.path, first.size) if observer is not None else None
    try:
        content = await _receive(io, first)
        await io.run_blocking(lambda: _write(writer, missing, content))
    except _UnusualError:
        if transfer is not None:
            transfer.fail()
        return missing
    except BaseException:
        if transfer is not None:
            transfer.fail()
        raise
    if transfer is not None:
        transfer.finish(done=first.size)
    return []


def _reuse(writer: SmallFileWriter, files: Iterable[RemoteFile]) -> list[RemoteFile]:
    """Return the files whose content is not on disk."""
    missing: list[RemoteFile] = []
    for file in files:
        with _disk_errors(writer, file):
            if not writer.reuse(file):
                missing.append(file)
    return missing


def _write(writer: SmallFileWriter, files: list[RemoteFile], content: bytes) -> None:
    for file in files:
        with _disk_errors(writer, file):
            writer.write(file, content)


@contextmanager
def _disk_errors(writer: SmallFileWriter, file: RemoteFile) -> Generator[None, None, None]:
    try:
        yield
    except HubError:
        raise
    except OSError as error:
        if error.errno in _UNUSUAL_ERRORS:
            raise _UnusualError from error
        raise disk_error(error, file.path, writer.path) from error


async def _receive(io: Io, remote: RemoteFile) -> bytes:
    """Request the content of a file and verify it."""
    call = operations.resolve_file(remote.repo_id, remote.path, repo_type=remote.repo_type, revision=remote.commit)
    sink = _ContentSink(io, remote.size)
    try:
        await execute(io, call, sink=sink, timeout=io.settings.download_timeout)
    except NEVER_RETRIED:
        raise
    except HfHubHTTPError as error:
        if error.response.status_code == 416:
            raise _UnusualError from error
        raise
    except (TransportError, ProtocolError, IntegrityError) as error:
        raise _UnusualError from error
    content = sink.content
    digest = digest_for_etag(remote.etag, remote.size)
    digest.update(content)
    if len(content) != remote.size or digest.hexdigest() != remote.etag:
        raise _UnusualError
    return content


class _ContentSink:
    """Sink that keeps a small body in memory."""

    def __init__(self, io: Io, size: int) -> None:
        self._io = io
        self._size = size
        self._pieces: list[bytes] = []
        self._received = 0
        self._began = 0.0

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def begin(self, response: Response) -> bool:
        self._pieces, self._received, self._began = [], 0, self._io.now()
        return response.status == 200

    def write(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._received += len(piece)
        if self._received > self._size:
            raise IntegrityError("The response is larger than the file.")
        if self._io.now() - self._began > MAX_SECONDS and self._io.settings.max_download_rate is None:
            raise TransportError(f"The body did not arrive within {MAX_SECONDS} s.")


def write_content(
    scratch: Folder, stem: str, subject: str, content: bytes, target: Folder, name: str
) -> os.stat_result:
    """Write a file atomically: the complete, flushed file appears under its name, and replaces an existing one.

    Args:
        scratch: Folder of the temporary file, on the same disk as ``target``.
        stem: Start of the name of the temporary file.
        subject: Path of the file in the repository.

    Returns:
        The status of the file.
    """
    owner = new_owner(subject)
    temporary = f"{stem}.{owner}.tmp"
    try:
        descriptor = scratch.create(temporary)
        try:
            write_all(descriptor, content)
            os.lseek(descriptor, 0, os.SEEK_SET)
            if os.read(descriptor, len(content) + 1) != content:
                raise _UnusualError  # the disk returns other bytes than were written; a single download reports it
            os.fsync(descriptor)
            written = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        scratch.move(temporary, target, name)
    except BaseException:
        with suppress(OSError):
            scratch.remove(temporary)
        raise
    finally:
        end_owner(owner)
    return written
