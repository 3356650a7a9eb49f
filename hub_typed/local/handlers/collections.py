"""Handlers of collections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

import attrs

from hub_typed.local.accounts.resource_groups import ResourceGroup
from hub_typed.local.buckets.store import Bucket
from hub_typed.local.community.collections import Collection, Item, collection_missing, new_id
from hub_typed.local.errors import bad_request, forbidden, invalid_option, not_found, unauthorized
from hub_typed.local.repos.store import Repo, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import requested_group
from hub_typed.local.request.resource_groups import described_group
from hub_typed.local.views.profiles import describe_account
from hub_typed.local.views.repo_info import summarize_for_list
from hub_typed_api import models
from hub_typed_api.server.collections import CollectionsHandlers

__all__ = ["Collections"]

_SORTS = (None, "lastModified", "trending", "upvotes")
_THEMES = ("orange", "blue", "green", "purple", "pink", "indigo")
_MAX_TITLE_LENGTH = 60
_MAX_DESCRIPTION_LENGTH = 150
_MAX_NOTE_LENGTH = 500
_ITEMS_IN_LISTS = 4
_ITEM_REPO_TYPES = ("model", "dataset", "space")


class Collections(CollectionsHandlers[Call]):
    """Handlers of the operations in the area ``collections``."""

    def list_collections(
        self,
        call: Call,
        *,
        owner: Sequence[str] | None = None,
        item: Sequence[str] | None = None,
        search: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Sequence[models.Collection]:
        if sort not in _SORTS:
            raise invalid_option("sort", filter(None, _SORTS))
        words = (search or "").lower().split()
        wanted = None if item is None else {_parse_item(name) for name in item}
        found = [
            one
            for one in reversed(call.collections.all())
            if (owner is None or one.owner in owner)
            and all(word in one.title.lower() for word in words)
            and (
                wanted is None
                or any((thing.type, thing.target.lower()) in wanted and _is_visible(call, thing) for thing in one.items)
            )
            and _has_access(call, "read", one)
        ]
        if sort == "lastModified":  # there are no upvotes here: the other orders equal that of creation
            found.sort(key=lambda one: datetime.fromisoformat(one.last_updated), reverse=True)
        return [_summary(call, one) for one in found]

    def create_collection(
        self,
        call: Call,
        *,
        title: str,
        namespace: str,
        description: str | None = None,
        private: bool | None = None,
        resource_group_id: str | None = None,
        item: models.CollectionItemInput | None = None,
    ) -> models.Collection:
        _check_text("title", title, 1, _MAX_TITLE_LENGTH)
        _check_text("description", description, 0, _MAX_DESCRIPTION_LENGTH)
        identity = call.writer()
        group = requested_group(call, namespace, resource_group_id)
        _check_creator(call, namespace, group)
        first = None if item is None else _new_item(call, item, None)
        made = call.collections.create(namespace, title, description=description, private=bool(private), item=first)
        if group is not None:
            call.accounts.groups.place([made.id], group, identity.user.name)
        return _details(call, made)

    def get_collection(self, call: Call, *, collection_slug: str) -> models.Collection:
        return _details(call, _readable(call, collection_slug))

    def update_collection_metadata(
        self,
        call: Call,
        *,
        collection_slug: str,
        title: str | None = None,
        description: str | None = None,
        position: int | None = None,
        private: bool | None = None,
        theme: str | None = None,
        gating: models.CollectionGating | bool | None = None,
    ) -> models.UpdatedCollection:
        found = _writable(call, collection_slug)
        if gating is not None:
            raise forbidden("Gating of collections belongs to Enterprise organizations; the embedded Hub has none")
        _check_text("title", title, 1, _MAX_TITLE_LENGTH)
        _check_text("description", description, 0, _MAX_DESCRIPTION_LENGTH)
        _check_position(position)
        if theme not in (None, *_THEMES):
            raise invalid_option("theme", _THEMES)
        given = {"title": title, "description": description, "private": private, "theme": theme}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changed = call.collections.edit(found, lambda now: attrs.evolve(now, **changes))
        if position is not None:
            call.collections.move(changed, position)
        return models.UpdatedCollection(data=_details(call, changed))

    def update_collection_resource_group(
        self, call: Call, *, collection_slug: str, resource_group_id: str | None
    ) -> models.CollectionInResourceGroup:
        found = _writable(call, collection_slug)
        group, identity = requested_group(call, found.owner, resource_group_id), call.writer()
        user = identity.user.name
        _check_creator(call, found.owner, group)
        call.accounts.groups.place([found.id], group, user)
        return models.CollectionInResourceGroup(
            id=found.id, slug=found.slug, title=found.title, private=found.private, added_by=user
        )

    def delete_collection(self, call: Call, *, collection_slug: str) -> None:
        call.collections.delete(_writable(call, collection_slug))

    def get_collection_resource_group(self, call: Call, *, collection_slug: str) -> models.ResourceGroup:
        found = _readable(call, collection_slug)
        return described_group(call, found.owner, found.id)

    def add_collection_item(
        self, call: Call, *, collection_slug: str, item: models.CollectionItemInput, note: str | None = None
    ) -> models.Collection:
        found = _writable(call, collection_slug)
        _check_text("note", note, 0, _MAX_NOTE_LENGTH)
        added = _new_item(call, item, note)
        if (added.type, added.target) == ("collection", found.id):
            raise bad_request("A collection cannot contain itself")
        return _details(call, call.collections.edit(found, lambda now: now.with_item(added)))

    def update_collection_item(
        self,
        call: Call,
        *,
        collection_slug: str,
        item_object_id: str,
        note: str | None = None,
        position: int | None = None,
    ) -> None:
        found = _writable(call, collection_slug)
        _check_text("note", note, 0, _MAX_NOTE_LENGTH)
        _check_position(position)
        call.collections.edit(found, lambda now: now.with_changed_item(item_object_id, note=note, position=position))

    def update_collection_items(
        self, call: Call, *, collection_slug: str, items: Sequence[models.CollectionItemAction]
    ) -> None:
        found = _writable(call, collection_slug)
        for item in items:
            if item.action != "update":
                raise bad_request(f"Invalid action: {item.action!r}, it must be 'update'")
            if item.data.gallery is not None:
                raise bad_request("The embedded Hub keeps no galleries of items")
            _check_text("note", item.data.note, 0, _MAX_NOTE_LENGTH)
            _check_position(item.data.position)

        def changed(now: Collection) -> Collection:
            for item in items:
                now = now.with_changed_item(item.item_object_id, note=item.data.note, position=item.data.position)
            return now

        call.collections.edit(found, changed)

    def delete_collection_item(self, call: Call, *, collection_slug: str, item_object_id: str) -> None:
        call.collections.edit(_writable(call, collection_slug), lambda now: now.without_item(item_object_id))


def _has_access(call: Call, right: str, collection: Collection) -> bool:
    """Whether the caller may read or write a collection."""
    if right == "read" and not collection.private:
        return True
    identity = call.identity
    if identity is None or not identity.permits(f"collection.{right}", collection.owner):
        return False
    role = call.accounts.role_in(collection.owner, identity, call.accounts.groups.of_resource(collection.id))
    return role is not None and (right == "read" or role != "read")


def _check_creator(call: Call, namespace: str, group: ResourceGroup | None) -> None:
    """Check that the caller may create a collection in a namespace, or in a resource group of it.

    Raises:
        HubResponseError: 403, they may not.
    """
    identity = call.writer()
    role = call.accounts.role_in(namespace, identity, group)
    if role in (None, "read") or not identity.permits("collection.write", namespace):
        raise forbidden(f'You don\'t have the rights to create a collection under the namespace "{namespace}"')


def _readable(call: Call, slug: str) -> Collection:
    found = call.collections.find(slug)
    if found is None:
        raise collection_missing()
    if not _has_access(call, "read", found):
        raise collection_missing() if call.identity else unauthorized()
    return found


def _writable(call: Call, slug: str) -> Collection:
    found = _readable(call, slug)
    call.writer()
    if not _has_access(call, "write", found):
        raise forbidden("You don't have the rights to change this collection")
    return found


def _check_text(name: str, text: object, least: int, most: int) -> None:
    if text is not None and not (isinstance(text, str) and least <= len(text) <= most):
        raise bad_request(f"Invalid value for {name}: it must be a string of {least} to {most} characters")


def _check_position(position: object) -> None:
    if position is not None and not (isinstance(position, int) and position >= 0):
        raise bad_request(f"Invalid value for position: {position}")


def _parse_item(name: str) -> tuple[str, str]:
    """Parse an item of a query, for example ``models/owner/name``; return its type and target, in lower case."""
    kind, _, target = name.partition("/")
    if not target:
        raise bad_request(f"Invalid value for item: {name!r}, it must look like models/owner/name or papers/2311.12983")
    return kind.removesuffix("s"), target.lower()


def _new_item(call: Call, given: models.CollectionItemInput, note: str | None) -> Item:
    """Create an item whose target the caller may see.

    Raises:
        HubResponseError: 404, the target does not exist; 400, a collection cannot contain this type.
    """
    target = given.id
    if given.type in _ITEM_REPO_TYPES:
        target = call.readable(given.type, given.id).repo_id
    elif given.type == "collection":
        target = _readable(call, given.id).id
    elif given.type == "paper":
        if call.community.papers.find(given.id) is None:
            raise not_found("Paper not found")
    elif given.type == "bucket":
        target = call.readable_bucket(given.id).repo_id
    else:
        raise bad_request(f"Invalid item type: {given.type!r}")
    return Item(id=new_id(), type=given.type, target=target, note=note or None)


def _summary(call: Call, collection: Collection) -> models.Collection:
    """Describe a collection for lists: without its position, and with its first items only."""
    shown = islice(_items(call, collection), _ITEMS_IN_LISTS)
    return models.Collection(
        slug=collection.slug,
        title=collection.title,
        description=collection.description,
        owner_info=describe_account(call, collection.owner),
        items=list(shown),
        last_updated=datetime.fromisoformat(collection.last_updated),
        private=collection.private,
        theme=collection.theme,
        upvotes=0,
        gating=False,
        share_url=_page(call, collection),
    )


def _details(call: Call, collection: Collection) -> models.Collection:
    """Describe a collection with all its items."""
    position = call.collections.position(collection)
    return attrs.evolve(_summary(call, collection), items=list(_items(call, collection)), position=position)


def _items(call: Call, collection: Collection) -> Iterator[models.CollectionItem]:
    """Describe the items of a collection that the caller may see."""
    for position, item in enumerate(collection.items):
        described = _item(call, item, position)
        if described is not None:
            yield described


def _page(call: Call, collection: Collection) -> str:
    return f"{call.request.origin}/collections/{collection.slug}"


def _item(call: Call, item: Item, position: int) -> models.CollectionItem | None:
    """Describe an item; ``None`` if its target is deleted or hidden from the caller."""
    note = None if item.note is None else models.CollectionNote(text=item.note)
    item_info = partial(
        models.CollectionItem, item_object_id=item.id, item_type=item.type, position=position, note_info=note
    )
    if item.type == "paper":
        paper = call.community.papers.find(item.target)
        if paper is None:
            return None
        return item_info(id=paper.id, title=paper.title, upvotes=paper.upvotes, published_at=paper.published_at)
    if item.type == "collection":
        other = call.collections.by_id(item.target)
        if other is None or not _has_access(call, "read", other):
            return None
        return item_info(
            id=other.id,
            slug=other.slug,
            title=other.title,
            description=other.description,
            owner=describe_account(call, other.owner),
            theme=other.theme,
            number_items=sum(_is_visible(call, one) for one in other.items),
            last_updated=datetime.fromisoformat(other.last_updated),
            share_url=_page(call, other),
        )
    if item.type == "bucket":
        bucket = _bucket(call, item)
        if bucket is None:
            return None
        return item_info(
            id=bucket.repo_id,
            author=bucket.namespace,
            author_data=describe_account(call, bucket.namespace),
            repo_type="bucket",
            private=bucket.facts.private,
            updated_at=datetime.fromisoformat(bucket.updated_at),
            size=bucket.files.size,
            total_files=len(bucket.files),
        )
    repo = _repo(call, item)
    if repo is None:
        return None
    one = summarize_for_list(repo)
    if one is None:
        return None
    known = one.common
    return item_info(
        id=repo.repo_id,
        author=known["author"],
        author_data=describe_account(call, repo.namespace) if repo.namespace else None,
        repo_type=repo.repo_type,
        private=known["private"],
        gated=known["gated"],
        likes=known["likes"],
        created_at=known["created_at"],
        last_modified=known["last_modified"],
    )


def _is_visible(call: Call, item: Item) -> bool:
    if item.type == "bucket":
        return _bucket(call, item) is not None
    return item.type not in _ITEM_REPO_TYPES or _repo(call, item) is not None


def _repo(call: Call, item: Item) -> Repo | None:
    """Return the repository of an item, under its current name."""
    kind = known_type(item.type)
    repo = call.store.find(kind, item.target) or call.store.moved(kind, item.target)
    return repo if repo is not None and call.may_read(repo) else None


def _bucket(call: Call, item: Item) -> Bucket | None:
    """Return the bucket of an item, under its current name."""
    bucket = call.buckets.find(item.target) or call.buckets.moved(item.target)
    return bucket if bucket is not None and call.may_read(bucket) else None
