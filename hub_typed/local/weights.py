"""How many parameters a model has, by the headers of its safetensors files."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from hub_typed.local.faults import bad_request
from hub_typed.local.git import Entry, GitRepo
from hub_typed.local.lfs import LfsStore
from hub_typed_api.models import SafeTensorsInfo

__all__ = ["bounds", "parameters"]

_MAX_HEADER = 25_000_000
_BOUND = re.compile(r"(min|max):(\d+(?:\.\d+)?)([KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def parameters(git: GitRepo, files: list[Entry], lfs: LfsStore) -> SafeTensorsInfo | None:
    """The parameters of the safetensors files beside the card, by type; ``None``, where there are none to read."""
    counts: Counter[str] = Counter()
    for file in files:
        if file.path.endswith(".safetensors") and "/" not in file.path:
            counts += _counted(git, file, lfs)
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


def _counted(git: GitRepo, file: Entry, lfs: LfsStore) -> Counter[str]:
    def read(start: int, stop: int) -> bytes:
        if file.pointer is None:
            return git.read(file)[start:stop]
        return b"".join(lfs.read(file.pointer.sha256, start, stop))

    try:
        length = int.from_bytes(read(0, 8), "little")
        header: dict[str, Any] = json.loads(read(8, 8 + length)) if length <= _MAX_HEADER else {}
        counts: Counter[str] = Counter()
        for name, tensor in header.items():
            if name != "__metadata__":
                counts[tensor["dtype"]] += math.prod(tensor["shape"])
        return counts
    except (ValueError, TypeError, KeyError, AttributeError, OSError, RecursionError):
        return Counter()  # whatever bears the name may be uploaded
