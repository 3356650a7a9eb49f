"""Verification of a shard: everything that it says of xorbs and files is computed again from the stored xorbs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.xet.file_records import FileRecords, StoredFile
from hub_typed.local.xet.hashes import HASH_SIZE, HashTree, is_sample, range_hash
from hub_typed.local.xet.shards import MAX_SHARD, ShardChunk, ShardFile, ShardXorb, Term, parse_shard
from hub_typed.local.xet.stored_xorbs import StoredXorb, StoredXorbs

__all__ = ["ShardUpload"]

_OPEN_XORBS: Final = 16
"""How many indexes of xorbs are kept in memory."""


class ShardUpload:
    """A shard that a client has uploaded; `verify` comes first, then `XetStore.register`.

    Attributes:
        size: Bytes of content of all its files.
        files: Its files, as far as they were verified.
        samples: Chunks of these files by which later uploads may find their xorbs: the hash of each, and its xorb.

    Raises:
        HubResponseError: 400, the shard is malformed or too large.
    """

    def __init__(self, shard: bytes, xorbs: StoredXorbs, records: FileRecords) -> None:
        if len(shard) > MAX_SHARD:
            raise bad_request(f"A shard has at most {MAX_SHARD} bytes")
        self._told_files, self._told_xorbs = parse_shard(shard)
        self._records = records
        self._stored = lru_cache(_OPEN_XORBS)(xorbs.get)
        self.size: int = sum(file.size for file in self._told_files)
        self.files: list[StoredFile] = []
        self.samples: dict[bytes, str] = {}

    @property
    def complete(self) -> bool:
        """Whether everything was verified."""
        return len(self.files) == len(self._told_files)

    def verify(self) -> Iterator[int]:
        """Verify the shard; yield how many bytes of content were verified so far, now and then.

        Raises:
            HubResponseError: 400, the shard says something wrong.
        """
        for xorb in self._told_xorbs:
            self._verify_xorb(xorb)
        done = 0
        for file in self._told_files:
            self._verify_terms(file)
            known = self._records.get(file.hash)
            digest = hashlib.sha256()
            for term in file.terms:
                if known is None:
                    self._read(term, digest.update)
                done += term.size
                yield done
            sha256 = digest.hexdigest() if known is None else known.sha256
            if file.sha256 not in (None, sha256):
                raise bad_request(f"The SHA-256 of the file {file.hash} is {sha256}, not {file.sha256}")
            self.files.append(StoredFile(file.hash, sha256, file.size, file.terms))

    def _read(self, term: Term, update: Callable[[bytes], object]) -> None:
        try:
            for content in self._xorb(term.xorb).contents(term.start, term.stop):
                update(content)
        except FileNotFoundError:  # deleted just now
            raise _missing(term.xorb) from None

    def _xorb(self, name: str) -> StoredXorb:
        found = self._stored(name)
        if found is None:
            raise _missing(name)
        return found

    def _verify_xorb(self, xorb: ShardXorb) -> None:
        index = self._xorb(xorb.hash).index
        start = 0
        if len(xorb.chunks) != len(index) or xorb.size != index.data_size(0, len(index)):
            raise bad_request(f"The xorb {xorb.hash} has other chunks than the shard says")
        for told, (raw, size) in zip(xorb.chunks, index.chunks(0, len(index)), strict=True):
            if told != ShardChunk(raw, start, size):
                raise bad_request(f"The xorb {xorb.hash} has other chunks than the shard says")
            start += size

    def _verify_terms(self, file: ShardFile) -> None:
        if len(file.range_hashes) != len(file.terms):
            raise bad_request(f"The file {file.hash} has no verification entries")
        tree = HashTree()
        for number, (term, told) in enumerate(zip(file.terms, file.range_hashes, strict=True)):
            for at, (raw, size) in enumerate(self._verify_term(file, term, told)):
                tree.add(raw, size)
                if number == at == 0 or is_sample(raw):
                    self.samples[raw] = term.xorb
        if tree.file_hash() != file.hash:
            raise bad_request(f"The chunks of the file {file.hash} have another hash: {tree.file_hash()}")

    def _verify_term(self, file: ShardFile, term: Term, told: bytes) -> Iterator[tuple[bytes, int]]:
        """Verify a term; return the hash and size of each chunk."""
        index = self._xorb(term.xorb).index
        of = f"of the xorb {term.xorb} in the file {file.hash}"
        if not term.start < term.stop <= len(index):
            raise bad_request(f"The chunks {term.start} to {term.stop} {of} are not among its {len(index)}")
        if term.size != (size := index.data_size(term.start, term.stop)):
            raise bad_request(f"The chunks {term.start} to {term.stop} {of} have {size} bytes, not {term.size}")
        if told != range_hash(memoryview(index.hashes)[term.start * HASH_SIZE : term.stop * HASH_SIZE]):
            raise bad_request(f"The chunks {term.start} to {term.stop} {of} have another verification hash")
        return index.chunks(term.start, term.stop)


def _missing(xorb: str) -> HubResponseError:
    return bad_request(f"The shard names the xorb {xorb}, which is not stored: upload it first")
