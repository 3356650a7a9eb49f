"""Headers of the safetensors files of a model, and its parameter counts."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, cast

from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.repos.file_ranges import read_range
from hub_typed_api.models import SafeTensorsInfo

__all__ = ["count_parameters", "parse_bounds", "read_header"]

_MAX_HEADER = 25_000_000
_MAX_HEADERS = 50_000_000
_MAX_FILES = 2000
_MAX_COUNT = 1 << 62
_MAX_TYPES = 100
_MAX_DIMENSIONS = 64
_BOUND = re.compile(r"(min|max):(\d+(?:\.\d+)?)([KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def count_parameters(git: GitRepo, files: Sequence[Entry], lfs: LfsStore) -> SafeTensorsInfo | None:
    """Return the parameter counts of the safetensors files in the root folder, by type; ``None`` if there are none.

    If there are more files, or larger headers, than any real model has, only the first files are counted.
    """
    counts: Counter[str] = Counter()
    left = _MAX_HEADERS
    weights = (file for file in files if file.path.endswith(".safetensors") and "/" not in file.path)
    for file in islice(weights, _MAX_FILES):
        if left > 0:
            read, found = _count_file(git, file, lfs, left)
            left -= read
            counts += found
    return SafeTensorsInfo(parameters=dict(counts), total=counts.total()) if counts else None


def parse_bounds(text: str) -> tuple[float, float]:
    """Parse the bounds of a parameter count, such as ``min:6B,max:128B``.

    Raises:
        HubResponseError: 400, the text is malformed.
    """
    bounds = {"min": 0.0, "max": math.inf}
    for part in text.split(","):
        bound = _BOUND.fullmatch(part.strip())
        if bound is None:
            raise bad_request(f"Invalid value for num_parameters: {text}")
        bounds[bound[1].lower()] = float(bound[2]) * _UNITS[bound[3].upper()]
    return bounds["min"], bounds["max"]


def read_header(git: GitRepo, file: Entry, lfs: LfsStore, most: int = _MAX_HEADER) -> tuple[int, dict[str, Any]]:
    """Return the size and the members of the header of a safetensors file; the size is 0 if it exceeds ``most``.

    Raises:
        ValueError: The file is no safetensors file.
        HubResponseError, OSError: It cannot be read.
    """
    length = int.from_bytes(read_range(git, file, lfs, 0, 8), "little")
    if length > min(_MAX_HEADER, most, file.size):
        return 0, {}
    header: object = json.loads(read_range(git, file, lfs, 8, 8 + length))
    if not isinstance(header, dict):
        raise ValueError("the header is no JSON object")
    return length, cast("dict[str, Any]", header)


def _count_file(git: GitRepo, file: Entry, lfs: LfsStore, most: int) -> tuple[int, Counter[str]]:
    """Return the size of the header of a file in bytes, and its parameter counts by type."""
    length = 0
    # Any content may be uploaded under this name.
    with suppress(HubResponseError, ValueError, TypeError, KeyError, AttributeError, OSError, RecursionError):
        length, header = read_header(git, file, lfs, most)
        counts: Counter[str] = Counter()
        for name, tensor in header.items():
            if name != "__metadata__":
                counts[str(tensor["dtype"])[:20]] += _size(tensor["shape"])
        if counts.total() < _MAX_COUNT and len(counts) <= _MAX_TYPES:
            return length, counts
    return length, Counter()


def _size(shape: object) -> int:
    """Return the number of elements of a tensor."""
    if not isinstance(shape, list) or len(cast("list[object]", shape)) > _MAX_DIMENSIONS:
        raise TypeError("not a shape")
    size = 1
    for length in cast("list[object]", shape):
        if not isinstance(length, int) or not 0 <= length < _MAX_COUNT:
            raise TypeError("not a shape")
        size *= length
    return size
