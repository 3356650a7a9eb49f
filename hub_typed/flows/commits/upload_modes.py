"""Upload modes: how the Hub wants each added file, and which it has already."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from hub_typed.errors import ProtocolError
from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd
from hub_typed.flows.commits.prepared import Target, Upload
from hub_typed.flows.lfs.content import Content
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import PreuploadFile, UploadDecision
from hub_typed_api.operations import commits as commits_api

__all__: list[str] = []

FILES_A_REQUEST = 256


async def decided(
    io: Io,
    target: Target,
    additions: Sequence[CommitOperationAdd],
    *,
    git_ignore: str | None = None,
    at_once: int,
) -> list[Upload]:
    """Request the upload mode of each file, in order; the first bytes of each are sent.

    Args:
        git_ignore: In place of the ``.gitignore`` that is among the files.
        at_once: How many requests are sent at the same time.

    Raises:
        ProtocolError: The Hub's answer leaves a file out.
    """
    uploads = await io.run_blocking(lambda: [_upload(io, addition) for addition in additions])
    ignore = (
        git_ignore if git_ignore is not None else await io.run_blocking(lambda: text_added(additions, ".gitignore"))
    )
    attributes = await io.run_blocking(lambda: text_added(additions, ".gitattributes"))

    async def ask(first: int) -> None:
        asked = uploads[first : first + FILES_A_REQUEST]
        call = commits_api.preupload(
            target.repo_id,
            repo_type=target.repo_type,
            revision=target.revision,
            create_pr=target.create_pr,
            files=[_shown(upload) for upload in asked],
            git_ignore=ignore,
            git_attributes=attributes,
        )
        found = {decision.path: decision for decision in (await execute(io, call)).files}
        for upload in asked:
            decision = found.get(upload.path)
            if decision is None or decision.upload_mode not in ("lfs", "regular"):
                raise ProtocolError(
                    f"{call.request.operation}: the answer on {target.repo_id} does not say how to upload "
                    f"{upload.path}."
                )
            _obey(upload, decision)

    await io.each(ask, range(0, len(uploads), FILES_A_REQUEST), limit=at_once)
    return uploads


async def identified(io: Io, uploads: Sequence[Upload], *, at_once: int) -> None:
    """Compute the needed hashes: of all LFS files, and of regular files that may be unchanged.

    Args:
        at_once: How many files are read at the same time.

    Raises:
        SourceChangedError: A file changed meanwhile.
    """

    async def one(upload: Upload) -> None:
        digest = upload.content.sha256 if upload.lfs else upload.content.git_id
        upload.oid = await io.run_blocking(lambda: digest(io.check))

    wanted = [upload for upload in uploads if not upload.oid and (upload.lfs or upload.there)]
    await io.each(one, [upload for upload in wanted if upload.content.shareable], limit=at_once)
    await io.each(one, [upload for upload in wanted if not upload.content.shareable], limit=1)


def text_added(operations: Sequence[CommitOperation], path: str) -> str | None:
    """Return the text that is added at a path; ``None`` if there is none."""
    for operation in reversed(operations):
        if isinstance(operation, CommitOperationAdd) and operation.path_in_repo == path:
            with operation.as_file() as file:
                return file.read().decode(errors="replace")
    return None


def _upload(io: Io, addition: CommitOperationAdd) -> Upload:
    io.check()
    if addition.stage != "uploaded":
        return Upload(path=addition.path_in_repo, content=Content.of(addition.path_or_fileobj))
    info = addition.upload_info
    content = Content(b"", info.size, info.sample, stamp=())
    return Upload(path=addition.path_in_repo, content=content, lfs=True, stored=True, oid=info.sha256.hex())


def _shown(upload: Upload) -> PreuploadFile:
    sample = base64.b64encode(upload.content.sample).decode("ascii")
    return PreuploadFile(path=upload.path, size=upload.content.size, sample=sample)


def _obey(upload: Upload, decision: UploadDecision) -> None:
    # An empty file is never a large one; what lies in the store already always is.
    upload.lfs = upload.stored or (decision.upload_mode == "lfs" and upload.content.size > 0)
    upload.ignored = bool(decision.should_ignore)
    upload.there = decision.oid
