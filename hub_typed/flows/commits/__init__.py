"""What is added to a repository, and its history."""

from __future__ import annotations

__all__: list[str] = []
