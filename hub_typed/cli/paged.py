"""Lists that the Hub sends page by page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hub_typed import HfApi, Paged

__all__ = ["items"]

T = TypeVar("T")


def items(api: HfApi, paged: Paged[T], limit: int | None) -> Iterator[T]:
    """Iterate over the items of an operation, at most so many; pages are requested when they are needed."""
    return islice(chain.from_iterable(page.items for page in api.pages(paged)), limit)
