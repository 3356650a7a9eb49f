"""Search Spaces by what they do, and list the templates of new ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from hub_typed.flows.list_filters import merge_values
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import SpaceSearchResult, SpaceTemplate
from hub_typed_api.operations import spaces as operations

__all__ = ["list_space_templates", "search_spaces"]


async def search_spaces(
    io: Io,
    query: str,
    *,
    filter: str | Iterable[str] | None = None,
    sdk: str | Iterable[str] | None = None,
    include_non_running: bool = False,
) -> AsyncIterator[SpaceSearchResult]:
    """Search Spaces by a description of what they do, most relevant first.

    Args:
        query: Description of the task, for example ``remove the background of a picture``.
        filter: Tags that the Spaces must all have.
        sdk: Only Spaces with one of these SDKs, for example ``gradio``.
        include_non_running: Include Spaces that are not running.
    """
    search = operations.search_spaces(
        query, filter=merge_values(filter), sdk=merge_values(sdk), include_non_running=include_non_running
    )
    for found in await execute(io, search):
        yield found


async def list_space_templates(io: Io) -> list[SpaceTemplate]:
    """List the templates for new Spaces; ``create_repo(..., space_template=...)`` takes the name of one."""
    return (await execute(io, operations.list_space_templates())).templates


async def find_space_template(io: Io, name: str, sdk: str | None) -> SpaceTemplate:
    """Return the template of this id or display name.

    Raises:
        ValueError: There is none, or it has another SDK.
    """
    templates = await list_space_templates(io)
    found = next((one for one in templates if name in (one.repo_id, one.name)), None)
    if found is None:
        known = ", ".join(one.name for one in templates)
        raise ValueError(f"space_template={name!r} is not known: pass one of {known}.")
    if sdk and found.sdk and found.sdk != sdk:
        raise ValueError(f"space_template={name!r} has the SDK {found.sdk!r}, not {sdk!r}: leave out space_sdk.")
    return found
