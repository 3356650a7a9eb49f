"""Base class of results: `vars`, `dataclasses.asdict` and `dataclasses.replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub_typed_api.arguments import accept_reference

if TYPE_CHECKING:
    from typing import ClassVar

    import attrs

__all__ = ["Fields", "Promised", "unset"]


class _OfDataclass:
    """Attribute of a dataclass with the members of a model, built when first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: Fields | None, owner: type[Fields]) -> Any:
        if owner not in _dataclasses:
            from dataclasses import make_dataclass

            names = [(field.alias, Any) for field in getattr(owner, "__attrs_attrs__", ())]
            _dataclasses.setdefault(owner, make_dataclass(owner.__name__, names, repr=False))  # of several threads, one
        found = getattr(_dataclasses[owner], self._name)
        if model is None or self._name != "__dataclass_fields__":
            return found
        return {name: field for name, field in found.items() if hasattr(model, name)}


_dataclasses: dict[type, Any] = {}


class Fields:
    """Base of results: their attributes can be read with `vars`, `dataclasses.asdict` and `dataclasses.replace`."""

    __slots__ = ()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]
        _computed: ClassVar[tuple[str, ...]]

    else:
        _computed = ()  # attributes of huggingface_hub that are computed from members
        __dataclass_fields__ = _OfDataclass("__dataclass_fields__")
        __dataclass_params__ = _OfDataclass("__dataclass_params__")

        @property
        def __dict__(self) -> dict[str, Any]:
            """Members by attribute name, and computed attributes, for `vars`."""
            names = [*(field.alias for field in self.__attrs_attrs__), *self._computed]
            return {name: getattr(self, name) for name in names if hasattr(self, name)}

        def __getattr__(self, name: str) -> Any:
            found = getattr(type(self), name, None)
            if isinstance(found, property):  # which failed: its error names what is unset
                return found.__get__(self)
            kind = type(self).__name__
            if name in (field.name for field in self.__attrs_attrs__):
                message = f"the Hub did not send a valid {name!r} of {kind}"
                if isinstance(self, Promised) and hasattr(self, "_operation"):
                    message += f", which {self._operation} always returns; getattr with a default does without it"
                raise AttributeError(message, name=name, obj=self)
            raise AttributeError(f"{kind!r} object has no attribute {name!r}", name=name, obj=self)

        def __init_subclass__(cls) -> None:
            if "__attrs_attrs__" in vars(cls) and hasattr(cls, "_from_reference"):  # the class that attrs makes
                accept_reference(cls)


class Promised:
    """Base of models with views: remembers the operation that returned an object without what it always returns."""

    __slots__ = ("_operation",)


def unset(model: object, name: str, operation: str) -> None:
    """Unset a member that the Hub should have sent, so that reading it is an error that names the operation."""
    if hasattr(model, name):
        delattr(model, name)
    setattr(model, "_operation", operation)  # noqa: B010  # a slot of Promised, private to this module
