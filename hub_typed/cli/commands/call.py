"""``call``: any operation of the spec."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output, keys, print_json, print_json_array
from hub_typed.cli.shared_options import HubOptions, Limit

if TYPE_CHECKING:
    from hub_typed_api.wire import Call, Paged, Stream

__all__ = ["call"]

Sendable: TypeAlias = "Call[object] | Paged[object] | Stream[object]"
Operation: TypeAlias = Callable[..., Sendable]


def call(
    operation: Annotated[
        str | None, Parameter(help="Name of the operation, such as refs.create_branch; all are listed if not given.")
    ] = None,
    /,
    *parameters: Annotated[
        str,
        Parameter(
            allow_leading_hyphen=True,
            help="Parameters of the operation, as --repo-id owner/name; after --, as -- --limit 50, also those that "
            "are named like an option of this command.",
        ),
    ],
    body: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    describe: bool = False,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Send any operation of the Hub's API, and print its response as JSON.

    Args:
        body: JSON object with parameters of the operation, or the bytes that it uploads: @FILE, or - for stdin.
        describe: Print what the operation does and which parameters it has, instead of sending it.
    """
    if operation is None:
        _list_operations(output)
        return
    name, function = _find_operation(operation)
    if describe:
        output.text(f"{name}{_signature(function)}\n\n{inspect.getdoc(function)}")
        return
    from hub_typed.cli.operation_arguments import OperationArguments

    arguments = OperationArguments(name, function)
    arguments.add_words(parameters)
    if body is not None:
        arguments.add_body(_read_body(body))
    arguments.check()
    _send(function(**arguments.given), limit, hub)


def _send(operation: Sendable, limit: int | None, hub: HubOptions) -> None:
    """Send an operation and print the result."""
    from hub_typed_api.coerce import is_list
    from hub_typed_api.wire import Call, Paged, Response

    with hub.client() as api:
        if isinstance(operation, Paged):
            items = chain.from_iterable(page.items for page in api.pages(operation))
            print_json_array(islice(items, limit))
        elif isinstance(operation, Call):
            result = api.call(operation)
            if isinstance(result, Response):
                sys.stdout.flush()
                sys.stdout.buffer.write(result.body)
            elif is_list(result):
                print_json_array(result[:limit])
            elif result is not None:
                print_json(result)
        else:
            for event in islice(api.stream(operation), limit):
                print_json(event)


def _operations() -> dict[str, Operation]:
    from hub_typed_api.operations import __all__ as areas

    modules = {area: import_module(f"hub_typed_api.operations.{area}") for area in areas}
    return {f"{area}.{name}": getattr(module, name) for area, module in modules.items() for name in module.__all__}


def _list_operations(output: Output) -> None:
    rows = [
        {"operation": name, "description": (inspect.getdoc(one) or "").partition("\n")[0]}
        for name, one in _operations().items()
    ]
    output.rows(rows, keys("operation", "description"), id=lambda one: one["operation"])


def _find_operation(name: str) -> tuple[str, Operation]:
    known = _operations()
    found = [one for one in known if name in (one, one.partition(".")[2])]
    if len(found) == 1:
        return found[0], known[found[0]]
    if found:
        raise CommandError(f"Several operations are named {name}: {', '.join(found)}.")
    close = get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise CommandError(f"There is no operation {name}.{hint} `hub-typed call` lists all.")


def _signature(function: Operation) -> str:
    return str(inspect.signature(function)).replace("models.", "").replace("'", "")


def _read_body(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    return Path(source[1:]).read_bytes() if source.startswith("@") else source.encode()
