"""Collections and their items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, Literal

import attrs

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows.argument_checks import check_choice, check_length, check_range
from hub_typed.flows.list_filters import words
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api import models
from hub_typed_api.models import CollectionItem
from hub_typed_api.operations import collections as operations
from hub_typed_api.operations import users

__all__ = [
    "Collection",
    "CollectionItem",
    "add_collection_item",
    "create_collection",
    "delete_collection",
    "delete_collection_item",
    "get_collection",
    "list_collections",
    "update_collection_item",
    "update_collection_metadata",
]

SORTS = ("lastModified", "trending", "upvotes")
THEMES = ("orange", "blue", "green", "purple", "pink", "indigo")
ITEM_TYPES = ("model", "dataset", "space", "paper", "collection", "bucket")
MAX_TITLE_LENGTH = 60
MAX_DESCRIPTION_LENGTH = 150
MAX_NOTE_LENGTH = 500
MAX_PAGE_SIZE = 10_000


@attrs.frozen(kw_only=True)
class Collection:
    """A collection of models, datasets, Spaces, papers and other items.

    Attributes:
        slug: What it is found by: owner, title and an id of 24 hexadecimal digits.
        owner: Name of the user or organization it belongs to.
        items: What it holds; in lists, the first 4 alone.
        last_updated: When it was last changed.
        position: Place among the collections of its owner, from 0; in lists, place in the list.
        theme: Its colour: ``orange``, ``blue``, ``green``, ``purple``, ``pink`` or ``indigo``.
        url: Its page.
        gating: How access to all that it holds is given at once; false if it is not.
        extra: Members the Hub sent that the spec does not name.
    """

    slug: str
    title: str
    owner: str
    items: list[CollectionItem]
    last_updated: datetime
    position: int
    private: bool
    theme: str
    upvotes: int
    url: str
    description: str | None = None
    owner_info: models.Account
    gating: models.CollectionGating | bool | None = None
    is_upvoted_by_user: bool | None = None
    share_url: str | None = None
    resource_group: models.ResourceGroup | None = None
    extra: dict[str, Any] | None = None


def _collection(io: Io, source: models.Collection, position: int = 0) -> Collection:
    """Build a collection with its URL at the client's endpoint, and with the position that lists leave out."""
    return Collection(
        slug=source.slug,
        title=source.title,
        owner=source.owner,
        items=source.items,
        last_updated=source.last_updated,
        position=position if source.position is None else source.position,
        private=source.private,
        theme=source.theme,
        upvotes=source.upvotes,
        url=f"{io.settings.endpoint}/collections/{source.slug}",
        description=source.description,
        owner_info=source.owner_info,
        gating=source.gating,
        is_upvoted_by_user=source.is_upvoted_by_user,
        share_url=source.share_url,
        resource_group=source.resource_group,
        extra=source.extra,
    )


async def list_collections(
    io: Io,
    *,
    owner: str | Iterable[str] | None = None,
    item: str | Iterable[str] | None = None,
    sort: Literal["lastModified", "trending", "upvotes"] | None = None,
    limit: int | None = None,
    search: str | None = None,
) -> AsyncIterator[Collection]:
    """List collections, each with its first 4 items; `get_collection` returns all of them.

    Args:
        owner: Only those of one of these users and organizations.
        item: Only those that hold one of these, as ``models/owner/name`` or ``papers/2311.12983``.
        sort: What the list is sorted by, in descending order; ``trending`` if not given.
        limit: How many collections at most.
        search: Words that the titles must contain.

    Raises:
        ValueError: ``sort`` is not known.
    """
    check_choice("sort", sort, SORTS)
    position = 0
    listed = operations.list_collections(
        owner=words(owner),
        item=words(item),
        search=search,
        sort=sort,
        limit=None if limit is None else min(limit, MAX_PAGE_SIZE),
    )
    async for source in items(io, listed, limit=limit):
        yield _collection(io, source, position)
        position += 1


async def get_collection(io: Io, collection_slug: str) -> Collection:
    """Get a collection and its items.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.

    Raises:
        HFValidationError: It is no slug.
        HfHubHTTPError: There is no such collection, or the token may not see it (404, or 401 without a token).
    """
    return _collection(io, await execute(io, operations.get_collection(collection_slug)))


async def create_collection(
    io: Io,
    title: str,
    *,
    namespace: str | None = None,
    description: str | None = None,
    private: bool = False,
    exists_ok: bool = False,
    resource_group_id: str | None = None,
) -> Collection:
    """Create a collection.

    Args:
        title: 1 to 60 characters.
        namespace: User or organization it shall belong to; the account of the token if not given.
        description: At most 150 characters.
        private: Whether others cannot see it.
        exists_ok: Give the collection of this title that is there already as it is, without an error.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.

    Raises:
        ValueError: Title or description is too long, or the title is empty.
        HfHubHTTPError: There is one of this title already (409), or the token may not create it (401, 403).
    """
    _check_texts(title, description)
    owner = namespace or (await execute(io, users.whoami())).name
    creation = operations.create_collection(
        title=title, namespace=owner, description=description, private=private, resource_group_id=resource_group_id
    )
    try:
        return _collection(io, await execute(io, creation))
    except HfHubHTTPError as error:
        found = await _existing_slug(io, error, owner, title) if exists_ok else None
        if found is None:
            raise
    return await get_collection(io, found)


