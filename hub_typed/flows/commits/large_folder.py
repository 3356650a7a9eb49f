"""Upload a folder of any size in many commits, and resume after interruptions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from hub_typed.flows.argument_checks import check_range
from hub_typed.flows.commits.commit_changes import check_sizes
from hub_typed.flows.commits.journal import Journal, Record
from hub_typed.flows.commits.large_report import LargeReport
from hub_typed.flows.commits.large_upload import LargeUpload
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.flows.files.locking import acquire_lock
from hub_typed.flows.local_files import expand_user, files_to_upload
from hub_typed.flows.repos import create_repo, repo_exists
from hub_typed.flows.tree import list_repo_tree
from hub_typed.http.io import Io
from hub_typed.progress_bars.observers import job_of
from hub_typed_api.models import RepoFile

__all__ = ["upload_large_folder"]

COMMITTED_FIRST: Final = (".gitignore", ".gitattributes")
"""Files that determine the upload mode of the others."""


async def upload_large_folder(
    io: Io,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    *,
    repo_type: str,
    revision: str | None = None,
    private: bool | None = None,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    num_workers: int | None = None,
    print_report: bool = True,
    print_report_every: int = 60,
) -> None:
    """Upload a folder of any size in as many commits as needed; another call resumes an interrupted upload.

    The state of each file is stored in ``.cache/huggingface/upload`` of the folder, in the format of the official
    client, and compared with the repository. Files that have changed since are uploaded again; files that were deleted
    locally are kept in the repository. While a commit is sent, the files of the next one are hashed and uploaded.

    Args:
        repo_id: Name, ``owner/name``; a missing repository is created.
        folder_path: Local folder; the files keep their paths below it.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; required.
        revision: Branch to commit to, which must exist; ``main`` if not given.
        private: Whether a created repository is private; the default of the owner if not given.
        allow_patterns: Shell patterns; only matching files are uploaded.
        ignore_patterns: Shell patterns; matching files are skipped.
        num_workers: Maximum number of files that are read or uploaded concurrently; if not given, as many as the
            connection and the processor allow, at most the ``concurrency`` of the settings.
        print_report: Print the progress periodically.
        print_report_every: Seconds between two reports.

    Raises:
        UploadLimitError: The folder exceeds a hard limit of the Hub, as 10,000 entries in a folder.
        ValueError: An argument, a path or the metadata of the README is invalid; nothing was uploaded.
        RevisionNotFoundError: The repository has no such branch.
        HfHubHTTPError: The Hub refused a commit, also after retries.
        SourceChangedError: A file changed during the upload; call again to resume.
    """
    check_range("num_workers", num_workers, 1)
    with job_of(io, "upload", repo_id) as job:
        io = io.with_job(job)
        folder = await LargeFolder.open(
            io,
            repo_id,
            folder_path,
            repo_type=repo_type,
            revision=revision,
            private=private,
            allow_patterns=allow_patterns,
            ignore_patterns=ignore_patterns,
        )
        target, root = folder.target, folder.root
        await check_sizes(io, target, folder.additions, is_one_commit=False)
        journal = folder.journal
        await io.run_blocking(journal.make)
        async with acquire_lock(io, root, journal.lock):
            records = await folder.read_records(io)
            if job is not None:
                job.settle(path for path, record in records.items() if record.is_done)
            report = LargeReport(records, print_report_every if print_report else None)
            upload = LargeUpload(io, target, journal, records, report, num_workers)
            await upload.run([addition for addition in folder.additions if not records[addition.path_in_repo].is_done])


@attrs.frozen
class LargeFolder:
    """A local folder, and where it is uploaded to.

    Attributes:
        additions: The files, those that determine the upload mode of the others first.
    """

    target: Target
    root: str
    additions: list[CommitOperationAdd]

    @classmethod
    async def open(
        cls,
        io: Io,
        repo_id: str,
        folder_path: str | os.PathLike[str],
        *,
        repo_type: str,
        revision: str | None,
        private: bool | None,
        allow_patterns: Sequence[str] | str | None,
        ignore_patterns: Sequence[str] | str | None,
    ) -> LargeFolder:
        """List the files of a folder and create a missing repository; see `upload_large_folder`."""
        if not repo_type:
            raise ValueError("repo_type is required: pass 'model', 'dataset', 'space' or 'kernel'.")
        target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=False)
        root = expand_user(folder_path)
        paths = await io.run_blocking(lambda: files_to_upload(root, allow_patterns, ignore_patterns, io.check))
        paths.sort(key=lambda path: path not in COMMITTED_FIRST)
        additions = await io.run_blocking(lambda: additions_of(root, paths))
        # Creating a Space needs more arguments, so a Space must exist.
        if target.repo_type != "space" or not await repo_exists(io, repo_id, repo_type="space"):
            made = await create_repo(io, repo_id, repo_type=target.repo_type, private=private, exist_ok=True)
            target = attrs.evolve(target, repo_id=made.repo_id)
        return cls(target, root, additions)

    @property
    def journal(self) -> Journal:
        """The upload states of the files."""
        return Journal(Path(self.root))

    async def read_records(self, io: Io) -> dict[str, Record]:
        """Return the state of each file, by path."""
        paths = [addition.path_in_repo for addition in self.additions]
        journal = self.journal
        records = await io.run_blocking(lambda: {path: journal.read(path) for path in paths})
        return await _compare_with_branch(io, self.target, records)


def additions_of(root: str, paths: Iterable[str]) -> list[CommitOperationAdd]:
    """Return the operations that add files below a folder at their paths."""
    return [CommitOperationAdd(path, os.path.join(root, path)) for path in paths]


async def _compare_with_branch(io: Io, target: Target, records: dict[str, Record]) -> dict[str, Record]:
    """Reset the committed flag of files that the branch does not contain, or contains with another content.

    The repository may have been recreated, or the folder may have been uploaded to another repository before.
    """
    if not any(record.committed for record in records.values()):
        return records
    remote: dict[str, tuple[int, str | None]] = {}
    async for entry in list_repo_tree(
        io, target.repo_id, recursive=True, revision=target.revision, repo_type=target.repo_type
    ):
        if isinstance(entry, RepoFile):
            remote[entry.path] = entry.size, entry.lfs.sha256 if entry.lfs else None

    def is_in_branch(path: str, record: Record) -> bool:
        size, sha256 = remote.get(path, (-1, None))
        if path == ".gitattributes":  # the Hub adds lines to it
            return size >= 0
        return size == record.size and sha256 in (None, record.sha256)

    return {
        path: attrs.evolve(record, committed=record.committed and is_in_branch(path, record))
        for path, record in records.items()
    }
