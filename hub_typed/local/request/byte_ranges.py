"""Responses with the whole content of a file, or with byte ranges."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from hub_typed.local.errors import HubResponseError
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["content", "content_disposition", "parts", "requested_range", "requested_ranges"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_RANGES = re.compile(r"bytes=\d{1,18}-\d{1,18}(?:, ?\d{1,18}-\d{1,18})*")


def content(
    read: Callable[[int, int], Iterable[bytes]],
    size: int,
    *,
    etag: str,
    request: Mapping[str, str],
    headers: Mapping[str, str],
) -> Answer:
    """Respond with a content, or with the byte range that the request asks for.

    Args:
        read: Function that returns the bytes from ``start`` up to ``stop``.
        size: Size of the content in bytes.
        request: Headers of the request.
        headers: Further headers of the response.

    Raises:
        HubResponseError: 416, the range starts after the end.
    """
    common = {"accept-ranges": "bytes", "etag": etag, **headers}
    # A client that resumes must not join parts of two files, so ranges of another etag get the full content.
    requested = requested_range(request.get("range"), size) if request.get("if-range", etag) == etag else None
    if requested is None:
        return Answer(headers={**common, "content-length": str(size)}, body=Source(lambda: read(0, size), size))
    start, stop = requested
    part = {"content-length": str(stop - start), "content-range": f"bytes {start}-{stop - 1}/{size}"}
    return Answer(status=206, headers={**common, **part}, body=Source(lambda: read(start, stop), stop - start))


def content_disposition(path: str, *, as_attachment: bool = False) -> str:
    """Return the header with the name of a file, for browsers that save it."""
    name = path.rpartition("/")[2]
    plain = quote(name, safe=" !#$&+-.^_`|~()[]{}=@,'").replace("%", "_")
    kind = "attachment" if as_attachment else "inline"
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}; filename=\"{plain}\";"


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte and the end of the range in a ``Range`` header; ``None`` for the full content.

    Unsupported ranges, such as multiple ones, get the full content, as the standard allows.

    Raises:
        HubResponseError: 416, the range starts after the end.
    """
    match = _RANGE.fullmatch(header or "")
    if not match or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise HubResponseError(416, "Range Not Satisfiable", headers={"content-range": f"bytes */{size}"})
    return start, stop


def requested_ranges(header: str | None) -> list[tuple[int, int]]:
    """Return the first byte and the end of each range in a ``Range`` header, which must state both ends of each.

    Raises:
        HubResponseError: 416, the header is missing or malformed.
    """
    if not _RANGES.fullmatch(header or ""):
        raise HubResponseError(416, "Range Not Satisfiable")
    pairs = (pair.split("-") for pair in (header or "").removeprefix("bytes=").replace(" ", "").split(","))
    return [(int(first), int(last) + 1) for first, last in pairs]


def parts(
    read: Callable[[int, int], Iterable[bytes]], size: int, ranges: Sequence[tuple[int, int]], media_type: str
) -> Answer:
    """Respond with byte ranges of a content: one as it is, several as ``multipart/byteranges``.

    Args:
        read: Function that returns the bytes from ``start`` up to ``stop``.
        size: Size of the content in bytes.
        ranges: First byte and end of each range.

    Raises:
        HubResponseError: 416, a range is empty or ends after the content.
    """
    if any(not 0 <= start < stop <= size for start, stop in ranges):
        raise HubResponseError(416, "Range Not Satisfiable", headers={"content-range": f"bytes */{size}"})
    if len(ranges) == 1:
        ((start, stop),) = ranges
        headers = {"content-type": media_type, "content-range": f"bytes {start}-{stop - 1}/{size}"}
        return Answer(status=206, headers=headers, body=Source(lambda: read(start, stop), stop - start))
    boundary = secrets.token_hex(16)
    start_of_part = f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: bytes"
    heads = [f"{start_of_part} {start}-{stop - 1}/{size}\r\n\r\n".encode() for start, stop in ranges]
    end = f"\r\n--{boundary}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        for head, (start, stop) in zip(heads, ranges, strict=True):
            yield head
            yield from read(start, stop)
        yield end

    total = sum(map(len, heads)) + sum(stop - start for start, stop in ranges) + len(end)
    headers = {"content-type": f"multipart/byteranges; boundary={boundary}"}
    return Answer(status=206, headers=headers, body=Source(pieces, total))
