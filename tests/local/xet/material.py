"""Xorbs and shards as clients make them, for contents of tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import lz4.frame
from hypothesis import strategies as st

from hub_typed.local.errors import HubResponseError
from hub_typed.local.server.app import Hub
from hub_typed.local.xet.hashes import HashTree, chunk_hash, range_hash
from hub_typed.local.xet.shard_upload import ShardUpload
from hub_typed.local.xet.shards import ShardChunk, ShardFile, ShardXorb, Term, write_shard
from hub_typed.local.xet.store import XetStore
from hub_typed.local.xet.xorbs import ChunkIndex, chunk_header, index_xorb

SCHEMES = (0, 1, 2)


T = TypeVar("T")


def unless_refused(action: Callable[[], T]) -> T | None:
    """Return what an action returns; ``None`` if it is refused as a bad request."""
    try:
        return action()
    except HubResponseError as refusal:
        if refusal.status != 400:
            raise
        return None


def pack(content: bytes, scheme: int) -> bytes:
    """Return a chunk as it stands in a xorb."""
    stored = content
    if scheme == 2:
        stored = b"".join(content[position::4] for position in range(4))
    if scheme:
        stored = lz4.frame.compress(stored)
    return chunk_header(scheme, len(stored), len(content)) + stored


class Xorb:
    """A xorb with these chunks, compressed by each scheme in turn."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self.chunks = chunks
        self.stored = b"".join(pack(content, SCHEMES[at % 3]) for at, content in enumerate(chunks))

    @cached_property
    def index(self) -> ChunkIndex:
        return index_xorb(io.BytesIO(self.stored))

    @property
    def name(self) -> str:
        return self.index.hash()

    def content(self, start: int = 0, stop: int | None = None) -> bytes:
        return b"".join(self.chunks[start:stop])

    def term(self, start: int = 0, stop: int | None = None) -> Term:
        return Term(self.name, len(self.content(start, stop)), start, len(self.chunks) if stop is None else stop)

    @property
    def told(self) -> ShardXorb:
        starts = (0, *self.index.data_ends)
        chunks = [ShardChunk(chunk_hash(one), start, len(one)) for one, start in zip(self.chunks, starts, strict=False)]
        return ShardXorb(self.name, len(self.content()), 0, chunks)


Part = tuple[Xorb, int, int]
"""Chunks of a xorb."""


def whole(xorb: Xorb) -> Part:
    return xorb, 0, len(xorb.chunks)


def content_of(parts: Sequence[Part]) -> bytes:
    return b"".join(xorb.content(start, stop) for xorb, start, stop in parts)


def file_of(*parts: Part) -> ShardFile:
    """Return the entry of a file that consists of these chunks."""
    tree = HashTree()
    for xorb, start, stop in parts:
        for content in xorb.chunks[start:stop]:
            tree.add(chunk_hash(content), len(content))
    return ShardFile(
        tree.file_hash(),
        [xorb.term(start, stop) for xorb, start, stop in parts],
        [range_hash(b"".join(map(chunk_hash, xorb.chunks[start:stop]))) for xorb, start, stop in parts],
        hashlib.sha256(content_of(parts)).hexdigest(),
    )


def receive(store: XetStore, *xorbs: Xorb) -> None:
    for xorb in xorbs:
        store.receive_xorb(xorb.name, len(xorb.stored), [xorb.stored])


def verify(store: XetStore, shard: bytes) -> ShardUpload:
    upload = store.open_shard(shard)
    for _ in upload.verify():
        pass
    return upload


def register(store: XetStore, files: Sequence[ShardFile], xorbs: Sequence[ShardXorb] = ()) -> bool:
    return store.register(verify(store, write_shard(files, xorbs)))


def put(store: XetStore, *chunks: bytes) -> ShardFile:
    """Upload a file with these chunks, in a xorb of its own."""
    xorb = Xorb(chunks)
    receive(store, xorb)
    file = file_of(whole(xorb))
    register(store, [file], [xorb.told])
    return file


def put_for_bucket(hub: Hub, bucket: str, user: str, *chunks: bytes) -> str:
    """Upload a content that a user may add to a bucket, and return its Xet hash."""
    place = hub.buckets.find(bucket)
    assert hub.xet is not None
    assert place is not None
    file = put(hub.xet, *chunks)
    assert file.sha256 is not None
    hub.lfs.note_upload(file.sha256, repo=place.facts.id, user=user)
    return file.hash


chunks = st.one_of(
    st.binary(min_size=1, max_size=300),
    st.builds(lambda piece, times: piece * times, st.binary(min_size=1, max_size=5), st.integers(1, 2000)),
)
"""Contents of chunks, some of which can be compressed."""
xorbs = st.lists(chunks, min_size=1, max_size=12).map(Xorb)


@st.composite
def parts(draw: st.DrawFn, most: int = 6) -> list[Part]:
    """Draw what a file consists of: chunks of a few xorbs, some of them several times."""
    few = draw(st.lists(xorbs, min_size=1, max_size=3))
    found: list[Part] = []
    for _ in range(draw(st.integers(1, most))):
        xorb = draw(st.sampled_from(few))
        start = draw(st.integers(0, len(xorb.chunks) - 1))
        found.append((xorb, start, draw(st.integers(start + 1, len(xorb.chunks)))))
    return found
