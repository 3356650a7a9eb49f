"""Links of LFS files in Xet storage to further repositories, without a transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import LfsDuplicate, LfsTarget, RepoFile, RepoType
from hub_typed_api.operations import lfs as operations

__all__: list[str] = []

FILES_PER_REQUEST: Final = 500


async def link_lfs_files(
    io: Io, source_id: str, source_type: RepoType, target_id: str, target_type: RepoType, files: Sequence[RepoFile]
) -> set[str]:
    """Link LFS files to another repository, so that a commit there may have them, and return the SHA-256 of these.

    Files that are not in Xet storage, or in another region, cannot be linked.

    Raises:
        RepositoryNotFoundError: One of the repositories does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not write to the target (403).
    """
    wanted = {
        file.lfs.sha256: LfsDuplicate(xet_hash=file.xet_hash, sha256=file.lfs.sha256, filename=file.path)
        for file in files
        if file.lfs is not None and file.xet_hash is not None
    }
    refused: set[str] = set()
    for first in range(0, len(wanted), FILES_PER_REQUEST):
        call = operations.duplicate_lfs_files(
            source_id,
            repo_type=source_type,
            target=LfsTarget(type=target_type, name=target_id),
            files=list(wanted.values())[first : first + FILES_PER_REQUEST],
        )
        for failure in (await execute(io, call)).failed:
            _log.info("%s cannot be linked to %s: %s", failure.sha256, target_id, failure.error)
            refused.add(failure.sha256)
    return wanted.keys() - refused
