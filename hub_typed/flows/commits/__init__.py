"""Commits, uploads and the history of a repository."""

from __future__ import annotations

__all__: list[str] = []
