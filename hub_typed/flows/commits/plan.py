"""What has to be done for each file of a commit: the Hub decides, and what it has already is left out."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import TypeAlias

import attrs

from hub_typed.errors import ProtocolError
from hub_typed.flows.commits.checks import sole_additions
from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.lfs.content import Content
from hub_typed.io import Io
from hub_typed.session import answer
from hub_typed_api.models import PreuploadFile, RepoType, UploadDecision
from hub_typed_api.operations import commits as commits_api
from hub_typed_api.path import checked_repo_id, checked_revision, repo_type

__all__: list[str] = []

FILES_A_REQUEST = 256
_log = logging.getLogger("hub_typed")


def _revision(value: str | None) -> str:
    return checked_revision("main" if value is None else value)


@attrs.frozen(kw_only=True)
class Target:
    """Where a commit goes.

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
    """A file of a commit, and how it is uploaded.

    Attributes:
        path: Where it will be in the repository.
        lfs: Whether through Git LFS; else in the commit itself.
        there: Id of the file that is there now; ``None`` if there is none.
        oid: SHA-256 of an LFS file, git id of a regular one; empty where nobody needs it.
    """

    path: str
    content: Content
    lfs: bool
    there: str | None
    oid: str = ""


Change: TypeAlias = Upload | CommitOperationDelete


async def planned(io: Io, target: Target, operations: Sequence[CommitOperation], *, at_once: int) -> list[Change]:
    """What is left to do, in its order, without the files that the repository ignores or has already.

    Args:
        at_once: How many requests are sent, and files hashed, at the same time.

    Raises:
        SourceChangedError: A file changed meanwhile.
        ProtocolError: The Hub's answer leaves a file out.
    """
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]

    def look(addition: CommitOperationAdd) -> Content:
        io.check()
        return Content.of(addition.path_or_fileobj)

    contents = await io.work(lambda: [look(addition) for addition in additions])
    decisions = await _decisions(io, target, additions, contents, at_once)
    uploads = [
        Upload(
            path=addition.path_in_repo,
            content=content,
            lfs=decision.upload_mode == "lfs" and content.size > 0,  # an empty file is never a large one
            there=decision.oid,
        )
        for addition, content, decision in zip(additions, contents, decisions, strict=True)
    ]
    ignored = {upload.path for upload, decision in zip(uploads, decisions, strict=True) if decision.should_ignore}
    await _identify(io, [upload for upload in uploads if upload.path not in ignored], at_once)
    sole = sole_additions(operations)
    unchanged = {upload.path for upload in uploads if upload.oid == upload.there and upload.path in sole}
    if ignored or unchanged:
        _log.info(
            "%s: %d files are not committed because its .gitignore names them, %d because they have not changed",
            target.repo_id,
            len(ignored),
            len(unchanged),
        )
    remaining = iter(uploads)
    changes = [
        operation if isinstance(operation, CommitOperationDelete) else next(remaining) for operation in operations
    ]
    left_out = ignored | unchanged
    return [change for change in changes if isinstance(change, CommitOperationDelete) or change.path not in left_out]


async def _decisions(
    io: Io, target: Target, additions: Sequence[CommitOperationAdd], contents: Sequence[Content], at_once: int
) -> list[UploadDecision]:
    """What the Hub says of each file."""
    files = [
        PreuploadFile(
            path=addition.path_in_repo, size=content.size, sample=base64.b64encode(content.sample).decode("ascii")
        )
        for addition, content in zip(additions, contents, strict=True)
    ]
    git_ignore = await io.work(lambda: text_added(additions, ".gitignore"))

    async def some(first: int) -> list[UploadDecision]:
        asked = files[first : first + FILES_A_REQUEST]
        call = commits_api.preupload(
            target.repo_id,
            repo_type=target.repo_type,
            revision=target.revision,
            create_pr=target.create_pr,
            files=asked,
            git_ignore=git_ignore,
        )
        found = {decision.path: decision for decision in (await answer(io, call)).files}
        for file in asked:
            if file.path not in found or found[file.path].upload_mode not in ("lfs", "regular"):
                raise ProtocolError(
                    f"{call.request.operation}: the answer on {target.repo_id} does not say how to upload {file.path}."
                )
        return [found[file.path] for file in asked]

    several = await io.each(some, range(0, len(files), FILES_A_REQUEST), limit=at_once)
    return [decision for decisions in several for decision in decisions]


async def _identify(io: Io, uploads: Sequence[Upload], at_once: int) -> None:
    """Hash what is needed: all LFS files, and regular ones that may not have changed."""

    async def one(upload: Upload) -> None:
        if upload.lfs:
            upload.oid = await io.work(lambda: upload.content.sha256(io.check))
        elif upload.there:
            upload.oid = await io.work(lambda: upload.content.git_id(io.check))

    await io.each(one, [upload for upload in uploads if upload.content.shareable], limit=at_once)
    await io.each(one, [upload for upload in uploads if not upload.content.shareable], limit=1)


def text_added(operations: Sequence[CommitOperation], path: str) -> str | None:
    """The text of the file that is added under a path; ``None`` if none is."""
    for operation in reversed(operations):
        if isinstance(operation, CommitOperationAdd) and operation.path_in_repo == path:
            with operation.as_file() as file:
                return file.read().decode(errors="replace")
    return None
