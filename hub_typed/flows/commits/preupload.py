"""Upload LFS files before the commit that adds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub_typed.flows.commits.checks import check_new
from hub_typed.flows.commits.operations import CommitOperationAdd, UploadInfo
from hub_typed.flows.commits.prepared import Target, Upload
from hub_typed.flows.commits.upload_modes import decided, identified
from hub_typed.flows.lfs.upload import LfsFile, Stored, upload_lfs_files
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
    """Upload LFS files before the commit that adds them, so that contents need not be kept until then.

    What is uploaded is marked in the operations, which `create_commit` then takes as they are. Regular files, and those
    that the repository ignores, are left to the commit.

    Args:
        repo_id: Name, as ``owner/name``; the repository must exist.
        additions: The files; those that were uploaded this way before are left alone.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        revision: Branch that they will be committed to; ``main`` if not given.
        create_pr: They will be committed to a pull request.
        num_threads: How many files travel at the same time.
        free_memory: Let go of the bytes, paths and file objects of what was uploaded; empty bytes take their place.
        gitignore_content: Text of a ``.gitignore`` that counts in place of the one among the files, or on the Hub.

    Raises:
        ValueError: A file was committed already.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such branch.
        LfsRefusedError: The Hub does not take some of the files.
        SourceChangedError: A file changed while it was uploaded.
    """
    target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=create_pr)
    several = list(additions)
    check_new(several)
    new = [addition for addition in several if addition.stage == "new"]
    uploads = await decided(io, target, new, git_ignore=gitignore_content, at_once=num_threads)
    large = [
        (addition, upload) for addition, upload in zip(new, uploads, strict=True) if upload.lfs and not upload.ignored
    ]
    await identified(io, [upload for _, upload in large], at_once=num_threads)
    await store(io, target, [upload for _, upload in large], at_once=num_threads)
    for addition, upload in large:
        content = upload.content
        addition.upload_info = UploadInfo(sha256=bytes.fromhex(upload.oid), size=content.size, sample=content.sample)
        addition.stage = "uploaded"
        if free_memory:
            addition.path_or_fileobj = b""


async def store(
    io: Io, target: Target, uploads: Sequence[Upload], *, at_once: int, stored: Stored | None = None
) -> None:
    """Upload LFS files to the storage of the Hub.

    Args:
        at_once: How many files travel at the same time.
        stored: Called with each file that was uploaded, when it is there.

    Raises:
        LfsRefusedError: The Hub does not take some of them.
        SourceChangedError: One changed meanwhile.
    """
    await upload_lfs_files(
        io,
        target.repo_id,
        [LfsFile(path=upload.path, oid=upload.oid, content=upload.content) for upload in uploads],
        repo_type=target.repo_type,
        revision=None if target.create_pr else target.revision,
        at_once=at_once,
        stored=stored,
    )
