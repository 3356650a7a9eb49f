"""Computed attributes and mapping access of some models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

__all__ = [
    "AccessRequestView",
    "CollectionItemView",
    "CollectionView",
    "CommitView",
    "FileSecurity",
    "Mapped",
    "PaperView",
    "SpaceRuntimeView",
]


class _Field(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> Mapping[Any, Any]: ...


class _Author(Protocol):
    @property
    def user(self) -> str: ...


class _Formatted(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def message(self) -> str | None: ...


class _Commit(Protocol):
    @property
    def author_infos(self) -> Sequence[_Author]: ...
    @property
    def formatted(self) -> _Formatted | None: ...


class _Hardware(Protocol):
    @property
    def current(self) -> str | None: ...
    @property
    def requested(self) -> str | None: ...


class _Runtime(Protocol):
    @property
    def hardware_info(self) -> _Hardware | None: ...


class _PaperAuthor(Protocol):
    @property
    def name(self) -> str: ...


class _Paper(Protocol):
    @property
    def author_infos(self) -> Sequence[_PaperAuthor]: ...


class _Scanned(Protocol):
    @property
    def status(self) -> str: ...


class _User(Protocol):
    username: str
    fullname: str
    email: str | None


class _Asked(Protocol):
    @property
    def user(self) -> _User | None: ...


class _Account(Protocol):
    name: str


class _Owned(Protocol):
    @property
    def owner_info(self) -> _Account: ...


class _Note(Protocol):
    text: str


class _Item(Protocol):
    id: str
    slug: str | None

    @property
    def note_info(self) -> _Note | None: ...


def _present(model: object) -> Iterator[tuple[str, Any]]:
    """Return the members that are not ``None`` by JSON name, unknown ones last."""
    fields: tuple[_Field, ...] = getattr(type(model), "__attrs_attrs__", ())
    unknown: Mapping[str, Any] = {}
    for field in fields:
        value = getattr(model, field.name)
        wire = field.metadata.get("wire", field.name)
        if value is None:
            continue
        if wire == "*":
            unknown = value
        else:
            yield wire, value
    yield from unknown.items()


def _plain(value: Any) -> Any:
    """Return a model and everything in it as JSON values."""
    if hasattr(value, "__attrs_attrs__"):
        return {wire: _plain(item) for wire, item in _present(value)}
    if isinstance(value, list):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value.isoformat() if isinstance(value, datetime) else value


class Mapped:
    """Mapping access to a model by JSON names; members that are null count as absent."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        """Return the member with this JSON name.

        Raises:
            KeyError: It is not there.
        """
        for wire, value in _present(self):
            if wire == key:
                return value
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether the member is present."""
        return any(wire == key for wire, _ in _present(self))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the JSON names of present members."""
        return (wire for wire, _ in _present(self))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the member with this JSON name, or the default if it is absent."""
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self) -> list[str]:
        """JSON names of present members."""
        return list(self)

    def values(self) -> list[Any]:
        """Values of present members."""
        return [value for _, value in _present(self)]

    def items(self) -> list[tuple[str, Any]]:
        """Present members with their JSON names."""
        return list(_present(self))


class CommitView:
    """Names of the authors of a commit, and its message as HTML."""

    __slots__ = ()

    @property
    def authors(self: _Commit) -> list[str]:
        """Names of the authors."""
        return [author.user for author in self.author_infos]

    @property
    def formatted_title(self: _Commit) -> str | None:
        """The title as HTML; ``None`` if not requested."""
        return self.formatted.title if self.formatted else None

    @property
    def formatted_message(self: _Commit) -> str | None:
        """The message as HTML; ``None`` if not requested."""
        return self.formatted.message if self.formatted else None


class SpaceRuntimeView:
    """Names of the hardware of a Space."""

    __slots__ = ()

    @property
    def hardware(self: _Runtime) -> str | None:
        """Current hardware, for example ``t4-small``; ``None`` while the Space is not running."""
        return self.hardware_info.current if self.hardware_info else None

    @property
    def requested_hardware(self: _Runtime) -> str | None:
        """Requested hardware; ``None`` for a static Space."""
        return self.hardware_info.requested if self.hardware_info else None

    @property
    def raw(self) -> dict[str, Any]:
        """The runtime as JSON; members that are null are left out."""
        members: dict[str, Any] = _plain(self)
        return members


class FileSecurity:
    """Result of the security scans of a file."""

    __slots__ = ()

    @property
    def safe(self: _Scanned) -> bool:
        """Whether all scans are complete and found nothing."""
        return self.status == "safe"


class PaperView:
    """Names of the authors of a paper."""

    __slots__ = ()

    @property
    def authors(self: _Paper) -> list[str]:
        """Names of the authors."""
        return [author.name for author in self.author_infos]


class AccessRequestView:
    """User of an access request, without going through ``user``."""

    __slots__ = ()

    @property
    def username(self: _Asked) -> str:
        """Name of the account; ``deleted`` if the account is deleted."""
        return self.user.username if self.user else "deleted"

    @property
    def fullname(self: _Asked) -> str:
        """Display name; ``deleted`` if the account is deleted."""
        return self.user.fullname if self.user else "deleted"

    @property
    def email(self: _Asked) -> str | None:
        """E-mail address; ``None`` if access was granted without a request."""
        return self.user.email if self.user else None


class CollectionView:
    """Name of the owner of a collection."""

    __slots__ = ()

    @property
    def owner(self: _Owned) -> str:
        """Name of the owner."""
        return self.owner_info.name


class CollectionItemView:
    """Id and note of an item of a collection."""

    __slots__ = ()

    @property
    def item_id(self: _Item) -> str:
        """Id of the repository or paper; slug of the collection."""
        return self.slug or self.id

    @property
    def note(self: _Item) -> str | None:
        """Note on the item, in Markdown."""
        return self.note_info.text if self.note_info else None
