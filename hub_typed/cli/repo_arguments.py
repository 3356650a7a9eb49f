"""Arguments that name a repository."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.urls.repo_types import KnownRepoType

__all__ = ["RepoId", "RepoType", "Revision"]

RepoId: TypeAlias = Annotated[str, Parameter(help="Name of the repository, owner/name.")]
RepoType: TypeAlias = Annotated[
    KnownRepoType,
    Parameter(name=("--type", "--repo-type"), help="Type of the repository.", show_default=True),
]
Revision: TypeAlias = Annotated[str | None, Parameter(help="Branch, tag or commit; main if not given.")]
