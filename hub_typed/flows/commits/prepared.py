"""Prepared operations of a commit: what its payload will contain."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from hub_typed.flows.commits.operations import CommitOperationDelete
from hub_typed.flows.lfs.content import Content
from hub_typed_api.models import RepoType
from hub_typed_api.path import checked_repo_id, checked_revision, repo_type

__all__: list[str] = []


def _revision(value: str | None) -> str:
    return checked_revision("main" if value is None else value)


@attrs.frozen(kw_only=True)
class Target:
    """Repository and revision that a commit goes to.

    Attributes:
        create_pr: Leave the branch alone and open a pull request.

    Raises:
        HFValidationError: There can be no such place.
    """

    repo_id: str = attrs.field(converter=checked_repo_id)
    repo_type: RepoType = attrs.field(converter=repo_type)
    revision: str = attrs.field(converter=_revision)
    create_pr: bool = attrs.field(converter=bool)


@attrs.define(kw_only=True, eq=False)
class Upload:
    """An added file and its content.

    Attributes:
        path: Where it will be in the repository.
        lfs: Whether through Git LFS; else in the commit itself.
        ignored: Whether a ``.gitignore`` names it, so that it must not be committed.
        stored: Whether its bytes were brought to the Hub's store before; then nobody reads them here.
        there: Id of the file that is there now; ``None`` if there is none.
        oid: SHA-256 of an LFS file, git id of a regular one; empty where nobody needs it.
    """

    path: str
    content: Content
    lfs: bool = False
    ignored: bool = False
    stored: bool = False
    there: str | None = None
    oid: str = ""


@attrs.frozen(kw_only=True)
class LfsCopy:
    """An LFS file of the repository under another path.

    Attributes:
        path: Where it will be.
        oid: SHA-256 of its bytes, in hexadecimal.
    """

    path: str
    oid: str


Change: TypeAlias = Upload | LfsCopy | CommitOperationDelete
