"""Small JSON files that are either the old or the new text, whatever happens while they are written."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

__all__ = ["read_json", "write_json"]


def read_json(path: Path, default: Any = None) -> Any:
    """What a file holds; the default, where there is no file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def write_json(path: Path, value: object) -> None:
    """Put a value in a file, for its owner's eyes only."""
    waiting = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    os.replace(waiting, path)
