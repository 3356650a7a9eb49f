"""How many parameters a model has, by the headers of its safetensors files."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, cast

from hub_typed.local.faults import HubFault, bad_request
from hub_typed.local.git import Entry, GitRepo
from hub_typed.local.lfs import LfsStore
from hub_typed_api.models import SafeTensorsInfo

__all__ = ["bounds", "parameters"]

_MAX_HEADER = 25_000_000
_MAX_HEADERS = 50_000_000
_MAX_FILES = 2000
_MAX_COUNT = 1 << 62
_MAX_TYPES = 100
_MAX_DIMENSIONS = 64
_BOUND = re.compile(r"(min|max):(\d+(?:\.\d+)?)([KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def parameters(git: GitRepo, files: Sequence[Entry], lfs: LfsStore) -> SafeTensorsInfo | None:
    """The parameters of the safetensors files beside the card, by type; ``None``, where there are none to read.

    Where there are more of them than any model has, or all headers together are larger, only the first are counted.
    """
    counts: Counter[str] = Counter()
    left = _MAX_HEADERS
    weights = (file for file in files if file.path.endswith(".safetensors") and "/" not in file.path)
    for file in islice(weights, _MAX_FILES):
        if left > 0:
            read, found = _counted(git, file, lfs, left)
            left -= read
            counts += found
    return SafeTensorsInfo(parameters=dict(counts), total=counts.total()) if counts else None


def bounds(asked: str) -> tuple[float, float]:
    """The least and the most parameters, as ``min:6B,max:128B`` says.

    Raises:
        HubFault: 400, it says it otherwise.
    """
    found = {"min": 0.0, "max": math.inf}
    for part in asked.split(","):
        bound = _BOUND.fullmatch(part.strip())
        if bound is None:
            raise bad_request(f"Invalid value for num_parameters: {asked}")
        found[bound[1].lower()] = float(bound[2]) * _UNITS[bound[3].upper()]
    return found["min"], found["max"]


def _counted(git: GitRepo, file: Entry, lfs: LfsStore, most: int) -> tuple[int, Counter[str]]:
    """How many bytes were read of a file, and how many parameters of each type it has."""

    def read(start: int, stop: int) -> bytes:
        if file.pointer is None:
            return git.read(file)[start:stop]
        return b"".join(lfs.read(file.pointer.sha256, start, stop))

    length = 0
    # Whatever bears the name may be uploaded.
    with suppress(HubFault, ValueError, TypeError, KeyError, AttributeError, OSError, RecursionError):
        length = int.from_bytes(read(0, 8), "little")
        if length > min(_MAX_HEADER, most, file.size):
            return 0, Counter()
        header: dict[str, Any] = json.loads(read(8, 8 + length))
        counts: Counter[str] = Counter()
        for name, tensor in header.items():
            if name != "__metadata__":
                counts[str(tensor["dtype"])[:20]] += _size(tensor["shape"])
        if counts.total() < _MAX_COUNT and len(counts) <= _MAX_TYPES:
            return length, counts
    return length, Counter()


def _size(shape: object) -> int:
    """How many numbers a tensor of this shape holds."""
    if not isinstance(shape, list) or len(cast("list[object]", shape)) > _MAX_DIMENSIONS:
        raise TypeError("no shape")
    size = 1
    for length in cast("list[object]", shape):
        if not isinstance(length, int) or not 0 <= length < _MAX_COUNT:
            raise TypeError("no shape")
        size *= length
    return size
