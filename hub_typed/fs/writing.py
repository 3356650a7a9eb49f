"""Methods of the file system that write."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from hub_typed.fs.paths import ResolvedPath
from hub_typed.fs.reading import ReadingMethods
from hub_typed.fs.writes import PendingWrites

__all__: list[str] = []

_MAGIC = "*?["


class WritingMethods(ReadingMethods):
    """Methods that write; each call makes one commit for each repository and branch."""

    async def check_writable(self, path: ResolvedPath, *, is_new: bool = False) -> None:
        """Check that a file can be written, before its content is there.

        Args:
            is_new: Whether the file must not exist.

        Raises:
            FileNotFoundError: The repository, its revision or the bucket does not exist.
            FileExistsError: The file exists.
            IsADirectoryError: The path is that of a repository or bucket.
        """
        if not path.path:
            raise IsADirectoryError(f"{path.unresolve()} is not a file; pass the path of a file in it.")
        await self._listings.info(path.at(""))
        if is_new and await self._exists(path.unresolve()):
            raise FileExistsError(f"{path.unresolve()} exists already.")

    async def _mkdir(self, path: str, create_parents: bool = True, **_: object) -> None:
        """Do nothing: folders exist as long as they have files."""

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Do nothing: folders exist as long as they have files."""

    async def _pipe_file(
        self,
        path: str,
        value: bytes,
        mode: str = "overwrite",
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **_: object,
    ) -> None:
        resolved = self.resolve_path(path, revision)
        if mode == "create":
            await self.check_writable(resolved, is_new=True)
        async with self.one_commit(commit_message, commit_description) as writes:
            writes.add(resolved, bytes(value))

    async def _put_file(
        self,
        lpath: str | os.PathLike[str],
        rpath: str,
        mode: str = "overwrite",
        callback: Callback = DEFAULT_CALLBACK,
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **_: object,
    ) -> None:
        size = _file_size(lpath)
        if size is None:
            return
        resolved = self.resolve_path(rpath, revision)
        if mode == "create":
            await self.check_writable(resolved, is_new=True)
        callback.set_size(size)
        async with self.one_commit(commit_message, commit_description) as writes:
            writes.add(resolved, lpath)
        callback.absolute_update(size)

    async def _pipe(
        self,
        path: str | dict[str, bytes],
        value: bytes | None = None,
        *,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: Any,
    ) -> object:
        async with self.one_commit(commit_message, commit_description):
            return await super()._pipe(path, value, **kwargs)

    async def _put(
        self,
        lpath: str | list[str],
        rpath: str | list[str],
        recursive: bool = False,
        *,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: Any,
    ) -> object:
        async with self.one_commit(commit_message, commit_description):
            return await super()._put(lpath, rpath, recursive, **kwargs)

    async def _cp_file(
        self,
        path1: str,
        path2: str,
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **_: object,
    ) -> None:
        source, target = self.resolve_path(path1, revision), self.resolve_path(path2)
        info = await self.entry_info(source)
        if info["type"] == "directory":
            return  # it exists with its files
        async with self.one_commit(commit_message, commit_description) as writes:
            if not writes.copy(source, info, target):
                folder = writes.scratch.enter_context(tempfile.TemporaryDirectory(prefix="hub-typed-"))
                local = os.path.join(folder, "content")
                await self._get_file(source.unresolve(), local)
                writes.add(target, local)

    async def _copy(
        self,
        path1: str | list[str],
        path2: str | list[str],
        recursive: bool = False,
        on_error: str | None = None,
        maxdepth: int | None = None,
        *,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: Any,
    ) -> None:
        async with self.one_commit(commit_message, commit_description):
            await super()._copy(path1, path2, recursive, on_error, maxdepth, **kwargs)

    async def _mv(
        self,
        path1: str,
        path2: str,
        recursive: bool = False,
        maxdepth: int | None = None,
        *,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Move files within one commit; LFS files are not sent again."""
        if self._strip_protocol(path1) == self._strip_protocol(path2):
            return
        async with self.one_commit(commit_message, commit_description):
            await self._copy(path1, path2, recursive, "raise", maxdepth, **kwargs)
            await self._rm(path1, recursive, maxdepth=maxdepth)

    async def _rm_file(
        self,
        path: str,
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **_: object,
    ) -> None:
        """Delete one file; its path is not a pattern."""
        async with self.one_commit(commit_message, commit_description) as writes:
            await self._delete(writes, self.resolve_path(path, revision), recursive=False)

    async def _rm(
        self,
        path: str | list[str],
        recursive: bool = False,
        batch_size: int | None = None,
        maxdepth: int | None = None,
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **_: object,
    ) -> None:
        """Delete files and folders in one commit; ``.gitattributes`` is only deleted by its own path."""
        async with self.one_commit(commit_message, commit_description) as writes:
            for each in [path] if isinstance(path, str) else path:
                if maxdepth is None and not any(letter in each for letter in _MAGIC):
                    await self._delete(writes, self.resolve_path(each, revision), recursive=recursive)
                    continue
                for name in await self._expand_path(each, recursive, maxdepth):
                    found = self.resolve_path(name, revision)
                    if not found.is_protected and not await self._isdir(name):
                        await self._delete(writes, found, recursive=False)

    async def _delete(self, writes: PendingWrites, path: ResolvedPath, *, recursive: bool) -> None:
        """Delete a file, or a folder with all of its files.

        Raises:
            FileNotFoundError: It does not exist.
            IsADirectoryError: It is a folder, and ``recursive`` is not set.
        """
        is_pending = writes.discard(path)
        try:
            info = await self.entry_info(path)
        except FileNotFoundError:
            if is_pending:
                return
            raise
        if info["type"] == "file":
            writes.delete(path, is_folder=False)
            return
        if not recursive:
            raise IsADirectoryError(f"{path.unresolve()} is a folder; pass recursive=True to delete it with its files.")
        if path.path:
            writes.delete(path, is_folder=True)
            return
        for entry in await self._listings.entries(path):
            inner = self.resolve_path(entry["name"])
            if not inner.is_protected:
                writes.delete(inner, is_folder=entry["type"] == "directory")


def _file_size(path: str | os.PathLike[str]) -> int | None:
    """Return the size of a local file; ``None`` for a folder."""
    return None if os.path.isdir(path) else os.path.getsize(path)
