"""Types of repositories, by the plural that stands for each in URLs and in the cache."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["TYPES_BY_PLURAL", "KnownRepoType"]

KnownRepoType: TypeAlias = Literal["model", "dataset", "space", "kernel"]

TYPES_BY_PLURAL: Final[dict[str, KnownRepoType]] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
    "kernels": "kernel",
}
