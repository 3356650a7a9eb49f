"""Collections and their items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

import attrs

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows.argument_checks import check_choice, check_length, check_range
from hub_typed.flows.list_filters import merge_values
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT
from hub_typed_api import models, path as rules
from hub_typed_api.fields import Fields
from hub_typed_api.models import CollectionItem
from hub_typed_api.operations import collections as operations, users
from hub_typed_api.wire import Call

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
class Collection(Fields):
    """A collection of models, datasets, Spaces, papers and other items.

    Attributes:
        slug: Identifier of the collection: owner, title and an id of 24 hexadecimal digits.
        owner: Name of the user or organization that owns the collection.
        items: Items of the collection; in lists, only the first 4.
        last_updated: Time of the last change.
        position: Position among the collections of the owner, from 0; in lists, position in the list.
        theme: Colour: ``orange``, ``blue``, ``green``, ``purple``, ``pink`` or ``indigo``.
        url: URL of the web page.
        gating: Settings of the access requests for all items of the collection; false if it is not gated.
        extra: Fields of the response that are not in the specification.
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

    @classmethod
    def _from_reference(cls, **members: Any) -> dict[str, Any]:
        if members.keys() <= {field.name for field in attrs.fields(cls)} and "owner_info" in members:
            return members
        endpoint = members.pop("endpoint", DEFAULT_ENDPOINT)
        url = members.pop("url", None) or f"{endpoint}/collections/{members.get('slug')}"
        owner = members.get("owner")
        if isinstance(owner, str):
            account = {"name": owner, "fullname": owner, "avatarUrl": "", "type": "user"}
            members["owner"] = members.pop("owner_info", None) or account
        source = models.Collection(**members)
        return _members(source, url, 0)


def _collection(io: Io, source: models.Collection, position: int = 0) -> Collection:
    """Add the URL at the client's endpoint, and the position, which lists omit."""
    return Collection(**_members(source, f"{io.settings.endpoint}/collections/{source.slug}", position))


def _members(source: models.Collection, url: str, position: int) -> dict[str, Any]:
    """Return the attributes of a collection with this URL, and with this position if the response has none."""
    members = {field.name: getattr(source, field.name) for field in attrs.fields(models.Collection)}
    members["position"] = position if source.position is None else source.position
    return members | {"owner": source.owner, "url": url}


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
        owner: Only collections of these users and organizations.
        item: Only collections that contain one of these items, such as ``models/owner/name`` or ``papers/2311.12983``.
        sort: Sort key; the order is descending. ``trending`` if not given.
        limit: Maximum number of collections.
        search: Words that the titles must contain.

    Raises:
        ValueError: ``sort`` is unknown.
    """
    check_choice("sort", sort, SORTS)
    position = 0
    listed = operations.list_collections(
        owner=merge_values(owner),
        item=merge_values(item),
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
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.

    Raises:
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection does not exist, or the token has no access to it (404, or 401 without a token).
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
    """Create a collection and return it.

    Args:
        title: 1 to 60 characters.
        namespace: User or organization that owns the collection; the account of the token if not given.
        description: At most 150 characters.
        private: Whether the collection is private.
        exists_ok: Return an existing collection of this title unchanged, instead of raising an error.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.

    Raises:
        ValueError: The title or description is too long, or the title is empty.
        HfHubHTTPError: A collection of this title exists (409), or the token may not create collections (401, 403).
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
    """Return the slug of the existing collection, if the creation failed because of it."""
    if error.response.status_code != 409:
        return None
    with suppress(ValueError, KeyError, TypeError):  # the response need not contain a slug that can be requested
        return rules.checked_slug(error.response.json()["slug"])
    async for known in items(io, operations.list_collections(owner=[owner])):
        if known.title == title:
            with suppress(rules.HFValidationError):
                return rules.checked_slug(known.slug)
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
    """Update the title, description, theme, visibility or position of a collection; omitted ones are kept.

    A new title changes the slug, except for the id at its end; the old slug stays valid.

    Args:
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.
        title: 1 to 60 characters.
        description: At most 150 characters.
        position: Position among the collections of the owner, from 0.
        private: Whether the collection is private.
        theme: Colour: ``orange``, ``blue``, ``green``, ``purple``, ``pink`` or ``indigo``.

    Raises:
        ValueError: The title or description is too long, the title is empty, the position is negative, or the theme is
            unknown.
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection does not exist (404), or the token may not change it (401, 403).
    """
    _check_texts(title, description)
    check_range("position", position, 0)
    check_choice("theme", theme, THEMES)
    update = operations.update_collection_metadata(
        collection_slug, title=title, description=description, position=position, private=private, theme=theme
    )
    return await execute(io, Call(update.request, lambda response: _collection(io, update.parse(response).data)))


