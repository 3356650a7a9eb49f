"""Overloads of what returns views: one for each view, and one for each parameter whose value is not known."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.spec.operations import Operation
from codegen.spec.views import Condition
from codegen.write.signatures import Case, Parameter

__all__ = ["chosen_view", "narrowed_cases", "operation_cases", "public_parameters", "repo_type_cases"]


def operation_cases(operation: Operation) -> tuple[Case, ...]:
    """Overloads of the function of an operation; none if it returns no views."""
    return narrowed_cases(operation, {parameter.name: parameter for parameter in public_parameters(operation)})


def public_parameters(operation: Operation) -> tuple[Parameter, ...]:
    """Parameters of the function of an operation."""
    return tuple(
        Parameter(
            p.name,
            "bool" if p.flag else p.taken + (" | None" if p.optional else ""),
            "False" if p.flag else "None" if p.optional else None,
            p.positional,
        )
        for p in operation.given
    )


def narrowed_cases(operation: Operation, parameters: Mapping[str, Parameter]) -> tuple[Case, ...]:
    """Overloads of a function with the arguments of an operation; none if it returns no views.

    As only the first one fits a call without the deciding parameters, type checkers say what else is wrong with it.

    Args:
        parameters: The parameters of the function, by their names in the operation.
    """
    if not operation.narrowings:
        return ()
    result = operation.item.annotation("models.")
    deciding = [parameters[name] for name in operation.narrowings[0].arguments]
    cases = _view_cases(operation, parameters)
    if any(operation.narrowings[0].arguments.values()):
        cases.insert(0, Case({one.name: _declared(one, value=False) for one in deciding}, result))
    return (*cases, *(Case({one.name: f"{one.name}: {one.annotation}"}, result) for one in deciding))


def repo_type_cases(
    by_type: Mapping[str, Operation], parameters: Mapping[str, Parameter], repo_type: Parameter, result: str
) -> tuple[Case, ...]:
    """Overloads of a function that sends one of several operations, depending on the type of the repository.

    Args:
        by_type: The operation for each type; the first one is that of the default, ``None``.
        parameters: The parameters of the function, by their names in the operations.
        repo_type: The parameter that decides.
        result: The result for any type.
    """
    cases: list[Case] = []
    for kind, operation in by_type.items():
        if not cases:
            flag = {repo_type.name: f"{repo_type.name}: Literal[{kind!r}] | None = None"}
            found = narrowed_cases(operation, parameters)
        else:
            flag = {repo_type.name: f"{repo_type.name}: Literal[{kind!r}]"}
            found = (*_view_cases(operation, parameters), Case({}, operation.item.annotation("models.")))
        cases += [Case({**case.flags, **flag}, case.result) for case in found]
    return (*cases, Case({repo_type.name: f"{repo_type.name}: {repo_type.annotation}"}, result))


def _view_cases(operation: Operation, parameters: Mapping[str, Parameter]) -> list[Case]:
    return [
        Case(
            {parameters[name].name: _declared(parameters[name], value=value) for name, value in one.arguments.items()},
            f"models.{one.view}",
        )
        for one in operation.narrowings
    ]


def chosen_view(operation: Operation) -> str:
    """Expression of the view that an operation returns, in terms of its parameters, one of which may be `models`."""
    choices = [
        f"in_models.{one.view} if {' and '.join(_holds(name, value) for name, value in one.arguments.items())}"
        for one in operation.narrowings
    ]
    return " else ".join([*choices, "None"])


def _declared(parameter: Parameter, *, value: Condition) -> str:
    """Declaration of a parameter whose value is known."""
    if value is True:
        return f"{parameter.name}: Literal[True]"
    if value is not False:
        return f"{parameter.name}: {parameter.annotation.partition('[')[0]}[Literal[{value!r}]]"
    if not parameter.annotation.startswith("bool"):
        return f"{parameter.name}: None = None"
    return f"{parameter.name}: {parameter.annotation.replace('bool', 'Literal[False]')} = {parameter.default}"


def _holds(name: str, value: Condition) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{value!r} in ({name} or ())"
