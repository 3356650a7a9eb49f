"""Upload modes of added files: LFS, regular or ignored."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import attrs

from hub_typed.errors import ProtocolError
from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd
from hub_typed.flows.commits.prepared_changes import Target, Upload
from hub_typed.flows.lfs.content import Content
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import PreuploadFile, UploadDecision
from hub_typed_api.operations import commits as commits_api

__all__: list[str] = []

FILES_PER_REQUEST = 256


@attrs.frozen
class UploadModes:
    """Requests the upload modes of files.

    Attributes:
        git_ignore: Content of a ``.gitignore`` that is among the files, or replaces it.
        git_attributes: Content of a ``.gitattributes`` that is among the files.
    """

    io: Io
    target: Target
    git_ignore: str | None
    git_attributes: str | None

    @classmethod
    async def of(
        cls, io: Io, target: Target, additions: Sequence[CommitOperationAdd], *, git_ignore: str | None = None
    ) -> UploadModes:
        """Create the object for the files of a commit."""

        def read() -> tuple[str | None, str | None]:
            ignore = read_added_text(additions, ".gitignore") if git_ignore is None else git_ignore
            return ignore, read_added_text(additions, ".gitattributes")

        return cls(io, target, *await io.run_blocking(read))

    async def request(self, uploads: Sequence[Upload]) -> None:
        """Request the upload modes of files and set them; a sample of each file is sent.

        Args:
            uploads: At most `FILES_PER_REQUEST` files.

        Raises:
            ProtocolError: The response of the Hub omits a file.
        """
        call = commits_api.preupload(
            self.target.repo_id,
            repo_type=self.target.repo_type,
            revision=self.target.revision,
            create_pr=self.target.create_pr,
            files=[_preupload_file(upload) for upload in uploads],
            git_ignore=self.git_ignore,
            git_attributes=self.git_attributes,
        )
        answer = await execute(self.io, call)
        decisions = {decision.path: decision for decision in answer.files}
        for upload in uploads:
            decision = decisions.get(upload.path)
            if decision is None or decision.upload_mode not in ("lfs", "regular"):
                raise ProtocolError(
                    f"{call.request.operation}: the response for {self.target.repo_id} contains no valid upload mode "
                    f"of {upload.path}."
                )
            _apply_decision(upload, decision)
            upload.branch_head = answer.commit_oid

    async def ignored_paths(self, additions: Sequence[CommitOperationAdd]) -> set[str]:
        """Return the paths of the files that a ``.gitignore`` ignores.

        Raises:
            ProtocolError: The response of the Hub omits a file.
        """

        async def ask(first: int) -> list[str]:
            chunk = additions[first : first + FILES_PER_REQUEST]
            uploads = await self.io.run_blocking(lambda: [inspect_source(one, self.io.check) for one in chunk])
            await self.request(uploads)
            return [upload.path for upload in uploads if upload.ignored]

        chunks = range(0, len(additions), FILES_PER_REQUEST)
        return {path for found in await self.io.each(ask, chunks, adaptive=True) for path in found}


def inspect_source(addition: CommitOperationAdd, check: Callable[[], None], *, keep_small: bool = False) -> Upload:
    """Return the upload of an addition, after reading the first bytes of its source.

    Args:
        check: Called before; an exception that it raises stops the work.
        keep_small: Whether to keep the content of a small file in memory; see `Content.of`.
    """
    check()
    if addition.stage != "uploaded":
        return Upload(path=addition.path_in_repo, content=Content.of(addition.path_or_fileobj, keep_small=keep_small))
    info = addition.upload_info
    content = Content(b"", info.size, info.sample, stamp=())
    return Upload(path=addition.path_in_repo, content=content, lfs=True, stored=True, oid=info.sha256.hex())


def read_added_text(operations: Sequence[CommitOperation], path: str) -> str | None:
    """Return the text of the file that a commit adds at a path; ``None`` if it adds none."""
    for operation in reversed(operations):
        if isinstance(operation, CommitOperationAdd) and operation.path_in_repo == path:
            with operation.as_file() as file:
                return file.read().decode(errors="replace")
    return None


def _preupload_file(upload: Upload) -> PreuploadFile:
    sample = base64.b64encode(upload.content.sample).decode("ascii")
    return PreuploadFile(path=upload.path, size=upload.content.size, sample=sample)


def _apply_decision(upload: Upload, decision: UploadDecision) -> None:
    # An empty file is never an LFS file; a preuploaded one always is.
    upload.lfs = upload.stored or (decision.upload_mode == "lfs" and upload.content.size > 0)
    upload.ignored = bool(decision.should_ignore)
    upload.existing_oid = decision.oid
