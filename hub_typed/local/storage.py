"""The store of large files as clients reach it: by signed URLs alone, like the buckets behind the real Hub."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import parse_qsl

from hub_typed.local.call import Incoming
from hub_typed.local.content import content
from hub_typed.local.faults import bad_request, not_found
from hub_typed.local.lfs import CHUNK, LfsStore
from hub_typed.local.signing import Signer
from hub_typed_api.serve import Answer

__all__ = ["PREFIX", "Storage", "object_path"]

PREFIX = "/_storage/"
_OBJECT = re.compile(rf"{PREFIX}lfs/([0-9a-f]{{64}})(?:/([0-9]+))?")


def object_path(oid: str, part: int | None = None) -> str:
    """Where a large file is sent to and fetched from, or one part of it is sent to."""
    return f"{PREFIX}lfs/{oid}" if part is None else f"{PREFIX}lfs/{oid}/{part}"


class Storage:
    """Answers requests below `PREFIX`."""

    def __init__(self, lfs: LfsStore, signer: Signer) -> None:
        self._lfs = lfs
        self._signer = signer

    def answer(self, incoming: Incoming) -> Answer:
        """Send or take a large file.

        Raises:
            HubFault: What is wrong with the request.
        """
        # Like S3, so that a client which sends the Hub's token to another host finds out here.
        if "authorization" in incoming.headers:
            raise bad_request("Only one auth mechanism allowed: the signature of the URL, no Authorization header")
        found = _OBJECT.fullmatch(incoming.path)
        if not found:
            raise not_found("NoSuchKey")
        query = dict(parse_qsl(incoming.query, keep_blank_values=True))
        self._signer.check(incoming.method, incoming.path, query)
        oid, part = found.groups()
        if incoming.method == "PUT":
            return self._upload(oid, part, int(query["size"]), incoming.body)
        if incoming.method == "POST":
            return self._complete(oid, int(query["size"]), incoming.body)
        return self._download(oid, incoming)

    def _upload(self, oid: str, part: str | None, size: int, body: BinaryIO) -> Answer:
        if part is None:
            self._lfs.receive(oid, size, _pieces(body))
            return Answer(headers={"etag": f'"{oid}"'})
        return Answer(headers={"etag": f'"{self._lfs.receive_part(oid, int(part), size, _pieces(body))}"'})

    def _complete(self, oid: str, size: int, body: BinaryIO) -> Answer:
        try:
            parts = [
                (int(part["partNumber"]), str(part["etag"]).strip('"')) for part in json.loads(body.read())["parts"]
            ]
        except (KeyError, TypeError) as error:
            raise bad_request("A completion needs parts, each with partNumber and etag") from error
        self._lfs.assemble(oid, size, parts)
        return Answer()

    def _download(self, oid: str, incoming: Incoming) -> Answer:
        size = self._lfs.size(oid)
        if size is None:
            raise not_found("NoSuchKey")
        return content(
            lambda start, stop: self._lfs.read(oid, start, stop),
            size,
            etag=f'"{oid}"',
            request=incoming.headers,
            headers={"content-type": "application/octet-stream"},
        )


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    while piece := body.read(CHUNK):
        yield piece
