"""Lists of users."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from hub_typed.cli.output import Output

if TYPE_CHECKING:
    from hub_typed import User

__all__ = ["print_users"]


def print_users(users: Iterable[User], output: Output, *, limit: int | None) -> None:
    """Print a list of users."""
    output.rows(
        islice(users, limit),
        {"user": lambda one: one.username, "full name": lambda one: one.fullname, "pro": lambda one: one.is_pro},
        id=lambda one: one.username,
    )
