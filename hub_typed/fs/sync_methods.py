"""The synchronous methods, which run the asynchronous ones, with their types."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO, overload

from fsspec.asyn import sync
from fsspec.spec import AbstractFileSystem

if TYPE_CHECKING:
    from hub_typed.fs.base import FileSystemBase
    from hub_typed.fs.entries import EntryInfo
    from hub_typed.fs.files import HfFileSystemFile

__all__: list[str] = []


class SyncMethods:
    """Methods of the class, or of its base class in fsspec.

    Paths are ``[datasets/|spaces/|kernels/]owner/name[@revision]/path`` or ``buckets/owner/name/path``, with or without
    ``hf://``. ``revision`` is used if the path has none. A repository, revision, bucket or file that does not exist
    raises `FileNotFoundError`.
    """

    if TYPE_CHECKING:

        @overload
        def open(self, path: str, mode: Literal["rb", "wb", "ab", "xb"] = "rb", **kwargs: Any) -> HfFileSystemFile: ...
        @overload
        def open(
            self, path: str, mode: Literal["r", "w", "a", "x", "rt", "wt", "at", "xt"], **kwargs: Any
        ) -> TextIO: ...
        @overload
        def open(self, path: str, mode: str, **kwargs: Any) -> IO[Any]: ...
        def open(self, path: str, mode: str = "rb", **kwargs: Any) -> object:
            """Open a file; it is read at one commit, and written in one."""

        @overload
        def ls(self, path: str, detail: Literal[True] = True, **kwargs: Any) -> list[EntryInfo]: ...
        @overload
        def ls(self, path: str, detail: Literal[False], **kwargs: Any) -> list[str]: ...
        def ls(self, path: str, detail: bool = True, **kwargs: Any) -> object:
            """List a folder."""

        def info(self, path: str, **kwargs: Any) -> EntryInfo:
            """Return information about a file or folder."""
            ...

        @overload
        def find(
            self,
            path: str,
            maxdepth: int | None = None,
            withdirs: bool = False,
            detail: Literal[False] = False,
            **kwargs: Any,
        ) -> list[str]: ...
        @overload
        def find(
            self,
            path: str,
            maxdepth: int | None = None,
            withdirs: bool = False,
            *,
            detail: Literal[True],
            **kwargs: Any,
        ) -> dict[str, EntryInfo]: ...
        def find(
            self, path: str, maxdepth: int | None = None, withdirs: bool = False, detail: bool = False, **kwargs: Any
        ) -> object:
            """List all files below a folder."""

        @overload
        def glob(
            self, path: str, maxdepth: int | None = None, *, detail: Literal[False] = False, **kwargs: Any
        ) -> list[str]: ...
        @overload
        def glob(
            self, path: str, maxdepth: int | None = None, *, detail: Literal[True], **kwargs: Any
        ) -> dict[str, EntryInfo]: ...
        def glob(self, path: str, maxdepth: int | None = None, *, detail: bool = False, **kwargs: Any) -> object:
            """List the files and folders that match a pattern."""

        def walk(
            self, path: str, maxdepth: int | None = None, **kwargs: Any
        ) -> Iterator[tuple[str, list[str], list[str]]]:
            """Walk through folders."""
            ...

        def exists(self, path: str, **kwargs: Any) -> bool:
            """Whether a file or folder exists."""
            ...

        def isfile(self, path: str) -> bool:
            """Whether a path is that of a file."""
            ...

        def isdir(self, path: str) -> bool:
            """Whether a path is that of a folder."""
            ...

        def size(self, path: str) -> int:
            """Return the size of a file in bytes."""
            ...

        def cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
            """Return the content of a file, or a range of it; the hash of the whole content is verified."""
            ...

        def cat(self, path: str | list[str], recursive: bool = False, on_error: str = "raise", **kwargs: Any) -> Any:
            """Return the content of a file, or those of several by path."""
            ...

        def cat_ranges(
            self,
            paths: list[str],
            starts: int | Iterable[int | None] | None,
            ends: int | Iterable[int | None] | None,
            max_gap: int | None = None,
            on_error: Literal["return", "raise"] = "return",
            **kwargs: Any,
        ) -> list[bytes | Exception]:
            """Return ranges of files, requested at once; ranges of a file that are near each other are merged."""
            ...

        def read_bytes(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
            """Return the content of a file, or a range of it."""
            ...

        def read_text(self, path: str, encoding: str | None = None, **kwargs: Any) -> str:
            """Return the content of a file as text."""
            ...

        def get(self, rpath: str | list[str], lpath: str | list[str], recursive: bool = False, **kwargs: Any) -> object:
            """Download files to local paths; their hashes are verified."""
            ...

        def get_file(self, rpath: str, lpath: str | os.PathLike[str], **kwargs: Any) -> None:
            """Download a file to a local path; its hash is verified."""
            ...

        def put(self, lpath: str | list[str], rpath: str | list[str], recursive: bool = False, **kwargs: Any) -> object:
            """Upload local files in one commit."""
            ...

        def put_file(self, lpath: str | os.PathLike[str], rpath: str, **kwargs: Any) -> None:
            """Upload a local file."""
            ...

        def pipe(self, path: str | dict[str, bytes], value: bytes | None = None, **kwargs: Any) -> object:
            """Write files in one commit."""
            ...

        def pipe_file(
            self, path: str, value: bytes, mode: Literal["overwrite", "create"] = "overwrite", **kwargs: Any
        ) -> None:
            """Write a file."""
            ...

        def write_text(self, path: str, value: str, encoding: str | None = None, **kwargs: Any) -> int:
            """Write a file with text."""
            ...

        def touch(self, path: str, truncate: bool = True, **kwargs: Any) -> None:
            """Write an empty file."""
            ...

        def rm(
            self, path: str | list[str], recursive: bool = False, maxdepth: int | None = None, **kwargs: Any
        ) -> None:
            """Delete files and folders in one commit; ``.gitattributes`` is only deleted by its own path."""
            ...

        def rm_file(self, path: str) -> None:
            """Delete a file."""
            ...

        def cp_file(self, path1: str, path2: str, **kwargs: Any) -> None:
            """Copy a file; an LFS file of the same repository by its hash."""
            ...

        def copy(self, path1: str | list[str], path2: str | list[str], recursive: bool = False, **kwargs: Any) -> None:
            """Copy files in one commit; LFS files of the same repository by their hashes."""
            ...

        def mkdir(self, path: str, create_parents: bool = True, **kwargs: Any) -> None:
            """Do nothing: folders exist as long as they have files."""
            ...

        def makedirs(self, path: str, exist_ok: bool = False) -> None:
            """Do nothing: folders exist as long as they have files."""
            ...


def _synchronous(name: str) -> Callable[..., object]:
    def call(self: FileSystemBase, *args: object, **kwargs: object) -> object:
        return sync(self.loop, getattr(self, f"_{name}"), *args, **kwargs)

    call.__name__, call.__qualname__ = name, f"{SyncMethods.__name__}.{name}"
    call.__doc__ = getattr(AbstractFileSystem, name).__doc__
    return call


# fsspec would make them attributes of each instance, which cannot be pickled: `pool.map(fs.cat_file, paths)`.
for _name in (
    *("cat", "cat_file", "cat_ranges", "copy", "cp_file", "du", "exists", "expand_path", "find", "get", "get_file"),
    *("glob", "info", "isdir", "isfile", "ls", "makedirs", "mkdir", "pipe", "pipe_file", "put", "put_file", "rm"),
    *("rm_file", "size", "sizes"),
):
    setattr(SyncMethods, _name, _synchronous(_name))
