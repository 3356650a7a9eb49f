"""Downloads: into the cache shared by all clients, or into a local folder."""

from __future__ import annotations

__all__: list[str] = []
