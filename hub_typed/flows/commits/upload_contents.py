"""Uploads of the contents of a large folder by several workers, before one of them commits the files.

The workers record what they have hashed and uploaded in the journal of the folder, which they share. The commits are
those of `upload_large_folder`, which continues with what the journal says.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import attrs

from hub_typed.flows.commits.commit_changes import check_sizes
from hub_typed.flows.commits.journal import Journal, Record
from hub_typed.flows.commits.large_folder import LargeFolder, additions_of
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.flows.commits.recorded_files import RecordedFiles
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads
from hub_typed.http.io import Io

__all__: list[str] = []


@attrs.frozen(kw_only=True)
class FolderContents:
    """The files of a folder whose contents are to be uploaded.

    Attributes:
        sizes: Size of each file in bytes, by path.
        git_ignore: Content of the ``.gitignore`` among the files of the folder.
        git_attributes: Content of the ``.gitattributes`` among them.
    """

    target: Target
    journal: Journal
    sizes: dict[str, int]
    git_ignore: str | None
    git_attributes: str | None


async def find_contents(
    io: Io,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    *,
    repo_type: str,
    revision: str | None,
    private: bool | None,
    allow_patterns: Sequence[str] | str | None,
    ignore_patterns: Sequence[str] | str | None,
) -> FolderContents:
    """Return the files that are not uploaded yet; see `upload_large_folder` for arguments and errors."""
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
    await check_sizes(io, folder.target, folder.additions, is_one_commit=False)
    await io.run_blocking(folder.journal.make)
    records = await folder.read_records(io)
    modes = await UploadModes.of(io, folder.target, folder.additions)
    return FolderContents(
        target=folder.target,
        journal=folder.journal,
        sizes={path: record.size for path, record in records.items() if not _is_prepared(record)},
        git_ignore=modes.git_ignore,
        git_attributes=modes.git_attributes,
    )


async def upload_contents(io: Io, contents: FolderContents, paths: Sequence[str]) -> None:
    """Hash some of the files, upload those in LFS, and record both in the journal.

    Raises:
        LfsRefusedError: The Hub refused some of the files.
        SourceChangedError: A file changed during the upload.
    """
    journal = contents.journal
    records = await io.run_blocking(lambda: {path: journal.read(path) for path in paths})
    additions = await io.run_blocking(lambda: additions_of(str(journal.folder), paths))
    files = RecordedFiles(io, journal, records)
    files.begin(paths)
    uploads = Uploads(
        io,
        contents.target,
        at_once=None,
        records=journal.parts,
        saved_hashes=files,
        on_uploaded=files.mark_uploaded,
    )
    modes = UploadModes(io, contents.target, contents.git_ignore, contents.git_attributes)
    for upload in await uploads.prepare(additions, modes):
        if upload.ignored:
            await files.mark_ignored(upload)


def _is_prepared(record: Record) -> bool:
    """Return whether only the commit of a file is left to do."""
    return record.is_done or (record.sha256 is not None and (record.uploaded or record.mode == "regular"))
