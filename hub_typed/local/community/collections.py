"""Collections: storage and order of their items."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.errors import HubResponseError, conflict, not_found
from hub_typed.local.json_files import read_json, write_json

__all__ = ["Collection", "Collections", "Item", "collection_missing", "new_id"]

_ID_LENGTH = 24


def new_id() -> str:
    """Create an id for a collection or an item."""
    return secrets.token_hex(_ID_LENGTH // 2)


def collection_missing() -> HubResponseError:
    """Error for a collection that does not exist or is hidden."""
    return not_found("Collection not found")


@attrs.frozen(kw_only=True)
class Item:
    """An item of a collection.

    Attributes:
        id: Id of the item in the collection.
        target: Name of a repository, number of a paper, or id of a collection.
    """

    id: str
    type: str
    target: str
    note: str | None = None


def _items(stored: Sequence[Item | dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(item if isinstance(item, Item) else Item(**item) for item in stored)


@attrs.frozen(kw_only=True)
class Collection:
    """A collection.

    Attributes:
        last_updated: Time of the last change, ISO 8601.
    """

    id: str
    owner: str
    title: str
    description: str | None = None
    private: bool = False
    theme: str = "orange"
    last_updated: str
    items: tuple[Item, ...] = attrs.field(default=(), converter=_items)

    @property
    def slug(self) -> str:
        """Slug of the collection: owner, words of the title, and id."""
        words = re.findall(r"[a-z0-9]+", self.title.lower())
        return f"{self.owner}/{'-'.join([*words, self.id])}"

    def with_item(self, item: Item) -> Collection:
        """Return the collection with an item appended.

        Raises:
            HubResponseError: 409, the collection contains it already.
        """
        if any((one.type, one.target) == (item.type, item.target) for one in self.items):
            raise conflict(f"This collection contains the {item.type} {item.target} already")
        return attrs.evolve(self, items=(*self.items, item))

    def with_changed_item(self, item_id: str, *, note: str | None, position: int | None) -> Collection:
        """Return the collection with another note or position of an item; ``None`` keeps the present one.

        Raises:
            HubResponseError: 404, the collection has no such item.
        """
        item, index = self._item(item_id)
        others = [one for one in self.items if one is not item]
        changed = item if note is None else attrs.evolve(item, note=note or None)
        others.insert(index if position is None else position, changed)
        return attrs.evolve(self, items=others)

    def without_item(self, item_id: str) -> Collection:
        """Return the collection without an item.

        Raises:
            HubResponseError: 404, the collection has no such item.
        """
        item, _ = self._item(item_id)
        return attrs.evolve(self, items=[one for one in self.items if one is not item])

    def _item(self, item_id: str) -> tuple[Item, int]:
        for index, item in enumerate(self.items):
            if item.id == item_id:
                return item, index
        raise not_found("Item not found in this collection")


class Collections:
    """All collections, stored in one file; those of an owner are in the owner's order."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self._all: list[Collection] = [Collection(**stored) for stored in read_json(file, [])]

    def all(self) -> list[Collection]:
        """List all collections, newest last."""
        return list(self._all)

    def find(self, slug: str) -> Collection | None:
        """Find a collection by the owner and id in its slug; the words of the title are ignored."""
        owner, _, rest = slug.partition("/")
        found = self.by_id(rest[-_ID_LENGTH:])
        return found if found is not None and found.owner.lower() == owner.lower() else None

    def by_id(self, collection_id: str) -> Collection | None:
        """Find a collection by its id."""
        return next((one for one in self._all if one.id == collection_id), None)

    def position(self, collection: Collection) -> int:
        """Return the position of a collection among those of its owner.

        Raises:
            HubResponseError: 404, it was deleted meanwhile.
        """
        own = [one.id for one in self._all if one.owner == collection.owner]
        if collection.id not in own:
            raise collection_missing()
        return own.index(collection.id)

    def create(
        self, owner: str, title: str, *, description: str | None, private: bool, item: Item | None
    ) -> Collection:
        """Create a collection.

        Raises:
            HubResponseError: 409, the owner has a collection with this title.
        """
        with self._lock:
            for one in self._all:
                if (one.owner, one.title) == (owner, title):
                    raise conflict(f"{owner} has a collection with this title already", slug=one.slug)
            made = Collection(
                id=new_id(),
                owner=owner,
                title=title,
                description=description,
                private=private,
                last_updated=self._now().isoformat(),
                items=() if item is None else (item,),
            )
            self._save([*self._all, made])
            return made

    def edit(self, collection: Collection, change: Callable[[Collection], Collection]) -> Collection:
        """Change a collection.

        Raises:
            HubResponseError: 404, it was deleted meanwhile; errors of the change itself.
        """
        with self._lock:
            index = self._index(collection)
            changed = attrs.evolve(change(self._all[index]), last_updated=self._now().isoformat())
            self._save([*self._all[:index], changed, *self._all[index + 1 :]])
            return changed

    def move(self, collection: Collection, position: int) -> None:
        """Move a collection among those of its owner; a position beyond the end means last.

        Raises:
            HubResponseError: 404, it was deleted meanwhile.
        """
        with self._lock:
            moved = self._all[self._index(collection)]
            indexes = [index for index, one in enumerate(self._all) if one.owner == moved.owner]
            own = [self._all[index] for index in indexes if self._all[index] is not moved]
            own.insert(position, moved)
            ordered = list(self._all)
            for index, one in zip(indexes, own, strict=True):
                ordered[index] = one
            self._save(ordered)

    def delete(self, collection: Collection) -> None:
        """Delete a collection.

        Raises:
            HubResponseError: 404, it was deleted meanwhile.
        """
        with self._lock:
            index = self._index(collection)
            self._save([*self._all[:index], *self._all[index + 1 :]])

    def _index(self, collection: Collection) -> int:
        for index, one in enumerate(self._all):
            if one.id == collection.id:
                return index
        raise collection_missing()

    def _save(self, collections: list[Collection]) -> None:
        write_json(self._file, [attrs.asdict(one) for one in collections])
        self._all = collections
