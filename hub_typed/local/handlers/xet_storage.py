"""Handlers of the Xet storage: reconstructions, xorbs, shards, and chunks that are already stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from hub_typed.local.errors import HubResponseError, not_found, unauthorized
from hub_typed.local.handlers.storage import xorb_url
from hub_typed.local.request.byte_ranges import requested_range
from hub_typed.local.request.call import Call
from hub_typed.local.request.xet_access import STORAGE, XetAccess
from hub_typed_api import models
from hub_typed_api.codec.xet_storage import unstructure_shard_progress
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server import xet_storage
from hub_typed_api.wire import Source

if TYPE_CHECKING:  # these modules need optional packages
    from hub_typed.local.xet.file_records import StoredFile
    from hub_typed.local.xet.reconstruction import Reconstruction, XorbRange
    from hub_typed.local.xet.store import XetStore

__all__ = ["XET_STORAGE_ROUTES", "XetStorage"]

_MAX_RANGES: Final = 100
"""Maximum number of ranges in one request for a xorb."""


class XetStorage(xet_storage.XetStorageHandlers[Call]):
    """Handlers of the operations in the area ``xet_storage``."""

    def get_reconstruction(
        self, call: Call, *, file_id: str, authorization: str, byte_range: str | None
    ) -> models.XetReconstruction:
        found = _reconstruct(call, authorization, file_id, byte_range)
        xorbs = {xorb: _downloads(call, xorb, ranges) for xorb, ranges in found.xorbs.items()}
        return models.XetReconstruction(offset_into_first_range=found.skip, terms=_terms(found), xorbs=xorbs)

    def get_reconstruction_v1(
        self, call: Call, *, file_id: str, authorization: str, byte_range: str | None
    ) -> models.XetReconstructionV1:
        found = _reconstruct(call, authorization, file_id, byte_range)
        fetch_info = {xorb: _downloads_v1(call, xorb, ranges) for xorb, ranges in found.xorbs.items()}
        return models.XetReconstructionV1(
            offset_into_first_range=found.skip, terms=_terms(found), fetch_info=fetch_info
        )

    def head_stored_file(self, call: Call, *, file_id: str, authorization: str) -> Answer:
        return _sized(_file(call, authorization, file_id).size)

    def find_chunk(self, call: Call, *, chunk_hash: str, prefix: str, authorization: str) -> Answer:
        XetAccess.of(call, authorization)
        shard = _store(call).find_chunk(chunk_hash)
        if shard is None:
            raise not_found("The chunk is not stored")
        return Answer(headers={"content-type": "application/octet-stream"}, body=shard)

    def head_xorb(self, call: Call, *, xorb_hash: str, prefix: str, authorization: str) -> Answer:
        XetAccess.of(call, authorization)
        size = _store(call).xorb_size(xorb_hash)
        if size is None:
            raise not_found("The xorb is not stored")
        return _sized(size)

    def upload_xorb(
        self, call: Call, *, xorb_hash: str, prefix: str, authorization: str, body: Iterator[bytes]
    ) -> models.XorbUpload:
        XetAccess.of(call, authorization).check_write()
        return models.XorbUpload(was_inserted=_store(call).receive_xorb(xorb_hash, call.request.size, body))

    def upload_shard(self, call: Call, *, authorization: str, body: Iterator[bytes]) -> Answer:
        lines = _register(call, authorization, body)
        headers = {"content-type": "application/x-ndjson"}
        return Answer(headers=headers, body=Source(lambda: map(_line, _with_error(lines))))

    def upload_shard_v1(self, call: Call, *, authorization: str, body: Iterator[bytes]) -> models.ShardUpload:
        *_, last = _register(call, authorization, body)
        return models.ShardUpload(result=last.result or 0)

    def send_transfer_summary(self, call: Call, *, authorization: str, members: dict[str, Any]) -> None:
        """Ignore it."""


def _store(call: Call) -> XetStore:
    if call.xet is None:
        raise not_found("This Hub does not serve Xet")
    return call.xet


def _sized(size: int) -> Answer:
    return Answer(headers={"content-length": str(size)})


def _file(call: Call, authorization: str, name: str) -> StoredFile:
    """Return a file that the token permits to read."""
    access = XetAccess.of(call, authorization)
    file = _store(call).file(name)
    if file is None or not access.may_read(file):
        raise not_found("The file is not stored, or does not belong to the repository or bucket of the token")
    return file


def _reconstruct(call: Call, authorization: str, name: str, byte_range: str | None) -> Reconstruction:
    file = _file(call, authorization, name)
    start, stop = requested_range(byte_range, file.size) or (0, file.size)
    return _store(call).reconstruction(name, start, stop)


def _terms(found: Reconstruction) -> list[models.XetTerm]:
    return [
        models.XetTerm(
            hash=term.xorb, unpacked_length=term.size, range=models.ChunkRange(start=term.start, end=term.stop)
        )
        for term in found.terms
    ]


def _downloads(call: Call, xorb: str, ranges: Sequence[XorbRange]) -> list[models.XorbDownload]:
    batches = [ranges[at : at + _MAX_RANGES] for at in range(0, len(ranges), _MAX_RANGES)]
    return [
        models.XorbDownload(
            url=xorb_url(call, xorb, [one.bytes for one in batch]),
            ranges=[models.XorbRange(chunks=_chunks(one), bytes=_stored(one)) for one in batch],
        )
        for batch in batches
    ]


def _downloads_v1(call: Call, xorb: str, ranges: Sequence[XorbRange]) -> list[models.XorbDownloadV1]:
    return [
        models.XorbDownloadV1(range=_chunks(one), url=xorb_url(call, xorb, [one.bytes]), url_range=_stored(one))
        for one in ranges
    ]


def _chunks(one: XorbRange) -> models.ChunkRange:
    return models.ChunkRange(start=one.chunks[0], end=one.chunks[1])


def _stored(one: XorbRange) -> models.StoredRange:
    return models.StoredRange(start=one.bytes[0], end=one.bytes[1] - 1)


def _register(call: Call, authorization: str, body: Iterator[bytes]) -> Iterator[models.ShardProgress]:
    """Verify and register the files of a shard, which is read at once; return the lines about it.

    Raises:
        HubResponseError: 400, the shard is malformed or, while the lines are read, wrong.
    """
    access = XetAccess.of(call, authorization)
    access.check_write()
    store = _store(call)
    upload = store.open_shard(b"".join(body))

    def lines() -> Iterator[models.ShardProgress]:
        for verified in upload.verify():
            yield models.ShardProgress(type="validating", verified=verified, total=upload.size)
        yield models.ShardProgress(type="committing", stage="uploading")
        new = store.register(upload)
        for file in upload.files:
            access.note_upload(file.sha256)
        yield models.ShardProgress(type="committing", stage="syncing")
        yield models.ShardProgress(type="result", result=int(new))

    return lines()


def _with_error(lines: Iterator[models.ShardProgress]) -> Iterator[models.ShardProgress]:
    """Turn an error into the last line: the status of the response was sent before."""
    try:
        yield from lines
    except HubResponseError as error:
        yield models.ShardProgress(type="error", message=error.message)


def _line(progress: models.ShardProgress) -> bytes:
    return json.dumps(unstructure_shard_progress(progress)).encode() + b"\n"


def _authorized(route: Route[Any, Call], handlers: XetStorage, call: Call, given: Given) -> object:
    if "authorization" not in given.headers:
        raise unauthorized("The Xet storage needs a token that the Hub issued for it")
    return route.bind(handlers, call, given)


def _route(route: Route[Any, Call]) -> Route[Any, Call]:
    # Clients send summaries to the root of the host.
    pattern = route.pattern if route.operation.endswith("send_transfer_summary") else STORAGE + route.pattern
    return attrs.evolve(route, pattern=pattern, bind=partial(_authorized, route))


XET_STORAGE_ROUTES: Sequence[Route[Any, Call]] = tuple(map(_route, xet_storage.ROUTES))
