"""Names of files on the Hub: ``hf://datasets/owner/name@revision/path``."""

from __future__ import annotations

import re
from typing import Final, Literal, Self
from urllib.parse import unquote

import attrs

from hub_typed.cli.failures import CommandError

__all__ = ["SCHEME", "HubPath"]

SCHEME: Final = "hf://"
_TYPES: Final[dict[str, Literal["model", "dataset", "space"]]] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
}
_NAME: Final = re.compile(
    r"(?P<repo_id>[^/@]+/[^/@]+)(?:@(?P<revision>refs/(?:pr|convert)/[^/]+|[^/]+))?(?:/(?P<path>.*))?", re.DOTALL
)


@attrs.frozen
class HubPath:
    """A file or folder of a repository.

    Attributes:
        revision: Branch, tag or commit; ``None`` for ``main``.
        path: Path in the repository, without slashes around it; empty for all of it.
        is_folder: Whether a slash at the end, or an empty path, says that it is a folder.
    """

    repo_type: Literal["model", "dataset", "space"]
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
        kind, _, rest = text.removeprefix(SCHEME).partition("/")
        if kind == "buckets":
            raise CommandError(f"{text} is in a bucket; only files of models, datasets and Spaces can be copied.")
        match = _NAME.fullmatch(rest if kind in _TYPES else f"{kind}/{rest}")
        if match is None:
            raise CommandError(f"{text} is invalid: pass hf://[datasets/|spaces/]owner/name[@revision]/path.")
        path, revision = match["path"] or "", match["revision"]
        return cls(
            _TYPES.get(kind, "model"),
            match["repo_id"],
            None if revision is None else unquote(revision),
            path.strip("/"),
            not path or path.endswith("/"),
        )

    def below(self, name: str) -> str:
        """Return the path in the repository of a file in this folder."""
        return f"{self.path}/{name}" if self.path else name

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        kind = "" if self.repo_type == "model" else f"{self.repo_type}s/"
        revision = "" if self.revision is None else f"@{self.revision}"
        return f"{SCHEME}{kind}{self.repo_id}{revision}/{self.path}"
