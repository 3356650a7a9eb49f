"""``collections``: lists of repositories, papers and other collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_lists import DEFAULT_LIMIT
from hub_typed.cli.shared_options import HubOptions, Limit, OnOff, Yes

if TYPE_CHECKING:
    from hub_typed import Collection

__all__ = ["app"]

app: App = App(name="collections", help="Collect models, datasets, Spaces, papers and other collections.")

Slug: TypeAlias = Annotated[str, Parameter(help="Slug of the collection, as `hub-typed collections list` prints it.")]
ItemObjectId: TypeAlias = Annotated[
    str, Parameter(help="Id of the item in the collection, as `hub-typed collections info` prints it.")
]
Note: TypeAlias = Annotated[
    str | None, Parameter(help="Note on the item, in Markdown, 500 characters at most.", allow_leading_hyphen=True)
]
MissingOk: TypeAlias = Annotated[bool, Parameter(help="Do not fail if it does not exist.")]
Description: TypeAlias = Annotated[
    str | None, Parameter(help="Description, 150 characters at most.", allow_leading_hyphen=True)
]


@app.command(name="list", alias="ls")
def list_collections(
    *,
    owner: Annotated[str | None, Parameter(help="Only collections of this user or organization.")] = None,
    item: Annotated[
        str | None, Parameter(help="Only collections of this item, such as models/owner/name or papers/2311.12983.")
    ] = None,
    search: Annotated[str | None, Parameter(help="Words that the titles must contain.")] = None,
    sort: Annotated[
        Literal["lastModified", "trending", "upvotes"] | None,
        Parameter(help="Order, descending; trending if not given."),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List collections, 30 without --limit; with their first 4 items in JSON."""
    with hub.client() as api:
        output.rows(
            api.list_collections(owner=owner, item=item, search=search, sort=sort, limit=limit),
            {
                "slug": lambda one: one.slug,
                "title": lambda one: one.title,
                "owner": lambda one: one.owner,
                "private": lambda one: one.private,
                "upvotes": lambda one: one.upvotes,
                "updated": lambda one: one.last_updated,
            },
            id=lambda one: one.slug,
        )


@app.command
def info(slug: Slug, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print a collection with its items."""
    with hub.client() as api:
        found = api.get_collection(slug)
    fields = {
        "slug": found.slug,
        "title": found.title,
        "description": found.description,
        "owner": found.owner,
        "private": found.private,
        "theme": found.theme,
        "upvotes": found.upvotes,
        "updated": found.last_updated,
        "url": found.url,
    }
    output.record(found, fields, id=found.slug)
    if output.shape in ("human", "agent"):
        output.text("")
        output.rows(
            found.items,
            {
                "item": lambda one: one.item_id,
                "type": lambda one: one.item_type,
                "item object id": lambda one: one.item_object_id,
                "note": lambda one: one.note,
            },
            id=lambda one: one.item_object_id,
        )


@app.command
def create(
    title: Annotated[str, Parameter(help="Title, 60 characters at most.")],
    /,
    *,
    namespace: Annotated[
        str | None, Parameter(help="User or organization that owns it; the account of the token if not given.")
    ] = None,
    description: Description = None,
    private: Annotated[bool, Parameter(help="Only the owner sees it.")] = False,
    exists_ok: Annotated[bool, Parameter(help="Keep a collection of this title as it is, instead of failing.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a collection."""
    with hub.client() as api:
        made = api.create_collection(
            title, namespace=namespace, description=description, private=private, exists_ok=exists_ok
        )
    done = f"{made.url} exists." if exists_ok else f"Created {made.url}."
    output.done(done, id=made.slug, slug=made.slug, url=made.url)


@app.command
def update(
    slug: Slug,
    /,
    *,
    title: Annotated[str | None, Parameter(help="Title, which changes the slug; the old one stays valid.")] = None,
    description: Description = None,
    position: Annotated[int | None, Parameter(help="Position among the collections of the owner, from 0.")] = None,
    private: Annotated[OnOff, Parameter(help="Only the owner sees it, or everybody does.")] = None,
    theme: Annotated[
        Literal["orange", "blue", "green", "purple", "pink", "indigo"] | None, Parameter(help="Colour.")
    ] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change a collection; what is not given stays."""
    if (title, description, position, private, theme) == (None,) * 5:
        raise CommandError("Say what to change: --title, --description, --position, --private or --theme.")
    with hub.client() as api:
        changed = api.update_collection_metadata(
            slug, title=title, description=description, position=position, private=private, theme=theme
        )
    output.done(f"Changed {changed.url}.", id=changed.slug, slug=changed.slug, url=changed.url)


@app.command
def delete(
    slug: Slug,
    /,
    *,
    missing_ok: MissingOk = False,
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a collection; what it lists stays."""
    confirm(f"delete the collection {slug}", yes=yes)
    with hub.client() as api:
        api.delete_collection(slug, missing_ok=missing_ok)
    done = f"The collection {slug} does not exist any more." if missing_ok else f"Deleted the collection {slug}."
    output.done(done, id=slug, slug=slug)


@app.command
def add_item(
    slug: Slug,
    item_id: Annotated[str, Parameter(help="Name of the repository, number of the paper, or slug of the collection.")],
    item_type: Annotated[
        Literal["model", "dataset", "space", "paper", "collection", "bucket"], Parameter(help="Type of the item.")
    ],
    /,
    *,
    note: Note = None,
    exists_ok: Annotated[bool, Parameter(help="Keep the item as it is if the collection has it already.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Add an item to the end of a collection."""
    with hub.client() as api:
        changed = api.add_collection_item(slug, item_id, item_type, note=note, exists_ok=exists_ok)
        object_id = _object_id(changed, item_id, item_type)
    done = f"{changed.slug} has {item_id}." if exists_ok else f"Added {item_id} to {changed.slug}."
    output.done(done, id=object_id, slug=changed.slug, item_id=item_id, item_object_id=object_id)


@app.command
def update_item(
    slug: Slug,
    item_object_id: ItemObjectId,
    /,
    *,
    note: Note = None,
    position: Annotated[int | None, Parameter(help="Position in the collection, from 0.")] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change the note or the position of an item."""
    if note is None and position is None:
        raise CommandError("Say what to change: --note or --position.")
    with hub.client() as api:
        api.update_collection_item(slug, item_object_id, note=note, position=position)
    output.done(
        f"Changed the item {item_object_id} of {slug}.", id=item_object_id, slug=slug, item_object_id=item_object_id
    )


@app.command
def delete_item(
    slug: Slug,
    item_object_id: ItemObjectId,
    /,
    *,
    missing_ok: MissingOk = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Take an item out of a collection; the item itself stays."""
    with hub.client() as api:
        api.delete_collection_item(slug, item_object_id, missing_ok=missing_ok)
    output.done(
        f"{slug} does not have the item {item_object_id} any more.",
        id=item_object_id,
        slug=slug,
        item_object_id=item_object_id,
    )


def _object_id(collection: Collection, item_id: str, item_type: str) -> str:
    """Return the id that an item has in the collection; empty if it has been taken out meanwhile."""
    wanted = item_id.lower()
    found = (one for one in collection.items if one.item_type == item_type)
    return next((one.item_object_id for one in found if wanted in (one.item_id.lower(), one.id.lower())), "")
