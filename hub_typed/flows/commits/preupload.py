"""Upload LFS files before the commit that adds them."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.flows.argument_checks import check_range
from hub_typed.flows.commits.checks import check_not_committed
from hub_typed.flows.commits.operations import CommitOperationAdd, UploadInfo
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads, concurrent_uploads
from hub_typed.http.io import Io

__all__ = ["preupload_lfs_files"]


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
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
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
    modes = await UploadModes.of(io, target, new, git_ignore=gitignore_content)
    uploads = await Uploads(io, target, at_once=concurrent_uploads(num_threads)).prepare(new, modes, hash_regular=False)
    for addition, upload in zip(new, uploads, strict=True):
        if not upload.lfs or upload.ignored:
            continue
        content = upload.content
        addition.upload_info = UploadInfo(sha256=bytes.fromhex(upload.oid), size=content.size, sample=content.sample)
        addition.stage = "uploaded"
        if free_memory:
            addition.path_or_fileobj = b""
