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

from hub_typed.local.errors import HubFault, conflict, not_found
from hub_typed.local.json_files import read_json, write_json

__all__ = ["Collection", "Collections", "Item", "collection_missing", "new_id"]

_ID_LENGTH = 24


def new_id() -> str:
    """Create an id for a collection or an item."""
    return secrets.token_hex(_ID_LENGTH // 2)


def collection_missing() -> HubFault:
    """Error for a collection that does not exist or is hidden."""
    return not_found("Collection not found")


@attrs.frozen(kw_only=True)
class Item:
    """An item of a collection.

    Attributes:
        id: Its id in the collection.
        target: Name of the repository, number of the paper, or id of the collection.
    """

    id: str
    type: str
    target: str
    note: str | None = None


def _items(kept: Sequence[Item | dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(item if isinstance(item, Item) else Item(**item) for item in kept)


@attrs.frozen(kw_only=True)
class Collection:
    """A collection.

    Attributes:
        last_updated: ISO 8601.
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
        """Slug of the collection."""
        words = re.findall(r"[a-z0-9]+", self.title.lower())
        return f"{self.owner}/{'-'.join([*words, self.id])}"

    def holding(self, item: Item) -> Collection:
        """Return the collection with another item at its end.

        Raises:
            HubFault: 409, it holds that already.
        """
        if any((one.type, one.target) == (item.type, item.target) for one in self.items):
            raise conflict(f"This collection holds the {item.type} {item.target} already")
        return attrs.evolve(self, items=(*self.items, item))

    def changing(self, item_id: str, *, note: str | None, position: int | None) -> Collection:
        """Return the collection with the given note or position of an item.

        Raises:
            HubFault: 404, it has no such item.
        """
        item, place = self._item(item_id)
        others = [one for one in self.items if one is not item]
        changed = item if note is None else attrs.evolve(item, note=note or None)
        others.insert(place if position is None else position, changed)
        return attrs.evolve(self, items=others)

    def dropping(self, item_id: str) -> Collection:
        """Return the collection without an item.

        Raises:
            HubFault: 404, it has no such item.
        """
        item, _ = self._item(item_id)
        return attrs.evolve(self, items=[one for one in self.items if one is not item])

    def _item(self, item_id: str) -> tuple[Item, int]:
        for place, item in enumerate(self.items):
            if item.id == item_id:
                return item, place
        raise not_found("Item not found in this collection")


class Collections:
    """All collections in one file; those of an owner are in the owner's order."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self._all: list[Collection] = [Collection(**kept) for kept in read_json(file, [])]

    def all(self) -> list[Collection]:
        """List all collections, newest last."""
        return list(self._all)

    def find(self, slug: str) -> Collection | None:
        """Find a collection by its slug: by owner and id, whatever its title was at that time."""
        owner, _, rest = slug.partition("/")
        found = self.by_id(rest[-_ID_LENGTH:])
        return found if found is not None and found.owner == owner else None

    def by_id(self, collection_id: str) -> Collection | None:
        """Find a collection by its id."""
        return next((one for one in self._all if one.id == collection_id), None)

    def position(self, collection: Collection) -> int:
        """Position among the collections of its owner.

        Raises:
            HubFault: 404, it was deleted a moment ago.
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
            HubFault: 409, the owner has one of this title.
        """
        with self._lock:
            for one in self._all:
                if (one.owner, one.title) == (owner, title):
                    raise conflict(f"{owner} has a collection of this title already", slug=one.slug)
            made = Collection(
                id=new_id(),
                owner=owner,
                title=title,
                description=description,
                private=private,
                last_updated=self._now().isoformat(),
                items=() if item is None else (item,),
            )
            self._keep([*self._all, made])
            return made

    def edit(self, collection: Collection, change: Callable[[Collection], Collection]) -> Collection:
        """Change a collection.

        Raises:
            HubFault: 404, it was deleted a moment ago; what the change raises.
        """
        with self._lock:
            place = self._place(collection)
            changed = attrs.evolve(change(self._all[place]), last_updated=self._now().isoformat())
            self._keep([*self._all[:place], changed, *self._all[place + 1 :]])
            return changed

    def move(self, collection: Collection, position: int) -> None:
        """Move a collection among those of its owner; larger positions mean last.

        Raises:
            HubFault: 404, it was deleted a moment ago.
        """
        with self._lock:
            moved = self._all[self._place(collection)]
            places = [place for place, one in enumerate(self._all) if one.owner == moved.owner]
            own = [self._all[place] for place in places if self._all[place] is not moved]
            own.insert(position, moved)
            ordered = list(self._all)
            for place, one in zip(places, own, strict=True):
                ordered[place] = one
            self._keep(ordered)

    def delete(self, collection: Collection) -> None:
        """Delete a collection.

        Raises:
            HubFault: 404, it was deleted a moment ago.
        """
        with self._lock:
            place = self._place(collection)
            self._keep([*self._all[:place], *self._all[place + 1 :]])

    def _place(self, collection: Collection) -> int:
        for place, one in enumerate(self._all):
            if one.id == collection.id:
                return place
        raise collection_missing()

    def _keep(self, collections: list[Collection]) -> None:
        write_json(self._file, [attrs.asdict(one) for one in collections])
        self._all = collections
