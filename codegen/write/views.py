"""Write ``views/``: a module for each file of the spec that has views."""

from __future__ import annotations

from pathlib import Path

from codegen.spec.schemas import Member, Schemas
from codegen.spec.views import View, read_views
from codegen.write.models import aliases
from codegen.write.render import render, write

__all__ = ["write_views"]


def write_views(schemas: Schemas, package: Path) -> None:
    """Write ``views/``."""
    views = read_views(schemas)
    for document in schemas.spec.documents:
        found = [view for view in views.values() if view.document == document]
        if found:
            text = render(
                "views.py.jinja",
                title=str(schemas.spec.documents[document]["info"]["title"]),
                views=found,
                hint=_hint,
                aliases={view.name: _aliases(schemas, view) for view in found},
            )
            write(package / "views" / f"{document}.py", text)
    if views:
        title = "Views: models whose instances always have certain members, by area."
        write(package / "views" / "__init__.py", render("package.py.jinja", title=title))


def _hint(view: View, member: Member) -> str:
    """Type of a member that is never ``None``."""
    item = view.items.get(member.name)
    return f"list[models.{item}]" if item else member.shape.annotation("models.")


def _aliases(schemas: Schemas, view: View) -> list[Member]:
    """Members of a view that can also be read by their JSON names."""
    found = aliases(schemas, schemas.spec.schemas(view.root.document)[view.root.name])
    return [member for member in view.members if member.name in found]
