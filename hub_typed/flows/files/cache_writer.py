"""Write many small files to the cache, with folders that stay open."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

from hub_typed.disk.folders import Folder
from hub_typed.disk.open_folders import OpenFolders
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.small_files import write_content
from hub_typed.flows.files.sweep import sweep_ended, sweep_temporary_files
from hub_typed.http.io import Io

__all__: list[str] = []


class CacheWriter:
    """Writes small files of one commit to the cache; see `SmallFileWriter`."""

    def __init__(self, cached: CachedRepo, io: Io) -> None:
        self._cached = cached
        self._io = io
        self._repo: Folder = cached.open()
        self._folders = OpenFolders(self._open_folder)
        self._written: list[RemoteFile] = []

    @property
    def path(self) -> Path:
        """Folder of the repository."""
        return self._cached.folder

    def _open_folder(self, names: tuple[str, ...]) -> Folder:
        return self._repo.enter(*names, make=True)

    def reuse(self, remote: RemoteFile) -> bool:
        if self._cached.has(remote):
            return True
        with self._folders.use("blobs") as blobs:
            status = blobs.status(remote.etag)
            if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != remote.size:
                return False
            self._link(remote, blobs, downloaded=False)
        return True

    def write(self, remote: RemoteFile, content: bytes) -> None:
        with self._folders.use("blobs") as blobs:
            write_content(blobs, remote.etag, remote.path, content, blobs, remote.etag)
            self._link(remote, blobs, downloaded=True)
        self._written.append(remote)

    def _link(self, remote: RemoteFile, blobs: Folder, *, downloaded: bool) -> None:
        with self._folders.use("snapshots", remote.commit, *remote.path.split("/")[:-1]) as folder:
            self._cached.link_blob(
                remote, blobs, folder, self._repo, downloaded=downloaded, symlinks=self._io.settings.symlinks
            )

    def close(self) -> None:
        written, self._written = self._written, []
        try:
            if written:
                with suppress(OSError), self._folders.use("blobs") as blobs:
                    sweep_ended(blobs, {remote.etag: remote.path for remote in written}, self._io.now())
                    sweep_temporary_files(self._repo, self._io.now())
        finally:
            self._folders.close()
            self._repo.close()
