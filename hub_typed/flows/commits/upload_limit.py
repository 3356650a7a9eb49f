"""A limit of the Hub that an upload exceeds, as plans and errors name it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from hub_typed_api.fields import Fields

__all__ = ["LimitKind", "UploadLimit"]

LimitKind: TypeAlias = Literal["folder_entries", "file_size", "commit_files", "repo_files"]
"""What is limited; see `UploadLimit`."""


@attrs.frozen(kw_only=True)
class UploadLimit(Fields):
    """A published limit that an upload exceeds.

    Attributes:
        kind: ``folder_entries``, ``file_size`` (bytes), ``commit_files`` or ``repo_files``.
        path: The folder or file in the repository; empty for its root, or for the repository.
        value: What the upload has, whatever the repository has already.
        limit: What the Hub allows, or advises.
        is_hard: Whether the Hub refuses the upload; otherwise it is advice.
    """

    kind: LimitKind
    path: str
    value: int
    limit: int
    is_hard: bool

    def __str__(self) -> str:
        where = {
            "folder_entries": f"the folder {self.path or '/'} gets {self.value:,} entries",
            "file_size": f"{self.path} has {self.value / 1e9:.1f} GB",
            "commit_files": f"the commit has {self.value:,} files",
            "repo_files": f"the repository gets {self.value:,} files",
        }[self.kind]
        limit = f"{self.limit / 1e9:.0f} GB" if self.kind == "file_size" else f"{self.limit:,}"
        return f"{where}; the Hub {'allows' if self.is_hard else 'advises'} at most {limit}"
