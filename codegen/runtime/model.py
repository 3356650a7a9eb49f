"""Base class of models: a short repr, and pickles that survive moved modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import ClassVar

    import attrs

__all__ = ["Model"]


class Model:
    """Base of the models, which can be compared, copied, pickled and edited."""

    __slots__ = ()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]

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
