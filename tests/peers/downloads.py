"""Make the given calls one after the other, and print the path or error of each."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, calls = sys.argv[1:]
hub = import_module(library)


def told(function: str, **arguments: object) -> object:
    try:
        result = getattr(hub, function)(**arguments)
    except OSError as error:
        return [type(error).__name__]
    return result if isinstance(result, str | None) else "known not to exist"


print(json.dumps([told(**call) for call in json.loads(calls)]))
