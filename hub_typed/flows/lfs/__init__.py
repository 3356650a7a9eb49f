"""LFS files: content, upload, listing and deletion."""

from __future__ import annotations

__all__: list[str] = []