def _check_texts(title: str | None, description: str | None) -> None:
    if title is not None and not title.strip():
        raise ValueError(f"The title of a collection is empty: pass 1 to {MAX_TITLE_LENGTH} characters.")
    check_length("title", title, MAX_TITLE_LENGTH)
    check_length("description", description, MAX_DESCRIPTION_LENGTH)


async def delete_collection(io: Io, collection_slug: str, *, missing_ok: bool = False) -> None:
    """Delete a collection permanently; its items are not deleted.

    Args:
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.
        missing_ok: Ignore a missing collection, instead of raising an error.

    Raises:
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection does not exist (404), or the token may not delete it (401, 403).
    """
    try:
        await execute(io, operations.delete_collection(collection_slug))
    except HfHubHTTPError as error:
        if not missing_ok or error.response.status_code != 404:
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
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.
        item_id: Name of the repository, arXiv id of the paper, or slug of the collection.
        item_type: Type of the item.
        note: Note on the item in Markdown; at most 500 characters.
        exists_ok: Keep an existing item and its note unchanged, instead of raising an error.

    Raises:
        ValueError: The type is unknown, or the note is too long.
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection already contains the item (409), the collection or item does not exist (404), or
            the token may not change the collection (401, 403).
    """
    check_choice("item_type", item_type, ITEM_TYPES)
    check_length("note", note, MAX_NOTE_LENGTH)
    item = models.CollectionItemInput(type=item_type, id=item_id)
    try:
        return _collection(io, await execute(io, operations.add_collection_item(collection_slug, item=item, note=note)))
    except HfHubHTTPError as error:
        if not exists_ok or error.response.status_code != 409:
            raise
    return await get_collection(io, collection_slug)


async def update_collection_item(
    io: Io, collection_slug: str, item_object_id: str, *, note: str | None = None, position: int | None = None
) -> None:
    """Update the note or position of an item in a collection; an omitted one is kept.

    Args:
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.
        item_object_id: ``item_object_id`` of the item; not the id of the repository or paper.
        note: Note on the item in Markdown; at most 500 characters.
        position: Position in the collection, from 0.

    Raises:
        ValueError: The note is too long, or the position is negative.
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection or item does not exist (404), or the token may not change it (401, 403).
    """
    check_length("note", note, MAX_NOTE_LENGTH)
    check_range("position", position, 0)
    await execute(io, operations.update_collection_item(collection_slug, item_object_id, note=note, position=position))


async def delete_collection_item(
    io: Io, collection_slug: str, item_object_id: str, *, missing_ok: bool = False
) -> None:
    """Remove an item from a collection.

    Args:
        collection_slug: Slug, for example ``owner/title-64f9a55bb3115b4f513ec026``.
        item_object_id: ``item_object_id`` of the item; not the id of the repository or paper.
        missing_ok: Ignore a missing collection or item, instead of raising an error.

    Raises:
        HFValidationError: ``collection_slug`` is not a slug.
        HfHubHTTPError: The collection or item does not exist (404), or the token may not change it (401, 403).
    """
    try:
        await execute(io, operations.delete_collection_item(collection_slug, item_object_id))
    except HfHubHTTPError as error:
        if not missing_ok or error.response.status_code != 404:
            raise
