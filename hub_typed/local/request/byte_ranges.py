"""Responses with the whole content of a file, or with a byte range."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from hub_typed.local.errors import HubResponseError
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["content"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


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
    requested = _range(request, size, etag)
    if requested is None:
        return Answer(headers={**common, "content-length": str(size)}, body=Source(lambda: read(0, size), size))
    start, stop = requested
    part = {"content-length": str(stop - start), "content-range": f"bytes {start}-{stop - 1}/{size}"}
    return Answer(status=206, headers={**common, **part}, body=Source(lambda: read(start, stop), stop - start))


def _range(request: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    # Unsupported ranges, such as multiple ones, get the full content, as the standard allows. So do ranges of another
    # etag: a client that resumes must not join parts of two files.
    match = _RANGE.fullmatch(request.get("range", ""))
    if not match or match[0] == "bytes=-" or request.get("if-range", etag) != etag:
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
