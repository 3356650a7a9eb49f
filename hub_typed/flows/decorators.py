"""Decorators that the code generator of the public methods evaluates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

__all__: list[str] = []

F = TypeVar("F", bound=Callable[..., object])


def client_options(flow: F) -> F:
    """Add the options of a client (``endpoint``, ``library_name``, ``headers``, ...) to the function of a flow."""
    return flow


def options_by_position(flow: F) -> F:
    """Add the options of a client to the function of a flow; all its parameters can be passed by position.

    The order is that of huggingface_hub: ``token``, the parameters of the flow, the options, ``endpoint``.
    """
    return flow


def background(flow: F) -> F:
    """Add ``run_as_future`` to the synchronous method of a flow, which then returns a `concurrent.futures.Future`."""
    return flow


def positional_token(flow: F) -> F:
    """Put ``token`` before the keyword parameters of the public methods of a flow, so it can be passed by position."""
    return flow


def alternative_result(flag: str) -> Callable[[F], F]:  # noqa: ARG001  # the code generator reads it
    """Give the public methods of a flow that returns ``A | B`` overloads: ``B`` if a parameter is true, else ``A``.

    Args:
        flag: Name of the keyword parameter, whose default is ``False``.
    """

    def unchanged(flow: F) -> F:
        return flow

    return unchanged


def narrowed(
    operation: str | Mapping[str, str],  # noqa: ARG001  # the code generator reads it
    **parameters: str,  # noqa: ARG001
) -> Callable[[F], F]:
    """Give the public methods of a flow the overloads of an operation whose views depend on its arguments.

    Args:
        operation: Name of the operation; or the operations by the value of ``repo_type``, that of the default first.
        parameters: Parameters of the flow that have another name in the operation, by that name.
    """

    def unchanged(flow: F) -> F:
        return flow

    return unchanged


def one_or_several(parameter: str) -> Callable[[F], F]:  # noqa: ARG001  # the code generator reads it
    """Give the public methods of a flow that returns ``A | list[A]`` overloads: ``A`` for one id, the list for several.

    Args:
        parameter: Name of the positional parameter, of type ``str | list[str]``.
    """

    def unchanged(flow: F) -> F:
        return flow

    return unchanged
