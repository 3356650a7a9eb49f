"""Paths of the file system: ``datasets/owner/name@revision/path``."""

from __future__ import annotations

import re
from typing import Final, Literal, Self
from urllib.parse import quote, unquote

import attrs

__all__ = ["HfFileSystemResolvedBucketPath", "HfFileSystemResolvedPath", "HfFileSystemResolvedRepositoryPath"]

_TYPES: Final[dict[str, Literal["model", "dataset", "space"]]] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
}
_FOLDERS: Final = {"model": "", "dataset": "datasets/", "space": "spaces/"}
_SPECIAL_REVISION: Final = re.compile(r"refs/(?:convert/[\w.-]+|pr/[0-9]+)")
_PATH: Final = re.compile(
    rf"(?P<repo_id>[^/@]+/[^/@]+)(?:@(?P<revision>{_SPECIAL_REVISION.pattern}(?=/|$)|[^/]+))?(?:/(?P<path>.*))?",
    re.DOTALL,
)


@attrs.frozen
class HfFileSystemResolvedPath:
    """A file or folder of a repository at a revision.

    Attributes:
        root: Path of the repository at the revision, as it begins the names of its files.
        path_in_repo: Path in the repository; empty for all of it.
        revision: Branch, tag or commit.
    """

    repo_type: Literal["model", "dataset", "space"]
    repo_id: str
    revision: str
    path_in_repo: str
    root: str = attrs.field(default=attrs.Factory(lambda path: path.repo_root(), takes_self=True))

    def repo_root(self) -> str:
        """Return the path of the repository, with the revision in it."""
        suffix = self.revision if _SPECIAL_REVISION.fullmatch(self.revision) else quote(self.revision, safe="")
        return f"{_FOLDERS[self.repo_type]}{self.repo_id}@{suffix}"

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
        kind, _, rest = path.partition("/")
        if kind == "buckets":
            raise NotImplementedError(
                f"{path!r} is in a bucket; only files of models, datasets and Spaces can be used."
            )
        match = _PATH.fullmatch(rest if kind in _TYPES else path)
        if match is None:
            raise FileNotFoundError(
                f"{path!r} is not a path of a repository: pass [datasets/|spaces/]owner/name[@revision]/path."
            )
        repo_type = _TYPES.get(kind, "model")
        given = match["revision"]
        path_in_repo = (match["path"] or "").strip("/")
        if revision is not None and given is not None and unquote(given) != revision:
            name, _, after = path.removeprefix(f"{kind}/" if kind in _TYPES else "").partition("@")
            given, _, path_in_repo = after.partition("/")  # a folder of the branch `refs` may be named `pr`
            if name != match["repo_id"] or unquote(given) != revision:
                raise ValueError(
                    f"{path!r} has the revision {unquote(match['revision'])!r}, but {revision!r} is asked for."
                )
        known = revision or (unquote(given) if given else "main")
        shown = given or (known if _SPECIAL_REVISION.fullmatch(known) else quote(known, safe=""))
        suffix = "" if given is None and known == "main" else f"@{shown}"
        return cls(
            root=f"{_FOLDERS[repo_type]}{match['repo_id']}{suffix}",
            repo_type=repo_type,
            repo_id=match["repo_id"],
            revision=known,
            path_in_repo=path_in_repo,
        )

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
        return attrs.evolve(self, root=f"{_FOLDERS[self.repo_type]}{self.repo_id}@{commit}", revision=commit)

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
        raise NotImplementedError(
            f"buckets/{bucket_id}/{path} is in a bucket; only files of models, datasets and Spaces can be used."
        )
