"""Write many small files to a local folder, with folders that stay open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hub_typed.disk.folders import Folder
from hub_typed.disk.open_folders import OpenFolders
from hub_typed.flows.files.local_dir import LocalFolder, name_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.small_files import write_content
from hub_typed.flows.files.sweep import sweep_ended, sweep_temporary_files
from hub_typed.http.io import Io

__all__: list[str] = []


class LocalFolderWriter:
    """Writes small files of one commit to a local folder; see `SmallFileWriter`."""

    def __init__(self, local: LocalFolder, io: Io) -> None:
        self._local = local
        self._io = io
        self._root: Folder = Folder.root(local.folder, make=True)
        try:
            self._metadata: Folder = local.open_metadata()
        except BaseException:
            self._root.close()
            raise
        self._written: dict[tuple[str, ...], dict[str, str]] = {}
        self._targets = OpenFolders(lambda names: local.enter(self._root, names))
        self._records = OpenFolders(lambda names: self._metadata.enter("download", *names, make=True))

    @property
    def path(self) -> Path:
        """The folder."""
        return self._local.folder

    def reuse(self, remote: RemoteFile) -> bool:
        if self._local.has(remote):
            return True
        folders, name = _split(remote.path)
        stem = f"{name_hash(name)}.{remote.etag}"
        with self._targets.use(*folders) as target, self._records.use(*folders) as records:
            found = self._local.reuse_content(remote, target, records, stem, self._io.check)
            if found is None:
                return False
            self._local.write_record(remote, found, target, records, self._metadata, self._io.now())
        return True

    def write(self, remote: RemoteFile, content: bytes) -> None:
        folders, name = _split(remote.path)
        stem = f"{name_hash(name)}.{remote.etag}"
        with self._targets.use(*folders) as target, self._records.use(*folders) as records:
            written = write_content(records, stem, remote.path, content, target, name)
            self._local.write_record(remote, written, target, records, self._metadata, self._io.now())
        self._written.setdefault(folders, {})[stem] = remote.path

    def close(self) -> None:
        written, self._written = self._written, {}
        try:
            with suppress(OSError):
                for folders, paths in written.items():
                    with self._records.use(*folders) as records:
                        sweep_ended(records, paths, self._io.now())
                if written:
                    sweep_temporary_files(self._metadata, self._io.now())
        finally:
            self._targets.close()
            self._records.close()
            self._metadata.close()
            self._root.close()


def _split(path: str) -> tuple[tuple[str, ...], str]:
    *folders, name = path.split("/")
    return tuple(folders), name
