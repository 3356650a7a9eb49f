"""Large files: what they hold, and how it gets into the Hub's store."""

from __future__ import annotations

__all__: list[str] = []
