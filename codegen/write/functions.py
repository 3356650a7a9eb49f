"""Public functions: their signatures and docstrings, from operations of the spec and from flows.

Only names in ``__all__`` of a flow module are public; defaults are literals, or module constants with literal values;
every type in a signature must be importable.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from pathlib import Path

from codegen.spec.operations import Operation
from codegen.write.docstrings import documented, with_argument
from codegen.write.narrowing import narrowed_cases, public_parameters, repo_type_cases
from codegen.write.signatures import Case, Function, Parameter, flag_choices

__all__ = ["FlowModule", "SurfaceError", "exposed", "public_names"]

TOKEN = "Overrides the client's token; ``True`` for the stored one, ``False`` for none."


class SurfaceError(Exception):
    """A flow cannot become a method; the message starts with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


def exposed(operation: Operation) -> Function:
    """Return the public function of an exposed operation."""
    parameters = public_parameters(operation)
    return Function(
        name=operation.name,
        kind="items" if operation.paging else "call",
        source=f"hub_typed_api.operations.{operation.area}",
        parameters=parameters,
        result=operation.item.annotation("models.") if operation.paging else operation.result,
        docstring=with_argument(documented(operation), "token", TOKEN),
        single_request=not operation.paging,
        imports=frozenset({"from typing import Any, Literal", "from collections.abc import Sequence"}),
        narrowed=narrowed_cases(operation, {parameter.name: parameter for parameter in parameters}),
    )


