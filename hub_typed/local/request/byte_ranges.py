"""Responses with a whole content or a byte range of it."""

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
    """Respond with a content; ``read(start, stop)`` returns a part of it.

    Args:
        request: Headers of the request.
        headers: Further headers of the answer.

    Raises:
        HubResponseError: 416, the range lies beyond the end.
    """
    known = {"accept-ranges": "bytes", "etag": etag, **headers}
    wanted = _range(request, size, etag)
    if wanted is None:
        return Answer(headers={**known, "content-length": str(size)}, body=Source(lambda: read(0, size), size))
    start, stop = wanted
    part = {"content-length": str(stop - start), "content-range": f"bytes {start}-{stop - 1}/{size}"}
    return Answer(status=206, headers={**known, **part}, body=Source(lambda: read(start, stop), stop - start))


def _range(request: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    # What is not understood, several ranges among it, is answered in full, as the standard allows. So is a part of
    # what is no longer there: a client that resumes must not glue two files together.
    found = _RANGE.fullmatch(request.get("range", ""))
    if not found or found[0] == "bytes=-" or request.get("if-range", etag) != etag:
        return None
    first, last = found[1], found[2]
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise HubResponseError(416, "Range Not Satisfiable", headers={"content-range": f"bytes */{size}"})
    return start, stop
