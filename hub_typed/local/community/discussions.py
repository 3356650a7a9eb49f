"""Discussions and pull requests of a repository, stored outside of git."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import attrs

from hub_typed.local.community.discussion_events import Status
from hub_typed.local.errors import not_found
from hub_typed.local.git.objects import PULLS
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.discussions import structure_any_discussion_event, unstructure_any_discussion_event

__all__ = ["Discussion", "Discussions"]


@attrs.frozen(kw_only=True)
class Discussion:
    """A discussion or pull request.

    Attributes:
        num: Number, from 1; discussions and pull requests share one sequence.
        author: Name of the user who opened it.
        base: Full name of the target branch of a pull request; ``None`` for a discussion.
        head: Last commit of a pull request that its events contain.
        merge_commit: Commit that merged a pull request.
        pinned: Whether lists start with it.
        kept_diff: Diff of a pull request whose ref was deleted; ``None`` before.
        events: Events, oldest first.
    """

    num: int
    id: str = attrs.field(factory=lambda: secrets.token_hex(12))
    title: str
    author: str
    created_at: datetime
    status: Status = "open"
    base: str | None = None
    head: str | None = None
    merge_commit: str | None = None
    pinned: bool = False
    kept_diff: str | None = None
    events: tuple[models.AnyDiscussionEvent, ...] = ()

    @property
    def ref(self) -> str | None:
        """Ref of a pull request; ``None`` for a discussion."""
        return None if self.base is None else f"{PULLS}{self.num}"

    @property
    def is_open(self) -> bool:
        """Whether it is a draft or open; only then does a pull request accept commits."""
        return self.status in ("draft", "open")

    @property
    def comments(self) -> list[models.DiscussionCommentEvent]:
        """All comments, including hidden ones."""
        return [event for event in self.events if isinstance(event, models.DiscussionCommentEvent)]

    def comment(self, comment_id: str) -> models.DiscussionCommentEvent:
        """Return the comment with this id.

        Raises:
            HubResponseError: 404, there is no such comment.
        """
        found = next((one for one in self.comments if one.id == comment_id), None)
        if found is None:
            raise not_found("Comment not found")
        return found

    def with_events(self, *events: models.AnyDiscussionEvent, **changes: Any) -> Self:
        """Return the discussion with events appended and attributes changed."""
        return attrs.evolve(self, events=(*self.events, *events), **changes)

    def with_comment(self, comment: models.DiscussionCommentEvent) -> Self:
        """Return the discussion with a comment replaced by its changed version."""

        def replaced(event: models.AnyDiscussionEvent) -> models.AnyDiscussionEvent:
            same = isinstance(event, models.DiscussionCommentEvent) and event.id == comment.id
            return comment if same else event

        return attrs.evolve(self, events=tuple(replaced(event) for event in self.events))


class Discussions:
    """Discussions in a folder, one file each. Writers must hold the lock of the repository.

    Every change of a discussion goes through `add` or `update`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Discussion]:
        """List all discussions, oldest first."""
        return [found for num in self._numbers() if (found := self.find(num)) is not None]

    def find(self, num: int) -> Discussion | None:
        """Return the discussion with this number, or ``None``."""
        stored = read_json(self._file(num))
        return None if stored is None else _from_json(stored)

    def get(self, num: int) -> Discussion:
        """Return the discussion with this number.

        Raises:
            HubResponseError: 404, there is no such discussion.
        """
        found = self.find(num)
        if found is None:
            raise not_found("Discussion not found")
        return found

    def find_by_ref(self, ref: str) -> Discussion | None:
        """Return the pull request with this ref, or ``None``."""
        num = ref.removeprefix(PULLS)
        found = self.find(int(num)) if num.isascii() and num.isdecimal() else None
        return found if found is not None and found.ref == ref else None

    def last_number(self) -> int:
        """Return the highest number that was given; 0 before the first discussion."""
        return max(self._numbers(), default=0)

    def add(self, discussion: Discussion) -> None:
        """Write a new discussion."""
        self._folder.mkdir(exist_ok=True)
        self.update(discussion)

    def update(self, discussion: Discussion) -> None:
        """Write a changed discussion."""
        write_json(self._file(discussion.num), _to_json(discussion))

    def delete(self, num: int) -> None:
        """Delete a discussion. Its file stays, without content, so that the number is not given again."""
        write_json(self._file(num), None)

    def _file(self, num: int) -> Path:
        return self._folder / f"{num}.json"

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in self._folder.glob("*.json"))


def _to_json(discussion: Discussion) -> dict[str, Any]:
    return {
        **attrs.asdict(discussion, recurse=False),
        "created_at": discussion.created_at.isoformat(),
        "events": [unstructure_any_discussion_event(event) for event in discussion.events],
    }


def _from_json(stored: Mapping[str, Any]) -> Discussion:
    events = tuple(structure_any_discussion_event(event) for event in stored["events"])
    members: dict[str, Any] = {**stored, "created_at": datetime.fromisoformat(stored["created_at"]), "events": events}
    return Discussion(**members)
