"""Lists whose items are created on access."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

__all__ = ["LazyList"]

S = TypeVar("S")
T = TypeVar("T")


class LazyList(Sequence[T], Generic[S, T]):
    """A sequence that converts its source items page by page, when they are accessed.

    Args:
        sources: One source for each item.
        convert: Function that converts the sources of a page.
    """

    def __init__(self, sources: Sequence[S], convert: Callable[[Sequence[S]], Sequence[T]]) -> None:
        self._sources = sources
        self._convert = convert

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return self._convert(self._sources[index])
        return self._convert([self._sources[index]])[0]
