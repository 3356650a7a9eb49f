"""Commit operations: add, delete and copy files."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias

import attrs

from hub_typed.flows.lfs.content import Content, LocalSource, open_source, source_name
from hub_typed.progress import Transfer
from hub_typed_api.fields import Fields
from hub_typed_api.models import RepoType
from hub_typed_api.path import checked_file, checked_repo_id, checked_revision, repo_type

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["CommitOperation", "CommitOperationAdd", "CommitOperationCopy", "CommitOperationDelete", "UploadInfo"]

FORBIDDEN_FOLDERS = (".git", ".cache")
"""Folders of git and of the metadata of clients."""


@attrs.frozen(kw_only=True)
class UploadInfo:
    """Size and hash of the content of an added file.

    Attributes:
        sha256: SHA-256 of the content.
        size: Size in bytes.
        sample: First 512 bytes of the content.
    """

    sha256: bytes
    size: int
    sample: bytes


def _normalized_path(value: str) -> str:
    """Normalize a path in a repository: remove one leading ``/`` or ``./``.

    Raises:
        ValueError: The path is invalid.
    """
    return checked_file(value.removeprefix("/").removeprefix("./"))


def _checked_path(value: str) -> str:
    """Normalize and check a path that a commit writes.

    Raises:
        ValueError: The path is invalid, or is below a folder that cannot be committed.
    """
    path = _normalized_path(value)
    for part in path.split("/"):
        if part in FORBIDDEN_FOLDERS:
            raise ValueError(
                f"{value!r} cannot be committed: paths below a folder {part!r} are reserved. Skip the file, in "
                f"upload_folder with ignore_patterns."
            )
    return path


def _checked_revision(value: str | None) -> str | None:
    return None if value is None else checked_revision(value)


def _checked_repo_id(value: str | None) -> str | None:
    return None if value is None else checked_repo_id(value)


def _checked_source(value: LocalSource) -> LocalSource:
    """Check the source of a file.

    Raises:
        ValueError: The value is neither an existing file, nor bytes, nor a seekable file object in binary mode.
    """
    if isinstance(value, str | os.PathLike):
        if os.fspath(value).startswith("~"):
            value = os.path.expanduser(value)
        if not os.path.isfile(value):
            raise ValueError(f"{value} is not a local file.")
    elif not isinstance(value, bytes) and not _is_binary_file(value):
        raise ValueError(
            f"{value!r} cannot be uploaded: pass a path, bytes, or a seekable file object open in binary mode."
        )
    return value


def _is_binary_file(file: BinaryIO) -> bool:
    try:
        return file.seekable() and file.read(0) == b""
    except (AttributeError, OSError, ValueError):
        return False


@attrs.define(slots=False)
class CommitOperationAdd:
    """Add or replace a file.

    Attributes:
        path_in_repo: Path in the repository.
        path_or_fileobj: A local path, the content as bytes, or a seekable file object in binary mode, which is
            read from its beginning and must stay open until the commit.
        stage: ``new``; ``uploaded`` after `preupload_lfs_files` has uploaded the content; ``committed`` after a commit
            contains it, then the operation cannot be committed again.
    """

    path_in_repo: str = attrs.field(converter=_checked_path)
    path_or_fileobj: LocalSource = attrs.field(converter=_checked_source, repr=lambda source: repr(source_name(source)))
    stage: Literal["new", "uploaded", "committed"] = attrs.field(default="new", init=False, eq=False, repr=False)

    @cached_property
    def upload_info(self) -> UploadInfo:
        """Size and hash of the content, computed on first access."""
        content = Content.of(self.path_or_fileobj)
        return UploadInfo(sha256=bytes.fromhex(content.sha256()), size=content.size, sample=content.sample)

    @contextmanager
    def as_file(self, with_tqdm: bool = False) -> Generator[BinaryIO]:
        """Open the content for reading from its beginning.

        Args:
            with_tqdm: Show a progress bar while the content is read.
        """
        with open_source(self.path_or_fileobj) as file:
            if not with_tqdm:
                yield file
                return
            from hub_typed.progress_bars.class_bars import tqdm_bars

            transfer = Transfer(tqdm_bars(), "upload", self.path_in_repo, file.seek(0, os.SEEK_END))
            file.seek(0)
            try:
                yield io.BufferedReader(_ProgressReader(file, transfer))
            finally:
                transfer.finish()

    def b64content(self) -> bytes:
        """Return the whole content as base64."""
        with self.as_file() as file:
            return base64.b64encode(file.read())


@attrs.define
class CommitOperationDelete(Fields):
    """Delete a file or folder.

    Attributes:
        path_in_repo: Path in the repository; the path of a folder ends with a slash.
        is_folder: Whether the path is a folder; ``auto``: if it ends with a slash.
    """

    path_in_repo: str
    is_folder: bool | Literal["auto"] = "auto"

    def __attrs_post_init__(self) -> None:
        if self.is_folder not in (True, False, "auto"):
            raise ValueError(f"is_folder must be True, False or 'auto', not {self.is_folder!r}.")
        if self.is_folder == "auto":
            self.is_folder = self.path_in_repo.endswith("/")
        path = _checked_path(self.path_in_repo.removesuffix("/"))
        self.path_in_repo = f"{path}/" if self.is_folder else path


@attrs.define
class CommitOperationCopy(Fields):
    """Copy a file within the repository, or from another one; with a deletion of the source in the same one, rename it.

    Attributes:
        src_path_in_repo: Path of the source in its repository.
        path_in_repo: Path of the copy.
        src_revision: Branch, tag or commit of the source; if not given, the revision of the commit, or ``main`` of
            another repository.
        src_repo_id: Another repository that has the source, ``owner/name``.
        src_repo_type: Its type: ``model``, ``dataset`` or ``space``; needed with ``src_repo_id``.

    Raises:
        ValueError: A path or the name of the repository is invalid, or only one of its name and type is given.
    """

    src_path_in_repo: str = attrs.field(converter=_normalized_path)
    path_in_repo: str = attrs.field(converter=_checked_path)
    src_revision: str | None = attrs.field(default=None, converter=_checked_revision)
    src_repo_id: str | None = attrs.field(default=None, converter=_checked_repo_id)
    src_repo_type: RepoType | None = None

    def __attrs_post_init__(self) -> None:
        if (self.src_repo_id is None) != (self.src_repo_type is None):
            raise ValueError(f"{self.src_path_in_repo}: pass src_repo_id and src_repo_type together.")
        if self.src_repo_type is not None:
            repo_type(self.src_repo_type)


CommitOperation: TypeAlias = CommitOperationAdd | CommitOperationCopy | CommitOperationDelete


class _ProgressReader(io.RawIOBase):
    """File object that reports the progress of reading."""

    def __init__(self, file: BinaryIO, transfer: Transfer) -> None:
        self._file = file
        self._transfer = transfer

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        piece = self._file.read(len(view))
        view[: len(piece)] = piece
        self._transfer.set_done(self._file.tell())
        return len(piece)
