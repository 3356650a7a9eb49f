"""Fetch the content of one file: resume it after failures, verify size and hash."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Final

from hub_typed.disk.files import DISK_FULL_ERRORS
from hub_typed.disk.folders import Folder
from hub_typed.errors import DiskError, IntegrityError
from hub_typed.flows.files.file_download import FileDownload
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.stream_download import StreamDownload
from hub_typed.flows.xet.content import xet_content
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer, Transfer

__all__: list[str] = []

MIN_RANGED_SIZE: Final = 64 << 20
"""Size in bytes from which a file is received in ranges over several connections."""


async def fetch(
    io: Io,
    remote: RemoteFile,
    partial_files: PartialFiles,
    target: Folder,
    name: str,
    observer: Observer | None,
    *,
    force: bool = False,
) -> os.stat_result:
    """Download a file into a partial file of this writer, and move it into place once size and hash are verified.

    Args:
        partial_files: Partial files of the content; a later run resumes them.
        target: Folder of the complete file.
        name: Name of the complete file; an existing file is replaced at the end.
        observer: Receives the progress.
        force: Ignore the partial files of earlier runs.

    Returns:
        The status of the complete file.

    Raises:
        IntegrityError: The size or hash of the received bytes differs from the metadata of the Hub.
        TransportError: The connection broke too often without progress.
        DiskError: The disk is full or not writable, or another process deleted the file during the download.
    """
    download = _new_download(io, remote, partial_files)
    complete: os.stat_result | None = None
    try:
        await io.run_blocking(lambda: download.open(force))
        download.transfer = Transfer(observer, "download", remote.path, remote.size, download.done)
        try:
            for last in (False, True):
                await _fill_with_restart(download)
                complete = await io.run_blocking(partial(download.move, target, name, last=last))
                if complete is not None:
                    break
        except BaseException:
            download.transfer.fail()
            raise
        download.transfer.finish()
    except IntegrityError:
        download.drop()
        raise
    except DiskError as error:
        if error.errno in DISK_FULL_ERRORS:
            download.drop()
        raise
    finally:
        download.close()
    with suppress(OSError):
        await io.run_blocking(lambda: partial_files.sweep(io.now(), download.source))
    assert complete is not None  # otherwise, the last attempt raised an error
    return complete


def _new_download(io: Io, remote: RemoteFile, partial_files: PartialFiles) -> FileDownload:
    """Choose how to receive a file."""
    xet = xet_content(io, remote)
    if remote.size < (MIN_RANGED_SIZE if xet is None else xet.min_ranged_size) or not hasattr(os, "preadv"):
        return StreamDownload(io, remote, partial_files, xet)
    from hub_typed.flows.files.ranged_download import RangedDownload

    return RangedDownload(io, remote, partial_files, xet)


async def _fill_with_restart(download: FileDownload) -> None:
    """Fill the partial file; start over once if resumed bytes may be wrong."""
    try:
        await download.fill()
        await download.verify()
    except IntegrityError as error:
        if not download.resumed:
            raise
        _log.warning("Downloading again from the start, since the resumed file is damaged: %s", error)
        download.restart()
        await download.fill()
        await download.verify()
