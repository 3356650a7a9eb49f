"""DDUF files: a diffusion model in one uncompressed ZIP archive, whose entries can be mapped into memory."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import zipfile
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final, TypeAlias, TypeGuard

import attrs

from hub_typed.errors import DDUFCorruptedFileError, DDUFExportError, DDUFInvalidEntryNameError

__all__ = ["DDUFEntry", "export_entries_as_dduf", "export_folder_as_dduf", "read_dduf_file"]

PathLike: TypeAlias = str | os.PathLike[str]
INDEX: Final = "model_index.json"
EXTENSIONS: Final = (".json", ".model", ".safetensors", ".txt")
CONFIGURATIONS: Final = ("config.json", "preprocessor_config.json", "scheduler_config.json", "tokenizer_config.json")
"""Files of which each folder has at least one."""
MAX_ENTRIES: Final = 10_000
MAX_INDEX_BYTES: Final = 10_000_000
COPY_BYTES: Final = 8 << 20
_SIGNATURE: Final = b"PK\x03\x04"
_LOCAL_HEADER: Final = 30
"""Bytes of the header of an entry before its name."""


@attrs.frozen
class DDUFEntry:
    """A file in a DDUF file.

    Attributes:
        filename: Its name, with a slash after its folder.
        length: Its size in bytes.
        offset: Position of its first byte in the DDUF file.
        dduf_path: Path of the DDUF file.
    """

    filename: str
    length: int
    offset: int
    dduf_path: Path = attrs.field(repr=False)

    @contextmanager
    def as_mmap(self) -> Generator[bytes, None, None]:
        """Yield its bytes, for example for `safetensors.torch.load`; the DDUF file is mapped, not read as a whole."""
        with self.dduf_path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped[self.offset : self.offset + self.length]

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return its content as text."""
        with self.dduf_path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length).decode(encoding)


def read_dduf_file(dduf_path: PathLike) -> dict[str, DDUFEntry]:
    """Return the entries of a DDUF file by name, without reading their content.

    Raises:
        DDUFCorruptedFileError: The file is no DDUF file: no valid ZIP archive, with compressed, encrypted, overlapping
            or unsuitably named entries, or without the files that a model needs.
        OSError: The file cannot be read.
    """
    path = Path(dduf_path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive, path)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise DDUFCorruptedFileError(f"{path} is not a ZIP archive: {error}.") from error
    index = entries.get(INDEX)
    if index is not None and index.length > MAX_INDEX_BYTES:
        raise DDUFCorruptedFileError(f"{path}: {INDEX} has more than {MAX_INDEX_BYTES} bytes.")
    try:
        text = "null" if index is None else index.read_text()
    except UnicodeDecodeError as error:
        raise DDUFCorruptedFileError(f"{path}: {INDEX} is not valid JSON: {error}.") from error
    _check_structure(_parsed(text, path), entries, path)
    return entries


def export_entries_as_dduf(dduf_path: PathLike, entries: Iterable[tuple[str, PathLike | bytes]]) -> None:
    """Write a DDUF file; after an error there is none, or the earlier one.

    Args:
        dduf_path: Path of the new file.
        entries: Name and content of each entry, as bytes or as the path of a file. They are taken one after the other.

    Raises:
        DDUFExportError: A name is not allowed or is there twice, or a file that a model needs is missing.
        OSError: A file cannot be read or written.
    """
    path = Path(dduf_path)
    names: set[str] = set()
    index = b"null"
    with _new_file(path) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, content in entries:
                _check_name(name)
                if name in names:
                    raise DDUFExportError(f"{path}: the entry {name} is there twice.")
                names.add(name)
                if name == INDEX:
                    index = content if isinstance(content, bytes) else Path(content).read_bytes()
                with archive.open(name, "w", force_zip64=True) as target:
                    _copy(index if name == INDEX else content, target)
        try:
            _check_structure(_parsed(index, path), names, path)
        except DDUFCorruptedFileError as error:
            raise DDUFExportError(str(error)) from error


