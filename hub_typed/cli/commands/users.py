"""``users``: accounts of people."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.output import Output, keys
from hub_typed.cli.shared_options import HubOptions, Limit
from hub_typed.cli.shown_users import print_users

__all__ = ["app"]

app: App = App(name="users", help="Profiles of users, whom they follow, and what they like.")

Username: TypeAlias = Annotated[str, Parameter(help="Name of the user.")]


@app.command
def info(username: Username, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print the profile of a user."""
    with hub.client() as api:
        found = api.get_user_overview(username)
    fields: dict[str, object] = {
        "user": found.username,
        "full name": found.fullname,
        "about": found.details,
        "pro": found.is_pro,
        "organizations": [one.name for one in found.orgs or ()],
        "models": found.num_models,
        "datasets": found.num_datasets,
        "Spaces": found.num_spaces,
        "discussions": found.num_discussions,
        "papers": found.num_papers,
        "likes": found.num_likes,
        "followers": found.num_followers,
        "following": found.num_following,
        "created": found.created_at,
    }
    output.record(found, fields, id=found.username)


@app.command
def followers(
    username: Username, /, *, limit: Limit = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """List who follows a user."""
    with hub.client() as api:
        print_users(api.list_user_followers(username), output, limit=limit)


@app.command
def following(
    username: Username, /, *, limit: Limit = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """List whom a user follows."""
    with hub.client() as api:
        print_users(api.list_user_following(username), output, limit=limit)


@app.command
def likes(
    username: Annotated[str | None, Parameter(help="Name of the user; the account of the token if not given.")] = None,
    /,
    *,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the repositories that a user likes."""
    with hub.client() as api:
        found = api.list_liked_repos(username)
    by_type = {
        "model": found.models,
        "dataset": found.datasets,
        "space": found.spaces,
        "kernel": found.kernels,
        "bucket": found.buckets,
    }
    liked = ({"type": kind, "id": name} for kind, names in by_type.items() for name in names)
    output.rows(islice(liked, limit), keys("type", "id"), id=itemgetter("id"))
