"""Xet storage: tokens, and what is transferred with it."""

from __future__ import annotations

__all__: list[str] = []
