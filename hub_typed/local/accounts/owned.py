"""What belongs to an account: repositories and buckets."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Owned", "OwnedFacts"]


class OwnedFacts(Protocol):
    """Metadata that decides who may do what."""

    @property
    def id(self) -> str:
        """Internal id, which renames do not change."""
        ...

    @property
    def creator(self) -> str:
        """Name of the user who created it."""
        ...

    @property
    def private(self) -> bool:
        """Whether only members of the account see it."""
        ...


class Owned(Protocol):
    """A repository or a bucket."""

    @property
    def repo_type(self) -> str:
        """Its type."""
        ...

    @property
    def repo_id(self) -> str:
        """Its name, with that of its owner."""
        ...

    @property
    def namespace(self) -> str:
        """Name of the owner."""
        ...

    @property
    def facts(self) -> OwnedFacts:
        """Its metadata."""
        ...
