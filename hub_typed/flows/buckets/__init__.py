"""Buckets: their settings, files, and the synchronization with folders."""

from __future__ import annotations

__all__: list[str] = []