async def _existing_slug(io: Io, error: HfHubHTTPError, owner: str, title: str) -> str | None:
    """Return the slug of the existing collection, if creating it failed because it exists."""
    if error.response is None or error.response.status_code != 409:
        return None
    try:
        slug: object = error.response.json()["slug"]
        if isinstance(slug, str):
            return slug
    except (ValueError, KeyError, TypeError):
        pass  # the Hub need not tell it
    async for known in items(io, operations.list_collections(owner=[owner])):
        if known.title == title:
            return known.slug
    return None


async def update_collection_metadata(
    io: Io,
    collection_slug: str,
    *,
    title: str | None = None,
    description: str | None = None,
    position: int | None = None,
    private: bool | None = None,
    theme: str | None = None,
) -> Collection:
    """Update the title, description, theme, visibility or position of a collection; others are kept.

    A new title changes the slug, but not the id at its end: the old slug goes on leading here.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.
        title: 1 to 60 characters.
        description: At most 150 characters.
        position: Place among the collections of the owner, from 0.
        private: Whether others cannot see it.
        theme: Its colour: ``orange``, ``blue``, ``green``, ``purple``, ``pink`` or ``indigo``.

    Raises:
        ValueError: Title or description is too long, the title empty, the place below 0, or the colour unknown.
        HFValidationError: It is no slug.
        HfHubHTTPError: There is no such collection (404), or the token may not change it (401, 403).
    """
    _check_texts(title, description)
    check_range("position", position, 0)
    check_choice("theme", theme, THEMES)
    update = operations.update_collection_metadata(
        collection_slug, title=title, description=description, position=position, private=private, theme=theme
    )
    return _collection(io, (await execute(io, update)).data)


def _check_texts(title: str | None, description: str | None) -> None:
    if title is not None and not title.strip():
        raise ValueError(f"A collection has a title: pass 1 to {MAX_TITLE_LENGTH} characters.")
    check_length("title", title, MAX_TITLE_LENGTH)
    check_length("description", description, MAX_DESCRIPTION_LENGTH)


async def delete_collection(io: Io, collection_slug: str, *, missing_ok: bool = False) -> None:
    """Delete a collection permanently; its items are not deleted.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.
        missing_ok: Do nothing where there is no such collection, without an error.

    Raises:
        HFValidationError: It is no slug.
        HfHubHTTPError: There is no such collection (404), or the token may not delete it (401, 403).
    """
    try:
        await execute(io, operations.delete_collection(collection_slug))
    except HfHubHTTPError as error:
        if not missing_ok or error.response is None or error.response.status_code != 404:
            raise


async def add_collection_item(
    io: Io,
    collection_slug: str,
    item_id: str,
    item_type: Literal["model", "dataset", "space", "paper", "collection", "bucket"],
    *,
    note: str | None = None,
    exists_ok: bool = False,
) -> Collection:
    """Add an item to the end of a collection and return the collection.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.
        item_id: Name of the repository, number of the paper at arXiv, or slug of the collection.
        item_type: What it is.
        note: What the collection says of it, in Markdown; at most 500 characters.
        exists_ok: Leave what the collection holds already as it is, its note too, without an error.

    Raises:
        ValueError: The type is not known, or the note is too long.
        HFValidationError: ``collection_slug`` is no slug.
        HfHubHTTPError: The collection holds it already (409), one of the two is not there (404), or the token may not
            change the collection (401, 403).
    """
    check_choice("item_type", item_type, ITEM_TYPES)
    check_length("note", note, MAX_NOTE_LENGTH)
    item = models.CollectionItemInput(type=item_type, id=item_id)
    try:
        return _collection(io, await execute(io, operations.add_collection_item(collection_slug, item=item, note=note)))
    except HfHubHTTPError as error:
        if not exists_ok or error.response is None or error.response.status_code != 409:
            raise
    return await get_collection(io, collection_slug)


async def update_collection_item(
    io: Io, collection_slug: str, item_object_id: str, *, note: str | None = None, position: int | None = None
) -> None:
    """Update the note or position of an item in a collection; the other is kept.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.
        item_object_id: ``item_object_id`` of the item; not that of the repository or paper.
        note: What the collection says of it, in Markdown; at most 500 characters.
        position: Place in the collection, from 0.

    Raises:
        ValueError: The note is too long, or the place is below 0.
        HFValidationError: ``collection_slug`` is no slug.
        HfHubHTTPError: There is no such collection or item (404), or the token may not change it (401, 403).
    """
    check_length("note", note, MAX_NOTE_LENGTH)
    check_range("position", position, 0)
    await execute(io, operations.update_collection_item(collection_slug, item_object_id, note=note, position=position))


async def delete_collection_item(
    io: Io, collection_slug: str, item_object_id: str, *, missing_ok: bool = False
) -> None:
    """Remove an item from a collection.

    Args:
        collection_slug: As ``owner/title-64f9a55bb3115b4f513ec026``.
        item_object_id: ``item_object_id`` of the item; not that of the repository or paper.
        missing_ok: Do nothing where there is no such collection or item, without an error.

    Raises:
        HFValidationError: ``collection_slug`` is no slug.
        HfHubHTTPError: There is no such collection or item (404), or the token may not change it (401, 403).
    """
    try:
        await execute(io, operations.delete_collection_item(collection_slug, item_object_id))
    except HfHubHTTPError as error:
        if not missing_ok or error.response is None or error.response.status_code != 404:
            raise
