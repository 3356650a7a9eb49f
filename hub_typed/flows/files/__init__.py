"""Files from the Hub: into the cache that all its clients share, or into a folder of one's own."""

from __future__ import annotations

__all__: list[str] = []
