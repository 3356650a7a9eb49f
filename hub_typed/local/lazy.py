"""Lists of which no more is made than somebody looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

__all__ = ["Lazy"]

S = TypeVar("S")
T = TypeVar("T")


class Lazy(Sequence[T], Generic[S, T]):
    """A list whose items are made of others, page by page, when they are asked for.

    Args:
        sources: What the items are made of, one each.
        make: Makes those of a page.
    """

    def __init__(self, sources: Sequence[S], make: Callable[[Sequence[S]], Sequence[T]]) -> None:
        self._sources = sources
        self._make = make

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...

    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return self._make(self._sources[place])
        return self._make([self._sources[place]])[0]
