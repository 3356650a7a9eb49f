"""Base class of models: a short repr, JSON, and pickles that survive moved modules."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hub_typed_api.arguments import accept_json
from hub_typed_api.fields import Fields

__all__ = ["Model"]

_UNSET = object()


class Model(Fields):  # noqa: PLW1641  # mutable, so not hashable
    """Base of the models, which can be compared, copied, pickled and edited.

    A constructor takes the attributes by keyword. It also takes them by JSON name and as JSON values, so that
    ``ModelInfo(**json)`` reads a JSON object of the Hub; members that this version does not know go to ``extra``.

    Members of an object within another one that the Hub did not send, or with a wrong type, are unset: reading one
    raises an `AttributeError`.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            if "__attrs_attrs__" in vars(cls):  # the class with slots that attrs makes of the written one
                accept_json(cls, _structured)

    def to_dict(self) -> dict[str, Any]:
        """Return the model as the JSON object that the Hub sends: JSON names, dates as text, no absent members."""
        return _codec(type(self))[1](self)

    def __repr__(self) -> str:
        shown = [
            f"{field.alias}={value!r}" if field.repr else f"{field.alias}=***"
            for field in self.__attrs_attrs__
            if (value := getattr(self, field.name, None)) is not None
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in self.__attrs_attrs__]
        return all(getattr(self, name, _UNSET) == getattr(other, name, _UNSET) for name in names)

    def __reduce__(self) -> tuple[Any, ...]:
        fields = [field for field in self.__attrs_attrs__ if hasattr(self, field.name)]
        members = {field.alias: getattr(self, field.name) for field in fields}
        is_partial = len(fields) < len(self.__attrs_attrs__)
        return _restored_partial if is_partial else _restored, (type(self).__name__, members)


def _codec(cls: type) -> tuple[Callable[[Any], Any], Callable[[Any], dict[str, Any]]]:
    """Structure and unstructure function of a class, or of the model that it is derived from."""
    for base in cls.__mro__:
        if base.__module__.startswith("hub_typed_api.models."):
            codec = import_module(base.__module__.replace(".models.", ".codec.", 1))
            found: tuple[Callable[[Any], Any], Callable[[Any], dict[str, Any]]] = codec.HOOKS[base]
            return found
    raise TypeError(f"{cls.__name__} is not a model")


def _structured(cls: type, data: dict[str, Any]) -> object:
    return _codec(cls)[0](data)


def _restored(name: str, members: dict[str, Any]) -> Model:
    """Restore a pickled model by its class name, whatever module it is in."""
    from hub_typed_api import models

    kind: type[Model] = getattr(models, name)
    return kind(**members)


def _restored_partial(name: str, members: dict[str, Any]) -> Model:
    """Restore a pickled model some of whose members are unset."""
    from hub_typed_api import models

    kind: type[Model] = getattr(models, name)
    model = object.__new__(kind)
    for field in kind.__attrs_attrs__:
        if field.alias in members:
            setattr(model, field.name, members[field.alias])
    return model
