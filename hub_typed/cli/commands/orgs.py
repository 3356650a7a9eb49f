"""``orgs``: organizations."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions, Limit
from hub_typed.cli.shown_users import print_users

__all__ = ["app"]

app: App = App(name="orgs", help="Profiles, members and followers of organizations.")

Name: TypeAlias = Annotated[str, Parameter(help="Name of the organization.")]


@app.command
def info(organization: Name, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print the profile of an organization."""
    with hub.client() as api:
        found = api.get_organization_overview(organization)
    fields: dict[str, object] = {
        "organization": found.name,
        "full name": found.fullname,
        "about": found.details,
        "verified": found.is_verified,
        "plan": found.plan,
        "members": found.num_users,
        "models": found.num_models,
        "datasets": found.num_datasets,
        "Spaces": found.num_spaces,
        "papers": found.num_papers,
        "followers": found.num_followers,
    }
    output.record(found, fields, id=found.name)


@app.command
def members(
    organization: Name, /, *, limit: Limit = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """List the members of an organization."""
    with hub.client() as api:
        print_users(api.list_organization_members(organization), output, limit=limit)


@app.command
def followers(
    organization: Name, /, *, limit: Limit = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """List who follows an organization."""
    with hub.client() as api:
        print_users(api.list_organization_followers(organization), output, limit=limit)
