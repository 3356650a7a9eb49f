"""Books, one after the other."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from typing import Literal as OneOf

from hub_typed.flows.decorators import alternative_result, background, client_options, narrowed
from hub_typed.flows.reading.desk import Desk
from hub_typed.http.io import Io
from hub_typed_api import models
from hub_typed_api.models import Book

__all__ = ["bind_books", "close_books", "copy_book", "open_book", "read_books", "return_book", "tidy_up"]

LONGEST = 60.0


async def read_books(
    io: Io, names: Sequence[str], *, at: Desk | None = None, kind: OneOf["slow", "fast"] = "slow"
) -> AsyncIterator[Book]:
    """Read books, one after the other.

    Args:
        names: Of the books.

    Yields:
        Each book when it has been read.
    """
    for name in names:
        yield Book(name=name)


@background
async def return_book(
    io: Io,
    book: models.Book,
    *,
    timeout: float = LONGEST,
    path: str | os.PathLike[str] = "/",
) -> dict[str, Book]:
    """Return a book.

    Raises:
        ClosedError: It is too late.
    """
    return {book.name: book}


@background
async def tidy_up(io: Io) -> None:
    """Put all books back."""


@background
@alternative_result("dry_run")
async def bind_books(io: Io, names: Sequence[str], *, dry_run: bool = False) -> Book | list[models.Book]:
    """Bind books into one.

    Args:
        dry_run: Return the books that would be bound.
    """
    return [] if dry_run else Book(name=names[0])


async def close_books(io: Io) -> None:
    """Close all books."""


@client_options
@alternative_result("count")
async def copy_book(io: Io, name: str, *, count: bool = False, pages: int | None = None) -> Book | list[models.Book]:
    """Copy a book.

    Args:
        count: Return all copies.
    """
    return [] if count else Book(name=name)


async def forget(io: Io) -> None:
    """Not in `__all__`, and so no method."""


@narrowed("book_info", full="whole")
async def open_book(io: Io, name: str, *, whole: bool = False) -> Book:
    """Open a book.

    Args:
        whole: With its pages.
    """
    return Book(name=name)
