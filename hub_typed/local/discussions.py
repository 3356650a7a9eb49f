"""The discussions of a repository, pull requests among them: what is known of each beside git."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import attrs

from hub_typed.local.files import read_json, write_json
from hub_typed.local.git import PULLS

__all__ = ["Discussion", "Discussions"]


@attrs.frozen(kw_only=True)
class Discussion:
    """A discussion or pull request.

    Attributes:
        num: Its number, from 1; both kinds are counted together.
        author: Name of the user who opened it.
        created_at: ISO 8601.
        base: The branch a pull request is for, by its full name; ``None`` for a mere discussion.
    """

    num: int
    title: str
    author: str
    created_at: str
    status: Literal["draft", "open", "closed", "merged"] = "open"
    base: str | None = None

    @property
    def ref(self) -> str | None:
        """Where the commits of a pull request lie."""
        return None if self.base is None else f"{PULLS}{self.num}"


class Discussions:
    """Discussions, kept in one file. Writers must hold the repository's lock."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[Discussion]:
        """All of them, the oldest first."""
        return [Discussion(**kept) for kept in read_json(self._file, [])]

    def next_number(self) -> int:
        """What the next one is to be numbered."""
        return len(self.all()) + 1

    def add(self, discussion: Discussion) -> None:
        """Keep a new one."""
        write_json(self._file, [attrs.asdict(one) for one in (*self.all(), discussion)])
