"""Strict dataclasses validate their fields when they are made and when they are assigned."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import FrozenInstanceError, dataclass, field
from itertools import count
from typing import Annotated, Any, ForwardRef, Literal, NotRequired, Required, TypedDict, Union

import pytest

from hub_typed.dataclasses import (
    StrictDataclassClassValidationError,
    StrictDataclassDefinitionError,
    StrictDataclassError,
    StrictDataclassFieldValidationError,
    as_validated_field,
    strict,
    type_validator,
    validate_typed_dict,
    validated_field,
)


def positive(value: float) -> None:
    if value <= 0:
        raise ValueError(f"{value} is not positive")


@as_validated_field
def even(value: int) -> None:
    if value % 2:
        raise ValueError(f"{value} is odd")


@strict
@dataclass
class Config:
    layers: int = 2
    name: str | None = None
    sizes: list[int] = field(default_factory=list)
    rate: float = validated_field(positive, default=0.5)
    heads: int = even(default=4)
    dtype: "torch.dtype | None" = None  # noqa: F821  # such names are there for type checkers only

    def validate_layers_and_heads(self) -> None:
        if self.layers > self.heads:
            raise ValueError("more layers than heads")


@strict(accept_kwargs=True)
@dataclass
class Open:
    layers: int = 2


@strict(accept_kwargs=True)
@dataclass
class OpenAndDerived(Open):
    heads: int = 4

    def __post_init__(self, **kwargs: object) -> None:
        self.more = kwargs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": "2"}, "Field 'layers' expected int, got str"),
        ({"layers": True}, "Field 'layers' expected int, got bool"),
        ({"name": 1}, "doesn't match any type"),
        ({"sizes": ["a"]}, r"Field 'sizes\[0\]' expected int, got str"),
        ({"rate": 1}, "expected float, got int"),
        ({"rate": -1.0}, "-1.0 is not positive"),
        ({"heads": 3}, "3 is odd"),
    ],
)
def test_an_invalid_field_is_refused_when_an_object_is_made_and_when_it_is_assigned(arguments, message):
    with pytest.raises(StrictDataclassFieldValidationError, match=message) as made:
        Config(**arguments)
    config = Config()
    ((name, value),) = arguments.items()
    with pytest.raises(StrictDataclassFieldValidationError, match=message):
        setattr(config, name, value)
    assert getattr(config, name) == getattr(Config(), name)
    assert isinstance(made.value.__cause__, (TypeError, ValueError))


def test_validators_of_the_class_see_the_whole_object():
    with pytest.raises(StrictDataclassClassValidationError, match="validate_layers_and_heads"):
        Config(layers=6)
    config = Config()
    config.layers = 6
    with pytest.raises(StrictDataclassClassValidationError, match="more layers"):
        config.validate()


def test_annotations_that_are_text_and_other_attributes_are_not_validated():
    config = Config(dtype=3)
    config.unknown = object()
    assert config.dtype == 3


def test_arguments_that_are_no_fields_become_attributes_or_go_to_post_init():
    assert vars(Open(layers=1, extra="a")) == {"layers": 1, "extra": "a"}
    assert vars(OpenAndDerived(layers=1, extra="a")) == {"layers": 1, "heads": 4, "more": {"extra": "a"}}
    with pytest.raises(ValueError, match="keyword arguments only, but got 1"):
        Open(1)
    with pytest.raises(StrictDataclassFieldValidationError, match="layers"):
        OpenAndDerived(layers="1")
    with pytest.raises(TypeError, match="unexpected keyword argument 'extra'"):
        Config(extra=1)


def test_a_missing_argument_is_named_where_arguments_that_are_no_fields_are_accepted():
    @strict(accept_kwargs=True)
    @dataclass
    class Named:
        name: str

    with pytest.raises(TypeError, match=r"Named.* missing a required keyword argument: 'name'"):
        Named(other=1)


def test_a_frozen_dataclass_is_validated_when_it_is_made():
    @strict
    @dataclass(frozen=True)
    class Frozen:
        layers: int = 2

    assert Frozen(3).layers == 3
    with pytest.raises(StrictDataclassFieldValidationError, match="layers"):
        Frozen("3")
    with pytest.raises(AttributeError, match="layers"):
        Frozen(3).layers = 4


def test_a_class_that_cannot_be_strict_is_refused():
    with pytest.raises(StrictDataclassDefinitionError, match="'int' must be a dataclass"):
        strict(int)

    @dataclass
    class OwnValidate:
        layers: int = 2

        def validate(self) -> None: ...

    with pytest.raises(StrictDataclassDefinitionError, match="method 'validate' of its own"):
        strict(OwnValidate)

    @dataclass
    class TwoArguments:
        layers: int = 2

        def validate_layers(self, other: int) -> None: ...

    with pytest.raises(StrictDataclassDefinitionError, match="'validate_layers'"):
        strict(TwoArguments)

    @dataclass
    class NoFunction:
        layers: int = field(default=2, metadata={"validator": 3})

    with pytest.raises(StrictDataclassDefinitionError, match="Invalid validator for field 'layers': 3"):
        strict(NoFunction)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, int),
        (None, None),
        (1, Any),
        (1, "int"),
        (1, ForwardRef("Missing")),
        ("a", Literal["a", "b"]),
        (1, int | None),
        (1, Union[str, list[int], int]),  # noqa: UP007  # another class than that of |
        ((1, 2, 3), tuple[int, ...]),
        ((1, "a"), tuple[int, str]),
        ((), tuple[()]),
        ({"a": 1}, dict[str, int]),
        ({"a": 1}, Mapping[str, int]),
        ({1}, set[int]),
        ("ab", Sequence[str]),
        ([[1], [2]], list[list[int]]),
        (len, Callable[[int], int]),
        (int, type[int]),
        (1, Annotated[int, "unit"]),
    ],
    ids=map(str, count()),
)
def test_a_value_of_the_type_is_accepted(value, expected):
    type_validator("it", value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, int),
        (1, float),
        (1, None),
        (True, Literal[1]),
        ("c", Literal["a", "b"]),
        ((1, "a"), tuple[int, ...]),
        ((1,), tuple[int, str]),
        ({"a": "b"}, dict[str, int]),
        ({1: 1}, Mapping[str, int]),
        ([["a"]], list[list[int]]),
        (3, Callable[[int], int]),
        (3, type[int]),
        (1, Annotated[str, "unit"]),
    ],
    ids=map(str, count()),
)
def test_a_value_of_another_type_is_refused(value, expected):
    with pytest.raises(TypeError, match=r"Field .*it"):
        type_validator("it", value, expected)


class Sizes(TypedDict, total=False):
    height: Required[int]
    width: Annotated[int | None, positive]
    depth: Annotated[int, even(default=0)]


class Names(TypedDict):
    first: str
    last: NotRequired[str]


@pytest.mark.parametrize(
    ("schema", "data", "message"),
    [
        (Sizes, {}, "'height'.*\n.*required but missing"),
        (Sizes, {"height": "a"}, "'height' expected int"),
        (Sizes, {"height": 1, "width": -1}, "-1 is not positive"),
        (Sizes, {"height": 1, "depth": 1}, "1 is odd"),
        (Names, {"last": "a"}, "'first'.*\n.*required but missing"),
    ],
)
def test_a_dictionary_is_validated_by_its_class(schema, data, message):
    validate_typed_dict(Sizes, {"height": 1, "width": 2})
    validate_typed_dict(Names, {"first": "a"})
    with pytest.raises(StrictDataclassFieldValidationError, match=message):
        validate_typed_dict(schema, data)


def test_a_member_that_the_class_of_a_dictionary_does_not_have_is_refused():
    with pytest.raises(TypeError, match="Names has no member 'middle'"):
        validate_typed_dict(Names, {"first": "a", "middle": "b"})


@pytest.mark.parametrize("kind", [StrictDataclassFieldValidationError, StrictDataclassClassValidationError])
def test_errors_can_be_pickled(kind):
    error = pickle.loads(pickle.dumps(kind("layers", ValueError("no"))))
    assert isinstance(error, StrictDataclassError)
    assert "ValueError: no" in str(error)


def test_a_frozen_dataclass_takes_further_arguments_and_stays_frozen():
    @strict(accept_kwargs=True)
    @dataclass(frozen=True)
    class Frozen:
        size: int = 1

    made = Frozen(size=2, other="x")
    assert (made.size, made.other) == (2, "x")
    with pytest.raises(FrozenInstanceError):
        made.size = 3
    with pytest.raises(StrictDataclassFieldValidationError):
        Frozen(size="2")
