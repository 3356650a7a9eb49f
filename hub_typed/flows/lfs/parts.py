"""Parts of a multipart upload, and which of them the storage still has after an interruption."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import attrs

from hub_typed.errors import ProtocolError
from hub_typed.flows.lfs.actions import LfsFile
from hub_typed.http.header_values import whole_number
from hub_typed_api.models import LfsAction

__all__: list[str] = []

_SIGNATURE = re.compile(r"x-(amz|goog)-.*|(?i:signature|expir.*|policy|key-pair-id|awsaccesskeyid|token|sig|s[etprv])")
"""Names of the query parameters that differ between two URLs of the same upload: signature, key and expiry."""


@attrs.frozen
class Part:
    """One part of a multipart upload; ``number`` counts from 1."""

    number: int
    href: str
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start


def parts_of(file: LfsFile, header: Mapping[str, str]) -> list[Part]:
    """Return the parts of a multipart upload, from the header of the action; empty for a single upload.

    Raises:
        ProtocolError: The parts do not add up to the size of the file.
    """
    if "chunk_size" not in header:
        return []
    text, size = str(header["chunk_size"]), file.content.size  # servers may send a number
    length = whole_number(text) or 0
    numbers = {key: number for key in header if (number := whole_number(key)) is not None}
    hrefs = [header[key] for key in sorted(numbers, key=lambda key: numbers[key])]
    if length == 0 or len(hrefs) != -(-size // length):
        raise ProtocolError(
            f"The Hub requests {file.path}, {size} bytes, in {len(hrefs)} parts of {text} bytes, which does not add up."
        )
    return [
        Part(number, href, (number - 1) * length, min(number * length, size)) for number, href in enumerate(hrefs, 1)
    ]


def upload_id(action: LfsAction) -> str:
    """Return an id of the upload that the URLs of an action belong to, without their signatures.

    The storage keeps the parts of an upload for all URLs that belong to it, such as those that replace expired ones. If
    a storage starts another upload, at least one further parameter differs (S3: ``uploadId``).
    """
    urls = [action.href, *(value for key, value in sorted((action.header or {}).items()) if key.isdecimal())]
    named = (
        (parts.scheme, parts.netloc, parts.path, sorted(item for item in parse_qsl(parts.query) if _identifies(*item)))
        for parts in map(urlsplit, urls)
    )
    size = (action.header or {}).get("chunk_size")
    return sha256(repr((size, *named)).encode()).hexdigest()


def _identifies(name: str, _value: str) -> bool:
    return not _SIGNATURE.fullmatch(name.lower())
