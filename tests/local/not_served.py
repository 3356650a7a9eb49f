"""The operations that the embedded Hub does not serve, each with a reason in ``not_served.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["NOT_SERVED"]

_GROUPS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))

NOT_SERVED: dict[str, str] = {name: group["reason"] for group in _GROUPS for name in group["operations"]}
"""The reason for each operation, ``area.name``."""
