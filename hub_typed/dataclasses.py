"""Dataclasses that validate their fields: `strict` and its parts, under the names of the reference API.

Annotations that are text, as with ``from __future__ import annotations``, are not validated; custom validators are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from functools import wraps
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    NotRequired,
    Required,
    TypeAlias,
    TypeGuard,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
    overload,
)

from hub_typed.strict.errors import (
    StrictDataclassClassValidationError,
    StrictDataclassDefinitionError,
    StrictDataclassError,
    StrictDataclassFieldValidationError,
)
from hub_typed.strict.type_checks import type_validator

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "StrictDataclassClassValidationError",
    "StrictDataclassDefinitionError",
    "StrictDataclassError",
    "StrictDataclassFieldValidationError",
    "as_validated_field",
    "strict",
    "type_validator",
    "validate_typed_dict",
    "validated_field",
]

T = TypeVar("T")
V = TypeVar("V")
Validator: TypeAlias = Callable[[V], object]

_METADATA: Final = "validator"
_CLASS_VALIDATORS: Final = "__class_validators__"
_PARAMS: Final = "__dataclass_params__"
_PREFIX: Final = "validate_"


@overload
def strict(cls: type[T]) -> type[T]: ...
@overload
def strict(*, accept_kwargs: bool = ...) -> Callable[[type[T]], type[T]]: ...
def strict(cls: type[T] | None = None, *, accept_kwargs: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a dataclass validate its fields: all when an object is made, and each one when it is assigned.

    A field is validated by its annotation (`type_validator`) and by its own validators (`validated_field`). Methods
    whose names begin with ``validate_`` see the whole object: they run after ``__init__``, and when ``validate()`` is
    called, which this decorator adds.

    Args:
        cls: The dataclass.
        accept_kwargs: Whether ``__init__`` takes keyword arguments that are no fields. They are passed to
            ``__post_init__`` if the class has one, and become attributes otherwise. Positional arguments are refused.

    Raises:
        StrictDataclassDefinitionError: The class is no dataclass, has a method ``validate`` of its own, or a validator
            that takes other arguments.
    """

    def decorate(cls: type[T]) -> type[T]:
        return _make_strict(cls, accept_kwargs=accept_kwargs)

    return decorate if cls is None else decorate(cls)


def validated_field(
    validator: Validator[Any] | list[Validator[Any]],
    default: object = MISSING,
    default_factory: object = MISSING,
    init: bool = True,
    repr: bool = True,
    hash: bool | None = None,
    compare: bool = True,
    metadata: Mapping[str, object] | None = None,
    **kwargs: object,
) -> Any:  # as dataclasses.field, so that it can be assigned to a field of any type
    """Make a field of a strict dataclass with validators of its own.

    Args:
        validator: One or several functions that raise an exception if the value is invalid.
        default: As in `dataclasses.field`, like the arguments that follow.
    """
    everything: dict[str, object] = {
        **(metadata or {}),
        _METADATA: validator if isinstance(validator, list) else [validator],
    }
    make: Callable[..., Any] = field  # its overloads have either default
    return make(
        default=default,
        default_factory=default_factory,
        init=init,
        repr=repr,
        hash=hash,
        compare=compare,
        metadata=everything,
        **kwargs,
    )


def as_validated_field(validator: Validator[V]) -> Callable[..., Any]:
    """Make a function that makes fields with this validator (decorator).

    Args:
        validator: Function that raises an exception if the value is invalid.
    """

    @wraps(validator)
    def make(
        default: object = MISSING,
        default_factory: object = MISSING,
        init: bool = True,
        repr: bool = True,
        hash: bool | None = None,
        compare: bool = True,
        metadata: Mapping[str, object] | None = None,
        **kwargs: object,
    ) -> Any:
        return validated_field(validator, default, default_factory, init, repr, hash, compare, metadata, **kwargs)

    del make.__wrapped__  # its parameters are those of a field, not of the validator
    return make


def validate_typed_dict(schema: type[Mapping[str, object]], data: Mapping[str, object]) -> None:
    """Validate a dictionary against a `typing.TypedDict`, by the same rules as the fields of a strict dataclass.

    Args:
        schema: The class. Functions in ``Annotated`` are validators.
        data: The dictionary.

    Raises:
        StrictDataclassFieldValidationError: A member is missing or invalid.
        TypeError: A member is not in the class.
    """
    if not is_typeddict(schema):
        raise StrictDataclassDefinitionError(f"{schema!r} is not a TypedDict.")
    try:
        hints = get_type_hints(schema, include_extras=True)
    except NameError:  # a name that only a type checker imports
        hints = dict(schema.__annotations__)
    for name in data:
        if name not in hints:
            raise TypeError(f"{schema.__name__} has no member {name!r}.")
    required = cast("frozenset[str]", getattr(schema, "__required_keys__", ()))
    for name, hint in hints.items():
        marker = get_origin(hint)
        if name in data:
            inner = get_args(hint)[0] if marker in (Required, NotRequired) else hint
            _run(name, data[name], _field_validators(name, inner, None))
        elif marker is Required or (marker is not NotRequired and name in required):
            raise StrictDataclassFieldValidationError(name, TypeError(f"Field {name!r} is required but missing."))


