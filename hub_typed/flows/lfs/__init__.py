"""LFS files: their content and its upload."""

from __future__ import annotations

__all__: list[str] = []
