"""Store of Xet storage: xorbs and files, one content with the LFS objects.

A content exists once, whichever way it came:

- A file that came by Xet consists of chunks of xorbs. `LfsStore` has it as an LFS object, too: `XetStore.read` reads it
  for it.
- An LFS object gets a Xet hash when this is first asked for (`XetStore.hash_of`): its chunks are in *virtual* xorbs,
  which are computed from the object whenever they are read.

How a handler uses it:

- ``POST /v1/xorbs``: `XetStore.receive_xorb`. ``GET`` of a signed URL: `XetStore.xorb_size` and `XetStore.read_xorb`.
- ``POST /v1/shards``, ``/v2/shards``: `XetStore.open_shard`; each step of `ShardUpload.verify`, a line of progress;
  `XetStore.register`; then the uploads of `ShardUpload.files` are noted.
- ``GET /v1/reconstructions``, ``/v2/reconstructions``: `XetStore.file`, `XetStore.reconstruction`.
- ``GET /v1/chunks``: `XetStore.find_chunk`.

All files are written under a temporary name and renamed, so that a process may be killed at any moment.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from hub_typed.local.errors import HubResponseError, bad_request, not_found
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.xet.file_records import FileRecords, StoredFile
from hub_typed.local.xet.hashed_files import HashedFiles, TemporaryFiles
from hub_typed.local.xet.hashes import EMPTY_FILE, HASH_SIZE, HashTree, masked_hash, to_text
from hub_typed.local.xet.reconstruction import Reconstruction, reconstruct
from hub_typed.local.xet.shard_upload import ShardUpload
from hub_typed.local.xet.shards import ShardChunk, ShardXorb, Term, write_dedup_shard
from hub_typed.local.xet.stored_xorbs import StoredXorb, StoredXorbs, joined
from hub_typed.local.xet.xorbs import ChunkIndex

__all__ = ["XetStore"]

_OPEN_XORBS: Final = 16
"""How many indexes of xorbs are kept in memory while a file is read."""
_HASHED_AT_ONCE: Final = 256 << 20
"""Largest LFS object in bytes whose Xet hash a request waits for: about a quarter of a second."""
_EMPTY: Final = StoredFile(EMPTY_FILE, hashlib.sha256().hexdigest(), 0, ())
_DEDUP_LIFETIME: Final = 24 * 3600
"""Seconds for which a client may use the answer to a dedup query."""


class XetStore:
    """Xorbs and files in one folder.

    Args:
        lfs: The LFS objects; they include the files of this store from now on.

    Attributes:
        root: The folder, beside that of the LFS objects.
    """

    def __init__(self, root: Path, lfs: LfsStore) -> None:
        self.root = root
        self._lfs = lfs
        self._temporary = TemporaryFiles(root / "incoming")
        self._xorbs = StoredXorbs(HashedFiles(root / "xorbs", self._temporary), lfs.path)
        self._records = FileRecords(root, self._temporary)
        self._virtual = FileRecords(root / "virtual", self._temporary)
        """Files whose content is in LFS objects."""
        self._all = self._records, self._virtual
        self._samples = HashedFiles(root / "chunks", self._temporary)
        self._lock = threading.Lock()
        """Held while files are registered or removed: what a registered file names exists."""
        self._hashing = threading.Lock()
        """Held while a request computes the hash of an LFS object, so that this is done once."""
        self._hashed_later: set[str] = set()
        """LFS objects whose hash a thread computes."""
        lfs.add_source(self)

    # Xorbs

    def receive_xorb(self, name: str, size: int, pieces: Iterable[bytes]) -> bool:
        """Store a serialized xorb; return whether it is new.

        Args:
            name: Its hash.
            size: Its size in bytes, with the footer that older clients append.

        Raises:
            HubResponseError: 400, the xorb is malformed, or its size or hash is not as announced; it is discarded.
        """
        return self._xorbs.receive(name, size, pieces)

    def xorb_size(self, name: str) -> int | None:
        """Return the size of a serialized xorb in bytes; ``None`` if it does not exist."""
        found = self._xorbs.get(name)
        return None if found is None else found.index.size

    def read_xorb(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes of a serialized xorb from ``start`` up to ``stop``, in pieces.

        Raises:
            HubResponseError: 404, it does not exist.
        """
        return self._xorb(name).read(start, stop)

    def find_chunk(self, name: str) -> bytes | None:
        """Return the answer to a dedup query: a shard with a xorb that has this chunk; ``None`` if none is known.

        The chunk hashes in it are masked, so that it is of use only to who has the content.
        """
        xorb = (self._samples.read(name) or b"").decode()
        found = self._xorbs.get(xorb) if xorb else None
        if found is None:
            return None
        self._xorbs.files.touch(xorb)  # a client is about to name it
        key, now, start = secrets.token_bytes(HASH_SIZE), int(time.time()), 0
        chunks: list[ShardChunk] = []
        for raw, size in found.index.chunks(0, len(found.index)):
            chunks.append(ShardChunk(masked_hash(raw, key), start, size))
            start += size
        told = ShardXorb(xorb, start, found.index.size, chunks)
        return write_dedup_shard([told], key=key, created=now, expires=now + _DEDUP_LIFETIME)

    # Files

    def open_shard(self, shard: bytes) -> ShardUpload:
        """Return the upload of a shard, which is to be verified.

        Raises:
            HubResponseError: 400, the shard is malformed or too large.
        """
        return ShardUpload(shard, self._xorbs, self._records)

    def register(self, upload: ShardUpload) -> bool:
        """Register the files of a verified shard; return whether any of them is new.

        Raises:
            HubResponseError: 400, a xorb was deleted meanwhile; nothing is registered.
        """
        if not upload.complete:
            raise ValueError("The shard was not verified")
        with self._lock:
            for name in {term.xorb for file in upload.files for term in file.terms}:
                if name not in self._xorbs.files:
                    raise bad_request(f"The xorb {name} was deleted meanwhile: upload it again")
            added = [self._records.add(file) for file in upload.files]
            for raw, xorb in upload.samples.items():
                self._samples.write(to_text(raw), xorb.encode())
        return any(added)

    def file(self, name: str) -> StoredFile | None:
        """Return the file with this Xet hash; ``None`` if it is unknown. The empty file is always there."""
        return _EMPTY if name == EMPTY_FILE else self._records.get(name) or self._virtual.get(name)

    def reconstruction(self, name: str, start: int = 0, stop: int | None = None) -> Reconstruction:
        """Return the reconstruction of the bytes of a file from ``start`` up to ``stop``, or its end.

        Raises:
            HubResponseError: 404, the file is unknown; 416, it has no byte at ``start``.
        """
        file = self.file(name)
        if file is None:
            raise not_found(f"The file {name} is unknown")
        if start >= file.size > 0:
            raise HubResponseError(416, f"The file {name} has {file.size} bytes: it has none at {start}")
        return self._reconstruct(file, start, file.size if stop is None else stop)

    def known_hash(self, sha256: str) -> str | None:
        """Return the Xet hash of a content if that is known without reading the content."""
        return next((file.hash for files in self._all for file in files.of_content(sha256)), None)

    def hash_of(self, sha256: str) -> str | None:
        """Return the Xet hash of a content; ``None`` if it is not stored, or is not known yet.

        The hash of an LFS object is computed when it is first asked for, which reads the object. Nobody waits for that
        of a large one: it is known later. Content that came by Xet has the hash with which it came first.
        """
        known = self.known_hash(sha256)
        path = self._lfs.path(sha256)
        if known is not None or not path.exists():
            return known
        if path.stat().st_size > _HASHED_AT_ONCE:
            self._hash_later(sha256)
            return None
        with self._hashing:
            return self.known_hash(sha256) or self._add_virtual(sha256)

    def _hash_later(self, sha256: str) -> None:
        """Compute the hash of an LFS object in a thread, unless one does so already."""

        def run() -> None:
            try:
                with suppress(OSError):  # the object, or the whole Hub, was deleted meanwhile
                    self._add_virtual(sha256)
            finally:
                self._hashed_later.discard(sha256)

        with self._lock:
            if sha256 in self._hashed_later:
                return
            self._hashed_later.add(sha256)
        threading.Thread(target=run, name="hub-typed-local-xet", daemon=True).start()

    def _add_virtual(self, sha256: str) -> str:
        """Record the file that is an LFS object; return its Xet hash."""
        tree = HashTree()
        terms: list[Term] = []
        for name, index in self._xorbs.add_virtual(sha256):
            terms.append(Term(name, index.data_size(0, len(index)), 0, len(index)))
            for raw, size in index.chunks(0, len(index)):
                tree.add(raw, size)
        file = StoredFile(tree.file_hash(), sha256, sum(term.size for term in terms), terms)
        with self._lock:
            self._virtual.add(file)
        return file.hash

    # As a source of `LfsStore`

    def size(self, oid: str) -> int | None:
        """Return the size in bytes of the content with this SHA-256; ``None`` if there is none."""
        return next((file.size for file in self._records.of_content(oid)), None)

    def read(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes of a content from ``start`` up to ``stop``, in pieces."""
        return joined(self._contents(oid, start, stop))

    def _contents(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        file = self._records.of_content(oid)[0]
        found = self._reconstruct(file, start, stop)
        skip, missing = found.skip, min(stop, file.size) - start
        for term in found.terms:
            for content in self._xorb(term.xorb).contents(term.start, term.stop):
                yield content[skip : skip + missing]
                missing -= len(content) - skip
                skip = 0

    def remove(self, oid: str) -> None:
        """Delete the files with this content, and the xorbs that only they name."""
        with self._lock:
            names = {term.xorb for files in self._all for file in files.of_content(oid) for term in file.terms}
            kept = names & self._named(but=oid)
            for name in kept:  # first, so that at any moment each file that is kept can be read
                self._xorbs.do_without(oid, name)
            for files in self._all:
                files.remove(oid)
            for name in names - kept:
                self._xorbs.files.remove(name)

    # Maintenance

    def collect_garbage(self, named: Collection[str], older_than: float) -> None:
        """Delete the files that no commit names, and the xorbs that no file names. LFS objects stay.

        Args:
            named: SHA-256 of each content to keep.
            older_than: Seconds since something was uploaded for which it is kept in any case.
        """
        with self._lock:
            for oid in self._records.older_than(older_than):
                if oid not in named:
                    self._records.remove(oid)
            kept = self._named()
            for name in self._xorbs.files:
                if name not in kept and self._xorbs.files.age(name) >= older_than:
                    self._xorbs.files.remove(name)
            for name in self._samples:
                if (self._samples.read(name) or b"").decode() not in self._xorbs.files:
                    self._samples.remove(name)
        self._temporary.remove(older_than)

    def remove_leftovers(self) -> None:
        """Delete the incomplete files of a process that was killed; to be called before the first request."""
        self._temporary.remove()

    def _named(self, but: str | None = None) -> set[str]:
        """Return the xorbs that files name, but for the files of one content."""
        return {term.xorb for files in self._all for file in files if file.sha256 != but for term in file.terms}

    def _reconstruct(self, file: StoredFile, start: int, stop: int) -> Reconstruction:
        return reconstruct(file.terms, start, stop, lru_cache(_OPEN_XORBS)(self._index))

    def _index(self, name: str) -> ChunkIndex:
        return self._xorb(name).index

    def _xorb(self, name: str) -> StoredXorb:
        found = self._xorbs.get(name)
        if found is None:
            raise not_found(f"The xorb {name} does not exist")
        return found
