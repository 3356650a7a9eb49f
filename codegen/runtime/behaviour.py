"""Computed attributes and mapping access of some models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from hub_typed.cards.data import CardData, DatasetCardData, ModelCardData, SpaceCardData

__all__ = [
    "AccessRequestView",
    "CollectionItemView",
    "CollectionView",
    "CommitView",
    "DatasetCardView",
    "FileSecurity",
    "JsonObject",
    "Mapped",
    "ModelCardView",
    "PaperView",
    "Record",
    "SpaceCardView",
    "SpaceRuntimeView",
]

Card = TypeVar("Card", bound="CardData")


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
    def to_dict(self) -> dict[str, Any]: ...


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


def _by_position(names: str, args: tuple[object, ...], members: dict[str, object]) -> dict[str, object]:
    """Return arguments by name, positional ones included."""
    return dict(zip(names.split(), args, strict=False)) | members


class Mapped:
    """Mapping access to a model by JSON name or attribute name; members that are null count as absent.

    Iteration gives JSON names.
    """

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        """Return the member with this JSON name or attribute name.

        Raises:
            KeyError: It is not there.
        """
        for wire, value in _present(self):
            if wire == key:
                return value
        fields: tuple[_Field, ...] = getattr(type(self), "__attrs_attrs__", ())
        if any(field.name == key for field in fields) and (value := getattr(self, key)) is not None:
            return value
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether the member is present."""
        return isinstance(key, str) and self.get(key) is not None

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


class Record(Mapped):
    """Mapping access to a model by attribute name or JSON name; iteration gives attribute names."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the attributes that are present."""
        return (name for name, _ in self.items())

    def items(self) -> list[tuple[str, Any]]:
        """Attributes that are present, with their names."""
        fields: tuple[_Field, ...] = getattr(type(self), "__attrs_attrs__", ())
        values = [(field.name, getattr(self, field.name)) for field in fields if field.name != "extra"]
        return [(name, value) for name, value in values if value is not None]

    def values(self) -> list[Any]:
        """Values of the attributes that are present."""
        return [value for _, value in self.items()]


class JsonObject(dict[str, Any]):
    """A model that is also the dictionary of the JSON object that it was read from.

    The dictionary is filled when the model is made; later changes of attributes do not change it, nor the reverse.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def to_dict(self) -> dict[str, Any]:
            """Return the model as a JSON object."""
            ...

    def __attrs_post_init__(self) -> None:
        self.update(self.to_dict())


class _CardView:
    """Metadata of a card, made of the raw ones when they are first read."""

    __slots__ = ("_card",)
    _card: tuple[object, Any]

    if TYPE_CHECKING:
        card: dict[str, Any] | None

    def _made(self, of: Callable[[dict[str, Any]], Card]) -> Card | None:
        raw = self.card
        if raw is None:
            return None
        made: tuple[object, Card] | None = getattr(self, "_card", None)
        if made is None or made[0] is not raw:
            made = self._card = (raw, of(raw))
        return made[1]


class ModelCardView(_CardView):
    """Metadata of the card of a model."""

    __slots__ = ()

    @property
    def card_data(self) -> ModelCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Changes do not change the info."""
        from hub_typed.cards.data import ModelCardData

        return self._made(ModelCardData.of_info)

    @property
    def cardData(self) -> ModelCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class DatasetCardView(_CardView):
    """Metadata of the card of a dataset."""

    __slots__ = ()

    @property
    def card_data(self) -> DatasetCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Changes do not change the info."""
        from hub_typed.cards.data import DatasetCardData

        return self._made(DatasetCardData.of_info)

    @property
    def cardData(self) -> DatasetCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class SpaceCardView(_CardView):
    """Metadata of the card of a Space."""

    __slots__ = ()

    @property
    def card_data(self) -> SpaceCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Changes do not change the info."""
        from hub_typed.cards.data import SpaceCardData

        return self._made(SpaceCardData.of_info)

    @property
    def cardData(self) -> SpaceCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class CommitView:
    """Names of the authors of a commit, and its message as HTML."""

    __slots__ = ()

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        names = "commit_id authors created_at title message formatted_title formatted_message"
        given = _by_position(names, args, members)
        if isinstance(authors := given.get("authors"), Sequence):
            given["authors"] = [{"user": one} if isinstance(one, str) else one for one in authors]  # pyright: ignore[reportUnknownVariableType]
        title, message = given.pop("formatted_title", None), given.pop("formatted_message", None)
        if title is not None:
            given["formatted"] = {"title": title, "message": message}
        return given

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

    @staticmethod
    def _from_reference(data: Mapping[str, object] | None = None, /, **members: object) -> dict[str, object]:
        return {**(data or {}), **members}

    @property
    def hardware(self: _Runtime) -> str | None:
        """Current hardware, for example ``t4-small``; ``None`` while the Space is not running."""
        return self.hardware_info.current if self.hardware_info else None

    @property
    def requested_hardware(self: _Runtime) -> str | None:
        """Requested hardware; ``None`` for a static Space."""
        return self.hardware_info.requested if self.hardware_info else None

    @property
    def raw(self: _Runtime) -> dict[str, Any]:
        """The runtime as JSON; members that are null are left out."""
        return self.to_dict()


class FileSecurity:
    """Result of the security scans of a file."""

    __slots__ = ()

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        given = _by_position("safe status av_scan pickle_import_scan", args, members)
        given.pop("safe", None)  # computed from the status
        return given

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

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        given = _by_position("username fullname email timestamp status fields", args, members)
        if "username" in given:
            account = {"user": given.pop("username"), "fullname": given.pop("fullname", ""), "avatarUrl": ""}
            given["user"] = account | {"email": given.pop("email", None)}
        return given

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
