"""Upload LFS files before the commit that adds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub_typed.flows.argument_checks import check_range
from hub_typed.flows.commits.checks import check_not_committed
from hub_typed.flows.commits.operations import CommitOperationAdd, UploadInfo
from hub_typed.flows.commits.prepared import Target, Upload
from hub_typed.flows.commits.upload_modes import compute_hashes, request_upload_modes
from hub_typed.flows.lfs.upload import LfsFile, OnUploaded, upload_lfs_files
from hub_typed.http.io import Io

__all__ = ["preupload_lfs_files"]

DEFAULT_THREADS: Final = 5
"""Default of ``num_threads``; stands for as many as the connection and the processor allow."""


async def preupload_lfs_files(
    io: Io,
    repo_id: str,
    additions: Iterable[CommitOperationAdd],
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    create_pr: bool | None = None,
    num_threads: int = 5,
    free_memory: bool = True,
    gitignore_content: str | None = None,
) -> None:
    """Upload LFS files before the commit that adds them, so that their contents can be released early.

    The operations of uploaded files are marked, and `create_commit` does not upload them again. Regular and ignored
    files are skipped; `create_commit` handles them.

    Args:
        repo_id: Name, ``owner/name``; the repository must exist.
        additions: Files to upload; those that were already preuploaded are skipped.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        revision: Branch of the later commit; ``main`` if not given.
        create_pr: The later commit opens a pull request.
        num_threads: Maximum number of concurrent uploads; 5 stands for a number that follows the connection and the
            processor, at most the ``concurrency`` of the settings.
        free_memory: Release the contents, paths and file objects of uploaded files; empty bytes replace them.
        gitignore_content: Content of a ``.gitignore`` that replaces the one among the files or on the Hub.

    Raises:
        ValueError: An addition was already committed.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        LfsRefusedError: The Hub refused some of the files.
        SourceChangedError: A file changed during the upload.
    """
    check_range("num_threads", num_threads, 1)
    target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=create_pr)
    checked = list(additions)
    check_not_committed(checked)
    new = [addition for addition in checked if addition.stage == "new"]
    uploads = await request_upload_modes(io, target, new, git_ignore=gitignore_content, at_once=num_threads)
    large = [
        (addition, upload) for addition, upload in zip(new, uploads, strict=True) if upload.lfs and not upload.ignored
    ]
    await compute_hashes(io, [upload for _, upload in large], at_once=num_threads)
    await upload_contents(io, target, [upload for _, upload in large], at_once=concurrent_uploads(num_threads))
    for addition, upload in large:
        content = upload.content
        addition.upload_info = UploadInfo(sha256=bytes.fromhex(upload.oid), size=content.size, sample=content.sample)
        addition.stage = "uploaded"
        if free_memory:
            addition.path_or_fileobj = b""


def concurrent_uploads(num_threads: int) -> int | None:
    """Return the maximum number of concurrent uploads; `DEFAULT_THREADS` stands for an adapted one."""
    return None if num_threads == DEFAULT_THREADS else num_threads


async def upload_contents(
    io: Io, target: Target, uploads: Sequence[Upload], *, at_once: int | None, on_uploaded: OnUploaded | None = None
) -> None:
    """Upload the contents of LFS files to the storage of the Hub.

    Args:
        at_once: Maximum number of concurrent uploads; ``None`` for as many as the connection and the processor allow.
        on_uploaded: Called with each file after its upload.

    Raises:
        LfsRefusedError: The Hub refused some of the files.
        SourceChangedError: A file changed during the upload.
    """
    await upload_lfs_files(
        io,
        target.repo_id,
        [LfsFile(path=upload.path, oid=upload.oid, content=upload.content) for upload in uploads],
        repo_type=target.repo_type,
        revision=None if target.create_pr else target.revision,
        at_once=at_once,
        on_uploaded=on_uploaded,
    )
