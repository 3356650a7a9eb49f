"""Mapping access to models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

__all__ = ["JsonObject", "Mapped", "Record"]


class _Field(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> Mapping[Any, Any]: ...


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
