"""Prepared operations of a commit, the input of its payload."""

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
        create_pr: Open a pull request instead of committing to the branch.

    Raises:
        HFValidationError: The repository name, its type or the revision is invalid.
    """

    repo_id: str = attrs.field(converter=checked_repo_id)
    repo_type: RepoType = attrs.field(converter=repo_type)
    revision: str = attrs.field(converter=_revision)
    create_pr: bool = attrs.field(converter=bool)


@attrs.define(kw_only=True, eq=False)
class Upload:
    """An added file and its content.

    Attributes:
        path: Path in the repository.
        lfs: Whether the upload mode is Git LFS; regular files are part of the commit payload.
        ignored: Whether a ``.gitignore`` ignores the file, so that it must not be committed.
        stored: Whether the content is already in LFS storage; then it is not read again.
        existing_oid: Oid of the file that the branch has at this path; ``None`` if there is none.
        branch_head: Commit that the branch pointed to then; ``None`` if unknown.
        oid: SHA-256 of an LFS file, blob id of a regular one; empty if not needed.
        sent: Bytes of an LFS file that were sent to storage.
    """

    path: str
    content: Content
    lfs: bool = False
    ignored: bool = False
    stored: bool = False
    existing_oid: str | None = None
    branch_head: str | None = None
    oid: str = ""
    sent: int = 0


@attrs.frozen(kw_only=True)
class LfsCopy:
    """A copy of an LFS file of the repository.

    Attributes:
        path: Path of the copy.
        oid: SHA-256 of the content, in hexadecimal.
    """

    path: str
    oid: str


Change: TypeAlias = Upload | LfsCopy | CommitOperationDelete
