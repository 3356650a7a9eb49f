"""Base class of models: a short repr, pickles that survive moved modules, `vars` and `dataclasses.asdict`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import ClassVar

    import attrs

__all__ = ["Model"]


class _OfDataclass:
    """Attribute of a dataclass with the members of a model, built when first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: object, owner: type[Model]) -> Any:
        if owner not in _dataclasses:
            from dataclasses import make_dataclass

            names = [(field.name, Any) for field in getattr(owner, "__attrs_attrs__", ())]
            _dataclasses[owner] = make_dataclass(owner.__name__, names, repr=False)
        return getattr(_dataclasses[owner], self._name)


_dataclasses: dict[type, Any] = {}


class Model:
    """Base of the models, which can be compared, copied, pickled and edited."""

    __slots__ = ()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]

    else:
        __dataclass_fields__ = _OfDataclass("__dataclass_fields__")
        __dataclass_params__ = _OfDataclass("__dataclass_params__")

        @property
        def __dict__(self) -> dict[str, Any]:
            """Members by attribute name, for `vars`."""
            return {field.name: getattr(self, field.name) for field in self.__attrs_attrs__}

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={value!r}" if field.repr else f"{field.name}=***"
            for field in self.__attrs_attrs__
            if (value := getattr(self, field.name)) is not None
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (
            type(self).__name__,
            {field.name: getattr(self, field.name) for field in self.__attrs_attrs__},
        )


def _restored(name: str, members: dict[str, Any]) -> Model:
    """Restore a pickled model by its class name, whatever module it is in."""
    from hub_typed_api import models

    restored: Model = getattr(models, name)(**members)
    return restored
