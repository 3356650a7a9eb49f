"""Mapping access to models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, Protocol, Self

from .arguments import plain

__all__ = ["JsonObject", "Mapped", "Record"]


class _Field(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> Mapping[Any, Any]: ...


def _fields(model: object) -> tuple[_Field, ...]:
    found: tuple[_Field, ...] = getattr(type(model), "__attrs_attrs__", ())
    return found


def _wire(field: _Field) -> str:
    name: str = field.metadata.get("wire", field.name)
    return name


def _present(model: object) -> Iterator[tuple[str, Any]]:
    """Return the members that are not ``None`` by JSON name, unknown ones last."""
    unknown: Mapping[str, Any] = {}
    for field in _fields(model):
        value = getattr(model, field.name, None)
        if value is None:
            continue
        if _wire(field) == "*":
            unknown = value
        else:
            yield _wire(field), value
    yield from unknown.items()


def _without_null(members: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: plain(value) for name, value in members.items() if value is not None}


class Mapped:  # noqa: PLW1641  # mutable, so not hashable
    """Mapping access to a model by JSON name or attribute name; members that are null count as absent.

    Iteration gives JSON names. A model equals a dictionary with the same members. For JSON, use ``to_dict()``.
    """

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:

        def to_dict(self) -> dict[str, Any]:
            """Return the model as a JSON object."""
            ...

    def __getitem__(self, key: str) -> Any:
        """Return the member with this JSON name or attribute name.

        Raises:
            KeyError: It is not there.
        """
        for wire, value in _present(self):
            if wire == key:
                return value
        names = [*self._computed, *(field.name for field in _fields(self))]
        if key in names and (value := getattr(self, key, None)) is not None:
            return value
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether the member is present."""
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the members that are present."""
        return (name for name, _ in self.items())

    def __len__(self) -> int:
        """Number of the members that are present."""
        return len(self.items())

    def __bool__(self) -> Literal[True]:
        """Always true: also a model without members is one."""
        return True

    def __eq__(self, other: object) -> bool:  # without a hash, as models are mutable
        if not isinstance(other, Mapping):
            return super().__eq__(other)
        found: Mapping[Any, Any] = other  # pyright: ignore[reportUnknownVariableType]  # as given
        members = _without_null(found)
        return members in (_without_null(self.copy()), _without_null(self.to_dict()))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the member with this JSON name or attribute name, or the default if it is absent."""
        try:
            return self[key]
        except KeyError:
            return default

    def copy(self) -> dict[str, Any]:
        """Return the members that are present as a dictionary."""
        return dict(self.items())

    def keys(self) -> list[str]:
        """Names of present members."""
        return list(self)

    def values(self) -> list[Any]:
        """Values of present members."""
        return [value for _, value in self.items()]

    def items(self) -> list[tuple[str, Any]]:
        """Present members with their JSON names."""
        return list(_present(self))


class Record(Mapped):
    """Mapping access to a model by attribute name or JSON name; iteration gives attribute names."""

    __slots__ = ()

    def items(self) -> list[tuple[str, Any]]:
        """Attributes that are present, with their names."""
        names = [*self._computed, *(field.name for field in _fields(self) if _wire(field) != "*")]
        return [(name, value) for name in names if (value := getattr(self, name, None)) is not None]


class JsonObject(dict[str, Any]):  # noqa: PLW1641  # mutable, so not hashable
    """A model that is also the dictionary of the JSON object that it was read from.

    A change of an attribute changes the dictionary, and the reverse; a change within a nested object does not.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def to_dict(self) -> dict[str, Any]:
            """Return the model as a JSON object."""
            ...

    else:

        def __ior__(self, other: Any) -> Self:
            self.update(other)
            return self

    def __attrs_post_init__(self) -> None:
        super().update(self.to_dict())

    def __eq__(self, other: object) -> bool:  # null members count among dictionaries only
        return super(dict, self).__eq__(other) if type(other) is type(self) else super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        wires = {field.name: _wire(field) for field in _fields(self)}
        if wires[name] != "*":
            super().update({wires[name]: plain(value)})
        for key in [key for key in self if value is None and key == wires[name]]:
            super().__delitem__(key)
        if wires[name] == "*":
            for key in self.keys() - wires.values():
                super().__delitem__(key)
            super().update(plain(value) if isinstance(value, Mapping) else {})

    def _assign(self, members: Mapping[str, Any]) -> None:
        """Replace all members.

        Raises:
            TypeError: A member that the model needs is absent or has a wrong type.
        """
        made = type(self)(**plain(members))
        for field in _fields(self):
            super().__setattr__(field.name, getattr(made, field.name))
        super().clear()
        super().update(plain(members))

    def __setitem__(self, key: str, value: Any) -> None:
        self._assign({**self, key: value})

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def update(self, *others: Any, **members: Any) -> None:
        """Set members by JSON name."""
        self._assign({**self, **dict(*others, **members)})

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a member; set it to the default first if it is absent."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """Remove and return a member, or return the default if it is absent.

        Raises:
            KeyError: It is absent, and there is no default.
            TypeError: The model needs it.
        """
        members = dict(self)
        value = members.pop(key, *default)
        self._assign(members)
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the last member."""
        key = list(self)[-1]
        return key, self.pop(key)

    def clear(self) -> NoReturn:
        """Not possible.

        Raises:
            TypeError: Always, since the model needs some members.
        """
        raise TypeError(f"{type(self).__name__} needs some of its members: use dict(...) for an independent copy.")
