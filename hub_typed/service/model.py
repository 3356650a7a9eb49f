"""Base class of generated models."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from typing import ClassVar

    import attrs

__all__ = ["Model"]

_UNSET = object()


class Model:  # noqa: PLW1641  # mutable, so not hashable
    """Base of the models, which can be compared, copied, pickled and edited.

    Members of an object that the server did not send, or with a wrong type, are unset: reading one raises an
    `AttributeError`.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the model of a JSON object."""
        made: Self = _codec(cls)[0](data)
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the model as a JSON object: names of the document, dates as text, no absent members."""
        return _codec(type(self))[1](self)

    def __repr__(self) -> str:
        names = [field.name for field in self.__attrs_attrs__]
        shown = [f"{name}={value!r}" for name in names if (value := getattr(self, name, None)) is not None]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in self.__attrs_attrs__]
        return all(getattr(self, name, _UNSET) == getattr(other, name, _UNSET) for name in names)


def _codec(cls: type) -> tuple[Callable[[Any], Any], Callable[[Any], dict[str, Any]]]:
    codec = import_module(cls.__module__.replace(".models.", ".codec.", 1))
    found: tuple[Callable[[Any], Any], Callable[[Any], dict[str, Any]]] = codec.HOOKS[cls]
    return found