def public_names(path: Path) -> list[str]:
    """Names in ``__all__`` of a module."""
    if not path.exists():
        return []
    for node in _parsed(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in _defined(node) and node.value is not None:
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise SurfaceError(path, error.lineno or 1, f"this is no Python: {error.msg}") from error


class FlowModule:
    """A parsed module of flows.

    Attributes:
        name: Name of the module.
        area: The module or folder below ``flows``.
        flows: The public functions whose first parameter is ``io``.
        plain_models: Models in the signatures of its other public functions.
    """

    def __init__(self, path: Path, library: Path, operations: Mapping[str, Operation] | None = None) -> None:
        relative = path.relative_to(library.parent).with_suffix("")
        parts = [part for part in relative.parts if part != "__init__"]
        self.path = path
        self._operations = operations or {}
        self.name = ".".join(parts)
        self.area = parts[2] if len(parts) > 2 else ""
        self.public = public_names(path)
        tree = _parsed(path)
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef) and any(map(_overloads, node.decorator_list)):
                raise self.error(node, f"{node.name}: an overload of a flow cannot be carried over")
            if isinstance(node, ast.FunctionDef) and node.name in self.public and _takes_io(node):
                raise self.error(node, f"{node.name}: what takes io is an async function")
        self.flows = {
            node.name: node
            for node in tree.body
            if isinstance(node, ast.AsyncFunctionDef) and node.name in self.public and _takes_io(node)
        }
        self._imported = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self._modules = {
            alias.asname or alias.name.partition(".")[0]: ast.unparse(ast.Import([alias]))
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        self._own = {name for node in tree.body for name in _defined(node)}
        self.plain_models = {
            self._imported[name.id][1]
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name in self.public
            for annotation in [
                node.returns,
                *(argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg)),
            ]
            for name in (ast.walk(annotation) if annotation is not None else ())
            if isinstance(name, ast.Name) and self._imported.get(name.id, ("", ""))[0] == "hub_typed_api.models"
        }
        self._constants = {
            name: node.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            for name in _defined(node)
        }

    def function(self, flow: ast.AsyncFunctionDef, exports: dict[str, str]) -> Function:
        """Build the public function of a flow."""
        arguments = flow.args
        if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
            raise self.error(flow, f"{flow.name}: *args, **kwargs and '/' cannot be carried over")
        docstring = ast.get_docstring(flow)
        if not docstring or flow.returns is None:
            raise self.error(flow, f"{flow.name}: a flow has a docstring and says what it gives")
        imports: set[str] = set()
        positional = arguments.args[1:]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        given = [(arg, default, True) for arg, default in zip(positional, defaults, strict=True)]
        given += [
            (arg, default, False) for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        ]
        parameters = tuple(
            Parameter(arg.arg, self._typed(arg.annotation, arg, exports, imports), self._literal(default), positional)
            for arg, default, positional in given
        )
        result = flow.returns
        lazy = isinstance(result, ast.Subscript) and ast.unparse(result.value) in ("AsyncIterator", "AsyncGenerator")
        if lazy and isinstance(result, ast.Subscript):
            result = result.slice.elts[0] if isinstance(result.slice, ast.Tuple) else result.slice
        decorators = {ast.unparse(decorator) for decorator in flow.decorator_list}
        docstring = with_argument(docstring, "token", TOKEN)
        handle = self._handle(result, flow, exports, lazy=lazy)
        typed = self._typed(result, flow, exports, imports)
        alternative, choices, results = self._alternative(flow, typed, parameters)
        narrowed = self._narrowed(flow, typed, parameters)
        return Function(
            name=flow.name,
            kind="iterate" if lazy else "flow",
            source=self.name,
            parameters=parameters,
            result=typed,
            docstring=docstring,
            imports=frozenset(imports),
            background="background" in decorators,
            alternative=alternative,
            choices=choices,
            results=results,
            narrowed=narrowed,
            client_options=bool(decorators & {"client_options", "options_by_position"}),
            options_by_position="options_by_position" in decorators,
            positional_token="positional_token" in decorators,
            handle=handle,
            single_request=not alternative and not handle and _sends_one_request(flow),
        )

    def _alternative(
        self, flow: ast.AsyncFunctionDef, result: str, parameters: tuple[Parameter, ...]
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return the parameter that decides on the result of a flow, its declarations, and the results."""
        for decorator in flow.decorator_list:
            if not isinstance(decorator, ast.Call):
                continue
            kind, name = ast.unparse(decorator.func), ast.literal_eval(decorator.args[0])
            if kind == "narrowed":
                continue
            if kind == "one_or_several":
                needed, choices = Parameter(name, "str | list[str]", None, positional=True), _item_choices(name)
            else:
                needed, choices = Parameter(name, "bool", "False", positional=False), flag_choices(name)
            if needed not in parameters:
                what = "positional" if needed.positional else "keyword"
                raise self.error(decorator, f"{flow.name}: there is no {what} parameter `{needed.declared}`")
            union = ast.parse(result, mode="eval").body
            if not isinstance(union, ast.BinOp):
                raise self.error(decorator, f"{flow.name}: the result of `{kind}` is a union `A | B`")
            return name, choices, (ast.unparse(union.left), ast.unparse(union.right))
        return "", (), ()

    def _narrowed(self, flow: ast.AsyncFunctionDef, result: str, parameters: tuple[Parameter, ...]) -> tuple[Case, ...]:
        """Return the overloads of a flow whose result depends on the arguments of operations."""
        for use in flow.decorator_list:
            if not isinstance(use, ast.Call) or ast.unparse(use.func) != "narrowed":
                continue
            names: str | dict[str, str] = ast.literal_eval(use.args[0])
            by_name = {parameter.name: parameter for parameter in parameters}
            for word in use.keywords:
                if (own := ast.literal_eval(word.value)) not in by_name:
                    raise self.error(use, f"{flow.name}: there is no parameter {own!r}")
                by_name[word.arg or ""] = by_name[own]
            for name in [names] if isinstance(names, str) else names.values():
                if name not in self._operations:
                    raise self.error(use, f"{flow.name}: there is no operation {name!r}")
                deciding = {own for one in self._operations[name].narrowings for own in one.arguments}
                for own in sorted(deciding - by_name.keys()):
                    raise self.error(use, f"{flow.name}: there is no parameter {own!r}, on which {name!r} depends")
            if isinstance(names, str):
                return narrowed_cases(self._operations[names], by_name)
            by_type = {kind: self._operations[name] for kind, name in names.items()}
            return repo_type_cases(by_type, by_name, by_name["repo_type"], result)
        return ()

    def _handle(self, result: ast.expr, flow: ast.AsyncFunctionDef, exports: dict[str, str], *, lazy: bool) -> str:
        """Return the class of results with methods, in place of its state; empty if the flow returns none."""
        for node in ast.walk(result):
            if isinstance(node, ast.Name) and (name := _handle_of(node.id, exports)):
                if lazy or ast.unparse(result) not in (node.id, f"list[{node.id}]"):
                    raise self.error(flow, f"{flow.name}: {node.id} must be the whole result, or the items of a list")
                return name
        return ""

    def error(self, node: ast.stmt | ast.expr | ast.arg, message: str) -> SurfaceError:
        """Build an error at this place."""
        return SurfaceError(self.path, node.lineno, message)

    def _literal(self, default: ast.expr | None) -> str | None:
        if default is None:
            return None
        if isinstance(default, ast.Name):
            default = self._constants.get(default.id, default)
        try:
            ast.literal_eval(default)
        except ValueError:
            raise self.error(default, f"the default {ast.unparse(default)} is no literal") from None
        return ast.unparse(default)

    def _typed(
        self, annotation: ast.expr | None, where: ast.stmt | ast.arg, exports: dict[str, str], imports: set[str]
    ) -> str:
        """Return a public annotation and collect its imports."""
        if annotation is None:
            raise self.error(where, "every parameter of a flow has a type")
        module = self

        class Renamed(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                return module._named(node, exports, imports)

        return ast.unparse(Renamed().visit(annotation))

    def _named(self, node: ast.Name, exports: dict[str, str], imports: set[str]) -> ast.expr:
        home, name = self._imported.get(node.id, ("", ""))
        if home == "hub_typed_api.models":
            return ast.parse(f"models.{name}", mode="eval").body
        if home == "hub_typed_api" and name == "models":
            return ast.Name("models")
        if home.startswith("hub_typed") or node.id in self._own:
            if handle := _handle_of(name or node.id, exports):
                return ast.parse(f"hub_typed.{handle}", mode="eval").body
            if (name or node.id) not in exports:
                raise self.error(node, f"the type {node.id!r} of a public signature is in no __all__")
            return ast.parse(f"hub_typed.{name or node.id}", mode="eval").body
        if node.id in self._modules:
            imports.add(self._modules[node.id])
        elif home:
            imports.add(f"from {home} import {name}" + (f" as {node.id}" if node.id != name else ""))
        elif not hasattr(builtins, node.id):
            raise self.error(node, f"nothing here is called {node.id!r}")
        return node


def _handle_of(state: str, exports: dict[str, str]) -> str:
    """Return the class of results with methods for a class of states; empty if there is none."""
    name = state.removesuffix("State")
    return name if name != state and name in exports and f"Async{name}" in exports else ""


def _overloads(decorator: ast.expr) -> bool:
    return ast.unparse(decorator) in ("overload", "typing.overload")


def _sends_one_request(flow: ast.AsyncFunctionDef) -> bool:
    """Whether all that a flow awaits is one operation, which it does not repeat."""
    nodes = list(ast.walk(flow))
    awaited = [node.value for node in nodes if isinstance(node, ast.Await)]
    loops = (ast.AsyncFor, ast.DictComp, ast.For, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.While)
    repeated = any(isinstance(part, ast.Await) for node in nodes if isinstance(node, loops) for part in ast.walk(node))
    called = [ast.unparse(value.func) for value in awaited if isinstance(value, ast.Call)]
    return called == ["execute"] and len(awaited) == 1 and not repeated


def _takes_io(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = [*node.args.posonlyargs, *node.args.args][:1]
    return [argument.arg for argument in first] == ["io"]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _item_choices(name: str) -> tuple[str, str, str]:
    """Declarations of a parameter that is one id, a list of ids, or either."""
    return f"{name}: str", f"{name}: list[str]", f"{name}: str | list[str]"
