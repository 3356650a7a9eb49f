"""Names of files on the Hub: ``hf://datasets/owner/name@revision/path``."""

from __future__ import annotations

from typing import Final, Self

import attrs

from hub_typed.cli.failures import CommandError
from hub_typed.errors import HfUriError
from hub_typed.urls.hf_uri import HfUriType, parse_hf_uri

__all__ = ["SCHEME", "HubPath"]

SCHEME: Final = "hf://"


@attrs.frozen
class HubPath:
    """A file or folder of a repository or bucket.

    Attributes:
        revision: Branch, tag or commit; ``None`` for ``main``, and for buckets.
        path: Path in the repository or bucket, without slashes around it; empty for all of it.
        is_folder: Whether a slash at the end, or an empty path, says that it is a folder.
    """

    repo_type: HfUriType
    repo_id: str
    revision: str | None
    path: str
    is_folder: bool

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse a name that begins with ``hf://``; slashes of a revision are written as ``%2F``.

        Raises:
            CommandError: It is invalid.
        """
        try:
            uri = parse_hf_uri(text)
        except HfUriError as error:
            raise CommandError(str(error)) from None
        is_folder = not uri.path_in_repo or text.endswith("/")
        return cls(uri.type, uri.id, uri.revision, uri.path_in_repo, is_folder)

    @property
    def is_bucket(self) -> bool:
        """Whether it is in a bucket."""
        return self.repo_type == "bucket"

    def below(self, name: str) -> str:
        """Return the path in the repository or bucket of a file in this folder."""
        return f"{self.path}/{name}" if self.path else name

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        kind = "" if self.repo_type == "model" else f"{self.repo_type}s/"
        revision = "" if self.revision is None else f"@{self.revision}"
        return f"{SCHEME}{kind}{self.repo_id}{revision}/{self.path}"