def export_folder_as_dduf(dduf_path: PathLike, folder_path: PathLike) -> None:
    """Write a DDUF file from a folder; files that DDUF does not allow, and those in deeper folders, are left out.

    Raises:
        DDUFExportError: A file that a model needs is missing.
        OSError: A file cannot be read or written.
    """
    folder = Path(folder_path)

    def files() -> Iterator[tuple[str, PathLike]]:
        for file in sorted([*folder.glob("*"), *folder.glob("*/*")]):
            if file.suffix in EXTENSIONS and file.is_file():
                yield file.relative_to(folder).as_posix(), file

    export_entries_as_dduf(dduf_path, files())


def _entries(archive: zipfile.ZipFile, path: Path) -> dict[str, DDUFEntry]:
    found: dict[str, DDUFEntry] = {}
    if len(archive.infolist()) > MAX_ENTRIES:
        raise DDUFCorruptedFileError(f"{path} has more than {MAX_ENTRIES} entries.")
    for info in archive.infolist():
        name = info.filename
        try:
            _check_name(name)
        except DDUFInvalidEntryNameError as error:
            raise DDUFCorruptedFileError(f"{path}: {error}") from error
        if name in found:
            raise DDUFCorruptedFileError(f"{path}: the entry {name} is there twice.")
        is_plain = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
        if not is_plain or info.flag_bits & 0x1:
            raise DDUFCorruptedFileError(f"{path}: the entry {name} is compressed or encrypted.")
        found[name] = DDUFEntry(name, info.file_size, _offset(archive, info, path), path)
    _check_positions(found.values(), path)
    return found


def _offset(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> int:
    """Return the position of the content of an entry, which follows a header of its own."""
    file: IO[bytes] | None = archive.fp
    assert file is not None
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    name_length, extra_length = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    name = file.read(name_length)
    if header[:4] != _SIGNATURE or name != info.orig_filename.encode():
        raise DDUFCorruptedFileError(f"{path}: the header of the entry {info.filename} is invalid.")
    return info.header_offset + _LOCAL_HEADER + name_length + extra_length


def _check_positions(entries: Collection[DDUFEntry], path: Path) -> None:
    """Check that entries neither overlap nor reach beyond the end of the file."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        if entry.offset < end:
            raise DDUFCorruptedFileError(f"{path}: the entry {entry.filename} overlaps another one.")
        end = entry.offset + entry.length
    if end > path.stat().st_size:
        raise DDUFCorruptedFileError(f"{path}: it ends before its last entry does.")


def _check_name(name: str) -> None:
    """Check the name of an entry: a file of an allowed type, at most one folder deep.

    Raises:
        DDUFInvalidEntryNameError: It is not allowed.
    """
    parts = name.split("/")
    if len(parts) > 2 or any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise DDUFInvalidEntryNameError(f"The entry {name!r} must be a file in at most one folder: folder/file.")
    if not name.endswith(EXTENSIONS):
        raise DDUFInvalidEntryNameError(f"The entry {name!r} must have one of the extensions {', '.join(EXTENSIONS)}.")


def _check_structure(index: object, names: Collection[str], path: Path) -> None:
    if not _is_object(index):
        raise DDUFCorruptedFileError(f"{path} has no {INDEX}, or one that is no JSON object.")
    for folder in sorted({name.partition("/")[0] for name in names if "/" in name}):
        if folder not in index:
            raise DDUFCorruptedFileError(f"{path}: {INDEX} does not name the folder {folder}.")
        if not any(f"{folder}/{one}" in names for one in CONFIGURATIONS):
            raise DDUFCorruptedFileError(f"{path}: the folder {folder} has none of {', '.join(CONFIGURATIONS)}.")


def _parsed(text: str | bytes, path: Path) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DDUFCorruptedFileError(f"{path}: {INDEX} is not valid JSON: {error}.") from error


def _copy(content: PathLike | bytes, target: IO[bytes]) -> None:
    if isinstance(content, bytes):
        target.write(content)
        return
    with Path(content).open("rb") as source:
        shutil.copyfileobj(source, target, COPY_BYTES)


@contextmanager
def _new_file(path: Path) -> Generator[IO[bytes], None, None]:
    """Yield a temporary file, which replaces the one at this path unless there is an error."""
    file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115, it is renamed
    try:
        with file:
            yield file
        os.replace(file.name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(file.name)
        raise


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
