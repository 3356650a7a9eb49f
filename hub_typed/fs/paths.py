"""Paths of the file system: ``datasets/owner/name@revision/path`` and ``buckets/owner/name/path``."""

from __future__ import annotations

from typing import Final, Self, TypeAlias
from urllib.parse import unquote

import attrs

from hub_typed.errors import HfUriError
from hub_typed.flows.commits.delete import PROTECTED_FILE
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri
from hub_typed.urls.repo_types import KnownRepoType

__all__ = ["HfFileSystemResolvedBucketPath", "HfFileSystemResolvedPath", "HfFileSystemResolvedRepositoryPath"]

_SCHEME: Final = "hf://"


class HfFileSystemResolvedPath:
    """A file or folder of a repository at a revision, or of a bucket.

    Attributes:
        root: Path of the repository at the revision, or of the bucket, as it begins the names of its files.
        path: Path in the repository or bucket; empty for all of it.
    """

    root: str
    path: str

    @property
    def is_protected(self) -> bool:
        """Whether the file is only deleted by its own path."""
        return False

    def unresolve(self) -> str:
        """Return the path as text."""
        return f"{self.root}/{self.path}".rstrip("/")

    def __str__(self) -> str:
        return f"{_SCHEME}{self.unresolve()}"


@attrs.frozen
class HfFileSystemResolvedRepositoryPath(HfFileSystemResolvedPath):
    """A file or folder of a repository at a revision.

    Attributes:
        revision: Branch, tag or commit.
        path_in_repo: Path in the repository; empty for all of it.
    """

    repo_type: KnownRepoType
    repo_id: str
    revision: str
    path_in_repo: str
    root: str = attrs.field(
        default=attrs.Factory(lambda path: _root(path.repo_type, path.repo_id, path.revision), takes_self=True)
    )
    path: str = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda path: path.path_in_repo, takes_self=True)
    )

    @property
    def is_protected(self) -> bool:
        """Whether it is a file of git, which is only deleted by its own path."""
        return self.path_in_repo == PROTECTED_FILE

    @property
    def branch(self) -> tuple[str, str, str]:
        """What a commit changes: repository type, id and revision."""
        return self.repo_type, self.repo_id, self.revision

    def at(self, path: str) -> Self:
        """Return another path in the same repository."""
        return attrs.evolve(self, path_in_repo=path)


@attrs.frozen
class HfFileSystemResolvedBucketPath(HfFileSystemResolvedPath):
    """A file or folder of a bucket.

    Attributes:
        bucket_id: Name, ``owner/name``.
    """

    bucket_id: str
    path: str
    root: str = attrs.field(default=attrs.Factory(lambda path: f"buckets/{path.bucket_id}", takes_self=True))

    @property
    def branch(self) -> tuple[str, str, str]:
        """What a batch changes: type and id; a bucket has no revisions."""
        return "bucket", self.bucket_id, ""

    def at(self, path: str) -> Self:
        """Return another path in the same bucket."""
        return attrs.evolve(self, path=path)


ResolvedPath: TypeAlias = HfFileSystemResolvedRepositoryPath | HfFileSystemResolvedBucketPath


def resolve(path: str, revision: str | None = None) -> ResolvedPath:
    """Parse a path without ``hf://``.

    Slashes of a revision are written as ``%2F``, except in ``refs/pr/1`` and ``refs/convert/parquet``.

    Args:
        revision: Revision, if the path has none.

    Raises:
        FileNotFoundError: The path names neither a repository nor a bucket.
        ValueError: The path has another revision, or is in a bucket, which has none.
    """
    try:
        uri = parse_hf_uri(f"{_SCHEME}{path}")
    except HfUriError as error:
        raise FileNotFoundError(str(error)) from None
    path_in_repo = uri.path_in_repo
    if uri.type == "bucket":
        if revision is not None:
            raise ValueError(f"{path!r} is in a bucket, which has no revisions, but {revision!r} is asked for.")
        return HfFileSystemResolvedBucketPath(uri.id, path_in_repo)
    root = path.rstrip("/").removesuffix(f"/{path_in_repo}" if path_in_repo else "").removeprefix("models/")
    if revision is None:
        revision = uri.revision or "main"
    elif uri.revision is None:
        root = _root(uri.type, uri.id, revision)
    elif uri.revision != revision:
        name, _, after = path.rstrip("/").partition("@")
        given, _, path_in_repo = after.partition("/")  # a folder of the branch `refs` may be named `pr`
        if unquote(given) != revision:
            raise ValueError(f"{path!r} has the revision {uri.revision!r}, but {revision!r} is asked for.")
        root = f"{name}@{given}".removeprefix("models/")
    return HfFileSystemResolvedRepositoryPath(
        root=root, repo_type=uri.type, repo_id=uri.id, revision=revision, path_in_repo=path_in_repo
    )


def at_commit(path: ResolvedPath, commit: str) -> ResolvedPath:
    """Return the same path at a commit; in a bucket, which has none, the path itself."""
    if isinstance(path, HfFileSystemResolvedBucketPath):
        return path
    return attrs.evolve(path, root=_root(path.repo_type, path.repo_id, commit), revision=commit)


def _root(repo_type: KnownRepoType, repo_id: str, revision: str) -> str:
    uri = HfUri(repo_type, repo_id, None if revision == "main" else revision)
    return uri.to_uri().removeprefix(_SCHEME).removeprefix("models/")
