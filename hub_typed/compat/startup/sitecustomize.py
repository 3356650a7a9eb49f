"""Imported by an interpreter at its start if this folder is in `PYTHONPATH`; not part of the package."""

from __future__ import annotations

import importlib
import os
import sys

from hub_typed.compat import install

_FOLDER = os.path.dirname(os.path.abspath(__file__))

install()
# The module of this name that the interpreter would have imported without this folder.
sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != _FOLDER]
_this = sys.modules.pop("sitecustomize")
try:
    importlib.import_module("sitecustomize")
except ModuleNotFoundError as _error:
    if _error.name != "sitecustomize":
        raise
finally:
    sys.modules.setdefault("sitecustomize", _this)