def _make_strict(cls: type[T], *, accept_kwargs: bool) -> type[T]:
    if not is_dataclass(cls):
        raise StrictDataclassDefinitionError(f"Class {cls.__name__!r} must be a dataclass before applying @strict.")
    if not hasattr(getattr(cls, "validate", _make_strict_validate(())), _CLASS_VALIDATORS):
        raise StrictDataclassDefinitionError(
            f"Class {cls.__name__!r} has a method 'validate' of its own, a name that @strict needs: rename it."
        )
    validators = {one.name: _field_validators(one.name, one.type, one.metadata.get(_METADATA)) for one in fields(cls)}
    names = [name for name in dir(cls) if name.startswith(_PREFIX) and callable(getattr(cls, name))]
    for name in names:
        if len(inspect.signature(getattr(cls, name)).parameters) != 1:
            raise StrictDataclassDefinitionError(
                f"Class {cls.__name__!r} has a class validator {name!r} that takes more than one argument, or none. "
                "Methods whose names begin with 'validate_' are class validators and take 'self' alone."
            )
    validate = _make_strict_validate(tuple(names))
    initialize: Callable[..., None] = _initialize_with_kwargs if accept_kwargs else cls.__init__
    assign: Callable[..., None] = cls.__setattr__

    @wraps(cls.__init__)
    def init(self: T, *args: object, **kwargs: object) -> None:
        initialize(self, *args, **kwargs)
        for name, found in validators.items() if frozen else ():
            _run(name, getattr(self, name), found)
        validate(self)

    @wraps(cls.__setattr__)
    def setattr_validated(self: T, name: str, value: object) -> None:
        _run(name, value, validators.get(name, ()))
        assign(self, name, value)

    frozen: bool = getattr(cls, _PARAMS).frozen  # its __init__ assigns without __setattr__
    for name, member in (("__init__", init), ("__setattr__", setattr_validated), ("validate", validate)):
        setattr(cls, name, member)
    return cls


def _make_strict_validate(names: tuple[str, ...]) -> Callable[[object], None]:
    def validate(self: object) -> None:
        """Run the methods of the class that begin with ``validate_``."""
        for name in names:
            try:
                getattr(self, name)()
            except (ValueError, TypeError) as error:
                raise StrictDataclassClassValidationError(name, error) from error

    setattr(validate, _CLASS_VALIDATORS, names)
    return validate


def _initialize_with_kwargs(self: DataclassInstance, *args: object, **kwargs: object) -> None:
    """Do what the ``__init__`` of a dataclass does, with keyword arguments that are no fields."""
    name_of_class = type(self).__name__
    if args:
        raise ValueError(
            f"{name_of_class} has accept_kwargs=True and takes keyword arguments only, but got {len(args)} positional."
        )
    assign = object.__setattr__ if getattr(self, _PARAMS).frozen else setattr
    for one in fields(self):
        if one.init and one.name in kwargs:
            value = kwargs.pop(one.name)
        elif one.default is not MISSING:
            value = one.default
        elif one.default_factory is not MISSING:
            value = one.default_factory()
        elif one.init:
            raise TypeError(f"{name_of_class}.__init__() missing a required keyword argument: {one.name!r}")
        else:
            continue
        assign(self, one.name, value)
    post_init: Callable[..., object] | None = getattr(self, "__post_init__", None)
    if post_init is not None:
        post_init(**kwargs)
        return
    for name, value in kwargs.items():
        assign(self, name, value)


def _field_validators(name: str, annotation: object, custom: object) -> list[Validator[Any]]:
    """Return the validators of a field: its type, those in ``Annotated``, and those of its metadata."""
    listed: list[object] = []
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            found = extra.metadata.get(_METADATA) if isinstance(extra, Field) else extra if callable(extra) else None
            listed += found if isinstance(found, list) else [found]
    listed += custom if isinstance(custom, list) else [custom]
    validators: list[Validator[Any]] = [lambda value: type_validator(name, value, annotation)]
    for one in listed:
        if one is None:
            continue
        if not _takes_one_argument(one):
            raise StrictDataclassDefinitionError(
                f"Invalid validator for field {name!r}: {one!r}. It must be a function of a single argument."
            )
        validators.append(one)
    return validators


def _takes_one_argument(validator: object) -> TypeGuard[Validator[Any]]:
    if not callable(validator):
        return False
    try:
        signature = inspect.signature(validator)
    except ValueError:  # some functions written in C have none
        return True
    try:
        signature.bind(None)
    except TypeError:
        return False
    return True


def _run(name: str, value: object, validators: Iterable[Validator[Any]]) -> None:
    for validator in validators:
        try:
            validator(value)
        except (ValueError, TypeError) as error:
            raise StrictDataclassFieldValidationError(name, error) from error
