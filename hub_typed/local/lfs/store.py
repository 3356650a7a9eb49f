"""LFS pointers, and the content-addressed store of LFS objects."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Protocol

import attrs

from hub_typed.local.errors import bad_request

__all__ = ["MAX_POINTER", "MAX_REGULAR", "LfsStore", "ObjectSource", "Pointer", "checked_oid"]

CHUNK = 1 << 20
MAX_POINTER = 1024
"""Size in bytes from which a blob cannot be an LFS pointer."""
MAX_REGULAR = 10 << 20
"""Maximum size of a file in git without LFS, in bytes."""
_VERSION = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER = re.compile(_VERSION + rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n")
_OID = re.compile(r"[0-9a-f]{64}")


def checked_oid(oid: str) -> str:
    """Return the oid of an LFS object if it is a SHA-256; every oid is checked before it becomes a path of the store.

    Raises:
        HubResponseError: 400, the oid is invalid.
    """
    if not _OID.fullmatch(oid):
        raise bad_request(f"Invalid LFS oid: {oid!r}")
    return oid


@attrs.frozen
class Pointer:
    """An LFS pointer."""

    sha256: str
    size: int

    def text(self) -> bytes:
        """Return the content of the pointer file."""
        return _VERSION + f"oid sha256:{self.sha256}\nsize {self.size}\n".encode()

    @classmethod
    def parse(cls, blob: bytes) -> Pointer | None:
        """Parse a blob; ``None`` if it is not exactly a pointer."""
        found = _POINTER.fullmatch(blob)
        return found and cls(found[1].decode(), int(found[2]))


class ObjectSource(Protocol):
    """Another store that has the content of LFS objects, by SHA-256."""

    def size(self, oid: str) -> int | None:
        """Return the size of an object in bytes; ``None`` if it does not exist here."""
        ...

    def read(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of an object from ``start`` up to ``stop``."""
        ...

    def remove(self, oid: str) -> None:
        """Delete an object, if it exists here."""
        ...


class LfsStore:
    """LFS objects of all repositories, by SHA-256: the files of one folder, and what other sources have.

    Attributes:
        root: The folder.
        part_size: Size in bytes beyond which clients that support it upload a file in parts, and size of these parts.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.part_size = 512 << 20
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._sources: list[ObjectSource] = []

    def add_source(self, source: ObjectSource) -> None:
        """Let this store have the objects of another one, too."""
        self._sources.append(source)

    def path(self, oid: str) -> Path:
        """Return the path of an object in the folder, whether or not it exists."""
        return self.root / checked_oid(oid)[:2] / oid[2:4] / oid

    def size(self, oid: str) -> int | None:
        """Return the size of an object in bytes; ``None`` if it does not exist."""
        try:
            return self.path(oid).stat().st_size
        except FileNotFoundError:
            return next((size for source in self._sources if (size := source.size(oid)) is not None), None)

    def remove(self, oid: str) -> None:
        """Delete an object, if it exists."""
        for source in self._sources:  # first, because they may need the file for other objects
            source.remove(oid)
        self.path(oid).unlink(missing_ok=True)

    def note_upload(self, oid: str, *, repo: str, user: str) -> None:
        """Record that a user uploaded an object for a repository.

        Args:
            repo: Id of the repository, which renames do not change.
        """
        record = self.uploads(repo, user) / checked_oid(oid)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.touch()

    def was_uploaded(self, oid: str, *, repo: str, user: str) -> bool:
        """Whether `note_upload` was called with these arguments."""
        return (self.uploads(repo, user) / checked_oid(oid)).exists()

    def uploads(self, repo: str, user: str) -> Path:
        """Return the folder of a user's upload records for a repository, with an empty file for each object."""
        return self.root / "uploads" / repo / user

    def forget_uploads(self, repo: str) -> None:
        """Delete the upload records of a deleted repository."""
        shutil.rmtree(self.root / "uploads" / repo, ignore_errors=True)

    def receive(self, oid: str, size: int, pieces: Iterable[bytes]) -> None:
        """Store an object.

        Raises:
            HubResponseError: 400, the content has another size or hash; it is discarded.
        """
        final = self.path(oid)
        # Each attempt has its own file: two uploads of the same object may run at once, and the last rename wins.
        temporary = self._incoming / f"{oid}.{secrets.token_hex(8)}"
        try:
            digest = _write(temporary, size, pieces)
            if digest != oid:
                raise bad_request(f"The content has another hash: {digest}")
            if self._source(oid) is None:
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)

    def receive_part(self, oid: str, number: int, size: int, pieces: Iterable[bytes], *, upload: str) -> str:
        """Store a part of an object; return its etag.

        Args:
            upload: Id of the upload; parts of different uploads are kept apart.

        Raises:
            HubResponseError: 400, the content has another size.
        """
        folder = self._parts(oid, upload)
        temporary = self._incoming / f"{folder.name}.{secrets.token_hex(8)}"
        try:
            digest = _write(temporary, size, pieces)
            while temporary.exists():
                folder.mkdir(exist_ok=True)
                with suppress(FileNotFoundError):  # another client has completed the upload just now
                    os.replace(temporary, folder / f"{number}.{digest}")
        finally:
            temporary.unlink(missing_ok=True)
        return digest

    def assemble(self, oid: str, size: int, parts: Sequence[tuple[int, str]], *, upload: str) -> None:
        """Assemble an object from its parts, by number and etag.

        Raises:
            HubResponseError: 400, a part is missing, or the whole content has another size or hash.
        """
        folder = self._parts(oid, upload)
        files = [folder / f"{number}.{checked_oid(name)}" for number, name in sorted(parts)]
        try:
            self.receive(oid, size, chain.from_iterable(map(_pieces, files)))
        except FileNotFoundError:  # perhaps another client has completed the upload just now
            raise bad_request("InvalidPart: one of the parts was not uploaded") from None

    def forget_parts(self, oid: str, *, upload: str) -> None:
        """Delete the parts of an upload."""
        shutil.rmtree(self._parts(oid, upload), ignore_errors=True)

    def read(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of an object from ``start`` up to ``stop``."""
        path = self.path(oid)
        if not path.exists() and (source := self._source(oid)):
            yield from source.read(oid, start, stop)
            return
        with path.open("rb") as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(CHUNK, stop - start))):
                start += len(piece)
                yield piece

    def _source(self, oid: str) -> ObjectSource | None:
        return next((source for source in self._sources if source.size(oid) is not None), None)

    def _parts(self, oid: str, upload: str) -> Path:
        return self._incoming / f"{checked_oid(oid)}.{upload}.parts"


def _write(path: Path, size: int, pieces: Iterable[bytes]) -> str:
    """Write a stream to a new file; return its SHA-256."""
    digest, received = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            received += len(piece)
            if received > size:
                raise bad_request(f"More than the announced {size} bytes were received")
            digest.update(piece)
            file.write(piece)
    if received < size:
        raise bad_request(f"Only {received} of {size} bytes were received")
    return digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
