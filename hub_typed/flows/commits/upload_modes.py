"""Upload modes of added files (LFS, regular or ignored), and the hashes that identify their contents."""

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

FILES_PER_REQUEST = 256


async def request_upload_modes(
    io: Io,
    target: Target,
    additions: Sequence[CommitOperationAdd],
    *,
    git_ignore: str | None = None,
    at_once: int,
) -> list[Upload]:
    """Request the upload modes of files and return their uploads, in order; a sample of each file is sent.

    Args:
        git_ignore: Content of a ``.gitignore`` that replaces the one among the files.
        at_once: Maximum number of concurrent requests.

    Raises:
        ProtocolError: The response of the Hub omits a file.
    """
    uploads = await io.run_blocking(lambda: [_upload(io, addition) for addition in additions])
    ignore = (
        git_ignore
        if git_ignore is not None
        else await io.run_blocking(lambda: read_added_text(additions, ".gitignore"))
    )
    attributes = await io.run_blocking(lambda: read_added_text(additions, ".gitattributes"))

    async def request_batch(first: int) -> None:
        batch = uploads[first : first + FILES_PER_REQUEST]
        call = commits_api.preupload(
            target.repo_id,
            repo_type=target.repo_type,
            revision=target.revision,
            create_pr=target.create_pr,
            files=[_preupload_file(upload) for upload in batch],
            git_ignore=ignore,
            git_attributes=attributes,
        )
        answer = await execute(io, call)
        decisions = {decision.path: decision for decision in answer.files}
        for upload in batch:
            decision = decisions.get(upload.path)
            if decision is None or decision.upload_mode not in ("lfs", "regular"):
                raise ProtocolError(
                    f"{call.request.operation}: the response for {target.repo_id} contains no valid upload mode of "
                    f"{upload.path}."
                )
            _apply_decision(upload, decision)
            upload.branch_head = answer.commit_oid

    await io.each(request_batch, range(0, len(uploads), FILES_PER_REQUEST), limit=at_once)
    return uploads


async def compute_hashes(io: Io, uploads: Sequence[Upload], *, at_once: int) -> None:
    """Compute the oids of LFS files, and of regular files that replace an existing one.

    Args:
        at_once: Maximum number of files read concurrently.

    Raises:
        SourceChangedError: A file changed while it was read.
    """

    async def compute(upload: Upload) -> None:
        digest = upload.content.sha256 if upload.lfs else upload.content.git_id
        upload.oid = await io.run_blocking(lambda: digest(io.check))

    unhashed = [upload for upload in uploads if not upload.oid and (upload.lfs or upload.existing_oid)]
    await io.each(compute, [upload for upload in unhashed if upload.content.allows_concurrent_reads], limit=at_once)
    await io.each(compute, [upload for upload in unhashed if not upload.content.allows_concurrent_reads], limit=1)


def read_added_text(operations: Sequence[CommitOperation], path: str) -> str | None:
    """Return the text of the file that a commit adds at a path; ``None`` if it adds none."""
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


def _preupload_file(upload: Upload) -> PreuploadFile:
    sample = base64.b64encode(upload.content.sample).decode("ascii")
    return PreuploadFile(path=upload.path, size=upload.content.size, sample=sample)


def _apply_decision(upload: Upload, decision: UploadDecision) -> None:
    # An empty file is never an LFS file; a preuploaded one always is.
    upload.lfs = upload.stored or (decision.upload_mode == "lfs" and upload.content.size > 0)
    upload.ignored = bool(decision.should_ignore)
    upload.existing_oid = decision.oid
