"""Errors of strict dataclasses."""

from __future__ import annotations


class StrictDataclassError(Exception):
    """Base of the errors of strict dataclasses."""


class StrictDataclassDefinitionError(StrictDataclassError):
    """A class cannot be made strict as it is written."""


class StrictDataclassFieldValidationError(StrictDataclassError):
    """The value of a field is invalid; the error of the validator is the cause.

    Args:
        field: Name of the field.
        cause: Error of the validator.
    """

    def __init__(self, field: str, cause: Exception) -> None:
        super().__init__(f"Validation error for field {field!r}:\n    {type(cause).__name__}: {cause}")
        self.__cause__: BaseException | None = cause
        self._arguments = field, cause

    def __reduce__(self) -> tuple[type[StrictDataclassFieldValidationError], tuple[str, Exception]]:
        return type(self), self._arguments


class StrictDataclassClassValidationError(StrictDataclassError):
    """The fields of an object do not fit together; the error of the validator is the cause.

    Args:
        validator: Name of the method that raised it.
        cause: Error of the method.
    """

    def __init__(self, validator: str, cause: Exception) -> None:
        super().__init__(f"Class validation error for validator {validator!r}:\n    {type(cause).__name__}: {cause}")
        self.__cause__: BaseException | None = cause
        self._arguments = validator, cause

    def __reduce__(self) -> tuple[type[StrictDataclassClassValidationError], tuple[str, Exception]]:
        return type(self), self._arguments
