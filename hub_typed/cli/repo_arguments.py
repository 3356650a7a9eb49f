"""Arguments that name a repository."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter

__all__ = ["RepoId", "RepoType", "Revision"]

RepoId: TypeAlias = Annotated[str, Parameter(help="Name of the repository, owner/name.")]
RepoType: TypeAlias = Annotated[
    Literal["model", "dataset", "space", "kernel"],
    Parameter(name=("--type", "--repo-type"), help="Type of the repository.", show_default=True),
]
Revision: TypeAlias = Annotated[str | None, Parameter(help="Branch, tag or commit; main if not given.")]
