"""Paths of the file system: ``datasets/owner/name@revision/path``."""

from __future__ import annotations

from typing import Final, Self
from urllib.parse import unquote

import attrs

from hub_typed.errors import HfUriError
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri
from hub_typed.urls.repo_types import KnownRepoType

__all__ = ["HfFileSystemResolvedPath"]

_SCHEME: Final = "hf://"


@attrs.frozen
class HfFileSystemResolvedPath:
    """A file or folder of a repository at a revision.

    Attributes:
        root: Path of the repository at the revision, as it begins the names of its files.
        path_in_repo: Path in the repository; empty for all of it.
        revision: Branch, tag or commit.
    """

    repo_type: KnownRepoType
    repo_id: str
    revision: str
    path_in_repo: str
    root: str = attrs.field(default=attrs.Factory(lambda path: path.repo_root(), takes_self=True))

    def repo_root(self) -> str:
        """Return the path of the repository, with the revision in it unless that is ``main``."""
        return _root(self.repo_type, self.repo_id, self.revision)

    @classmethod
    def of(cls, path: str, revision: str | None = None) -> Self:
        """Parse a path without ``hf://``.

        Slashes of a revision are written as ``%2F``, except in ``refs/pr/1`` and ``refs/convert/parquet``.

        Args:
            revision: Revision, if the path has none.

        Raises:
            FileNotFoundError: The path names no repository.
            ValueError: The path has another revision.
            NotImplementedError: The path is in a bucket.
        """
        try:
            uri = parse_hf_uri(f"{_SCHEME}{path}")
        except HfUriError as error:
            raise FileNotFoundError(str(error)) from None
        if uri.type == "bucket":
            raise NotImplementedError(f"{path!r} is in a bucket; only files of repositories can be used.")
        path_in_repo = uri.path_in_repo
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
        return cls(root=root, repo_type=uri.type, repo_id=uri.id, revision=revision, path_in_repo=path_in_repo)

    @property
    def path(self) -> str:
        """Path in the repository."""
        return self.path_in_repo

    def unresolve(self) -> str:
        """Return the path as text."""
        return f"{self.root}/{self.path_in_repo}".rstrip("/")

    def at(self, path_in_repo: str) -> Self:
        """Return another path in the same repository."""
        return attrs.evolve(self, path_in_repo=path_in_repo)

    def at_commit(self, commit: str) -> Self:
        """Return the same path at a commit."""
        return attrs.evolve(self, root=_root(self.repo_type, self.repo_id, commit), revision=commit)

    @property
    def branch(self) -> tuple[str, str, str]:
        """What a commit changes: repository type, id and revision."""
        return self.repo_type, self.repo_id, self.revision

    def __str__(self) -> str:
        return f"hf://{self.unresolve()}"


HfFileSystemResolvedRepositoryPath = HfFileSystemResolvedPath


class HfFileSystemResolvedBucketPath:
    """A path in a bucket, which programs ask other paths for; it cannot be made, as buckets are not supported."""

    def __init__(self, bucket_id: str, path: str) -> None:
        raise NotImplementedError(f"buckets/{bucket_id}/{path} is in a bucket; only files of repositories can be used.")


def _root(repo_type: KnownRepoType, repo_id: str, revision: str) -> str:
    uri = HfUri(repo_type, repo_id, None if revision == "main" else revision)
    return uri.to_uri().removeprefix(_SCHEME).removeprefix("models/")
