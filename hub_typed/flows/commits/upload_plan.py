"""Plans of uploads: what a call would upload, without sending contents or creating a commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import attrs

from hub_typed.flows.commits.limits import exceeded_limits
from hub_typed.flows.commits.operations import CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.commits.prepared_changes import Target, Upload
from hub_typed.flows.commits.upload_limit import UploadLimit
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads
from hub_typed.http.io import Io
from hub_typed_api.fields import Fields

__all__ = ["FileState", "PlannedUpload", "UploadPlan"]

COMMITTED: Final = ("new", "changed")
"""States of files that the commit adds or replaces."""
FileState: TypeAlias = Literal["new", "changed", "unchanged", "ignored"]
"""What an upload does with a file; see `PlannedUpload`."""


@attrs.frozen(kw_only=True)
class PlannedUpload(Fields):
    """What an upload would do with one file.

    Attributes:
        path_in_repo: Path in the repository.
        size: Size in bytes.
        upload_mode: ``lfs``, or ``regular`` for a file in the commit itself; ``None`` if the repository does not
            exist yet.
        state: ``new``, ``changed``, ``unchanged``, or ``ignored`` by a ``.gitignore``; the commit has new and changed
            files.
        is_stored: Whether the Hub has the content already.
        bytes_to_upload: Bytes of content that would be sent: 0 if the file is not committed, or if its content is
            stored or comes with another file. Parts that an interrupted upload has sent are included.
    """

    path_in_repo: str
    size: int
    upload_mode: Literal["lfs", "regular"] | None
    state: FileState
    is_stored: bool
    bytes_to_upload: int

    @property
    def will_commit(self) -> bool:
        """Whether the commit adds or replaces the file."""
        return self.state in COMMITTED


@attrs.frozen(kw_only=True)
class UploadPlan(Fields):
    """What an upload would do, as returned with ``dry_run=True``.

    Attributes:
        repo_id: The repository.
        repo_type: Its type.
        revision: The branch.
        create_pr: Whether the commit would open a pull request instead.
        files: The added files, in the order of the commit.
        deleted: Paths that the commit would delete; those of folders end with a slash.
        limits: Published limits that the upload exceeds, hard ones first; with a hard one, the upload is refused.
    """

    repo_id: str
    repo_type: str
    revision: str
    create_pr: bool
    files: list[PlannedUpload]
    deleted: list[str]
    limits: list[UploadLimit]

    @property
    def bytes_to_upload(self) -> int:
        """Bytes of content that would be sent."""
        return sum(file.bytes_to_upload for file in self.files)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change, so that no commit is created."""
        return not self.deleted and not any(file.will_commit for file in self.files)


async def plan_upload(
    io: Io, target: Target, additions: Sequence[CommitOperationAdd], deletions: Iterable[CommitOperationDelete]
) -> UploadPlan:
    """Return the plan of an upload; LFS files and files that replace others are hashed.

    Raises:
        SourceChangedError: A file changed while it was read.
    """
    modes = await UploadModes.of(io, target, additions)
    uploads = await Uploads(io, target, at_once=None, dry_run=True).prepare(additions, modes)
    return UploadPlan(
        repo_id=target.repo_id,
        repo_type=target.repo_type,
        revision=target.revision,
        create_pr=target.create_pr,
        files=_planned(uploads),
        deleted=[deletion.path_in_repo for deletion in deletions],
        limits=exceeded_limits({upload.path: upload.content.size for upload in uploads if not upload.ignored}),
    )


def plan_first_upload(target: Target, sizes: Mapping[str, int]) -> UploadPlan:
    """Return the plan of an upload to a repository that does not exist yet.

    Args:
        sizes: Size of each file in bytes, by its path in the repository.
    """
    return UploadPlan(
        repo_id=target.repo_id,
        repo_type=target.repo_type,
        revision=target.revision,
        create_pr=target.create_pr,
        files=[
            PlannedUpload(
                path_in_repo=path, size=size, upload_mode=None, state="new", is_stored=False, bytes_to_upload=size
            )
            for path, size in sizes.items()
        ],
        deleted=[],
        limits=exceeded_limits(sizes),
    )


def _planned(uploads: Iterable[Upload]) -> list[PlannedUpload]:
    found: list[PlannedUpload] = []
    sent: set[str] = set()
    for upload in uploads:
        state = _state(upload)
        is_stored = upload.stored or state == "unchanged"
        is_sent = state in COMMITTED and not is_stored and not (upload.lfs and upload.oid in sent)
        planned = PlannedUpload(
            path_in_repo=upload.path,
            size=upload.content.size,
            upload_mode="lfs" if upload.lfs else "regular",
            state=state,
            is_stored=is_stored,
            bytes_to_upload=upload.content.size if is_sent else 0,
        )
        sent.add(upload.oid)
        found.append(planned)
    return found


def _state(upload: Upload) -> FileState:
    if upload.ignored:
        return "ignored"
    if upload.existing_oid is None:
        return "new"
    return "unchanged" if upload.oid == upload.existing_oid else "changed"
