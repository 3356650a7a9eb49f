"""Write ``surface/``: methods of both clients, functions, and the names of `hub_typed`.

A signature and its docstring are written once: in the spec for exposed operations, in the flow for everything else.
Only names in ``__all__`` of a flow module are public; defaults are literals, or module constants with literal values;
every type in a signature must be importable.
"""

from __future__ import annotations

import ast
import builtins
from pathlib import Path
from typing import Literal

import attrs

from codegen.spec.names import pascal
from codegen.spec.operations import Operation
from codegen.spec.schemas import Schemas
from codegen.write.docstrings import documented, with_argument
from codegen.write.render import render, write

__all__ = ["SurfaceError", "write_surface"]

PUBLIC = (
    *("async_client", "client", "clients.run_as_future", "convert", "errors", "progress", "scheduler", "settings"),
    *("auth.login", "auth.tokens", "cards.card", "cards.data", "cards.evaluation", "cards.metadata"),
)
"""Modules of the library whose ``__all__`` is public, beside the flows."""
BESIDE = {
    "Call": "hub_typed_api.wire",
    "Future": "concurrent.futures",
    "Page": "hub_typed_api.wire",
    "Paged": "hub_typed_api.wire",
    "Stream": "hub_typed_api.wire",
    "operations": "hub_typed_api",
}
"""Names of `hub_typed` that its own signatures mention, from elsewhere."""
TOKEN = "Overrides the client's token; ``True`` for the stored one, ``False`` for none."
FUTURE = "Run in the background, after earlier submitted work, and return a `concurrent.futures.Future`."


class SurfaceError(Exception):
    """A flow cannot become a method; the message starts with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@attrs.frozen
class Parameter:
    """A parameter of a public function, with its public annotation."""

    name: str
    annotation: str
    default: str | None
    positional: bool

    @property
    def declared(self) -> str:
        """Declaration in the signature."""
        return f"{self.name}: {self.annotation}" + ("" if self.default is None else f" = {self.default}")


@attrs.frozen
class Function:
    """A public function.

    Attributes:
        kind: Origin, and whether it returns an iterator.
        source: Module of the flow or operation.
        imports: Imports of its types.
        background: Whether it supports ``run_as_future``.
    """

    name: str
    kind: Literal["call", "items", "flow", "iterate"]
    source: str
    parameters: tuple[Parameter, ...]
    result: str
    docstring: str
    imports: frozenset[str] = frozenset()
    background: bool = False

    @property
    def lazy(self) -> bool:
        """Whether it returns an iterator."""
        return self.kind in ("items", "iterate")

    def signature(self, *more: str) -> str:
        """Signature with the token, and with further keyword parameters."""
        token = "token: str | bool | None = None"
        positional = [p.declared for p in self.parameters if p.positional]
        keyword = [p.declared for p in self.parameters if not p.positional]
        if not keyword and not more:
            return ", ".join([*positional, token])
        return ", ".join([*positional, "*", *keyword, token, *more])

    @property
    def passed(self) -> str:
        """Arguments passed on to the flow."""
        return ", ".join(p.name if p.positional else f"{p.name}={p.name}" for p in self.parameters)


def write_surface(schemas: Schemas, operations: dict[str, list[Operation]], library: Path, package: Path) -> None:
    """Write ``surface/``.

    Raises:
        SurfaceError: A flow cannot become a method.
    """
    exports = {
        name: f"hub_typed.{module}" for module in PUBLIC for name in _public(library / f"{module.replace('.', '/')}.py")
    }
    modules = [_Module(path, library) for path in sorted((library / "flows").rglob("*.py"))]
    for module in modules:
        exports |= {name: module.name for name in module.public if name not in module.flows}
    areas: dict[str, list[Function]] = {
        area: [_exposed(o) for o in found if o.exposed] for area, found in operations.items()
    }
    for module in modules:
        flows = [module.function(module.flows[name], exports) for name in module.public if name in module.flows]
        if flows:
            areas.setdefault(module.area, []).extend(flows)
    areas = {area: sorted(found, key=lambda f: f.name) for area, found in areas.items() if found}
    _check_unique(areas, modules)
    for area, found in areas.items():
        known = {"area": area, "functions": found, "pascal": pascal, "in_background": _in_background}
        write(package / "surface" / "methods" / f"{area}.py", render("methods.py.jinja", **known))
        write(package / "surface" / "async_methods" / f"{area}.py", render("async_methods.py.jinja", **known))
        write(package / "surface" / "functions" / f"{area}.py", render("functions.py.jinja", **known))
        exports |= {function.name: f"hub_typed_api.surface.functions.{area}" for function in found}
    for folder, kind in (("methods", ""), ("async_methods", "Async")):
        text = render("all_methods.py.jinja", folder=folder, kind=kind, areas=list(areas), pascal=pascal)
        write(package / "surface" / folder / "__init__.py", text)
    title = "Functions, called on the default client."
    write(package / "surface" / "functions" / "__init__.py", render("package.py.jinja", title=title))
    write(package / "surface" / "__init__.py", render("package.py.jinja", title="The public surface of hub_typed."))
    plain = {name for module in modules for name in module.plain_models}
    exports |= dict.fromkeys(_shown_models(schemas, areas, plain), "hub_typed_api.models")
    exports |= BESIDE
    write(
        package / "surface" / "exports.py",
        render("lazy.py.jinja", title="The names of hub_typed, and where they are.", where=exports),
    )


def _in_background(docstring: str) -> str:
    return with_argument(docstring, "run_as_future", FUTURE)


def _check_unique(areas: dict[str, list[Function]], modules: list[_Module]) -> None:
    homes: dict[str, str] = {}
    for found in areas.values():
        for function in found:
            if function.name in homes:
                latest = [module for module in modules if function.name in module.flows][-1]
                where = f"in {homes[function.name]} and {function.source}"
                raise latest.error(latest.flows[function.name], f"{function.name!r} is there twice: {where}")
            homes[function.name] = function.source


def _exposed(operation: Operation) -> Function:
    parameters = [
        Parameter(
            p.name,
            "bool" if p.flag else p.taken + (" | None" if p.optional else ""),
            "False" if p.flag else "None" if p.optional else None,
            p.positional,
        )
        for p in operation.given
    ]
    return Function(
        name=operation.name,
        kind="items" if operation.paging else "call",
        source=f"hub_typed_api.operations.{operation.area}",
        parameters=tuple(parameters),
        result=operation.item.annotation("models.") if operation.paging else operation.result,
        docstring=with_argument(documented(operation), "token", TOKEN),
        imports=frozenset({"from typing import Any, Literal", "from collections.abc import Sequence"}),
    )


def _shown_models(schemas: Schemas, areas: dict[str, list[Function]], plain: set[str]) -> set[str]:
    """Models in public signatures, and the models within them.

    Args:
        plain: Models in the signatures of functions that are not flows.
    """
    names = {name for document in schemas.spec.documents for name in schemas.spec.schemas(document)} - schemas.bodies
    todo = (plain & names) | {
        node.attr
        for functions in areas.values()
        for function in functions
        for text in [function.result, *(p.annotation for p in function.parameters)]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "models" and node.attr in names
    }
    found: set[str] = set()
    while todo:
        name = todo.pop()
        found.add(name)
        if name in schemas.unions:
            todo |= set(schemas.unions[name].cases.values()) - found
        elif name in schemas.classes:
            todo |= {used for m in schemas.classes[name].members for used in schemas.models(m.shape)} - found
    return found


def _public(path: Path) -> list[str]:
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


class _Module:
    """A parsed module of flows.

    Attributes:
        name: Name of the module.
        area: The module or folder below ``flows``.
        flows: The public functions whose first parameter is ``io``.
        plain_models: Models in the signatures of its other public functions.
    """

    def __init__(self, path: Path, library: Path) -> None:
        relative = path.relative_to(library.parent).with_suffix("")
        parts = [part for part in relative.parts if part != "__init__"]
        self.path = path
        self.name = ".".join(parts)
        self.area = parts[2] if len(parts) > 2 else ""
        self.public = _public(path)
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
        background = any(ast.unparse(decorator) == "background" for decorator in flow.decorator_list)
        docstring = with_argument(docstring, "token", TOKEN)
        return Function(
            name=flow.name,
            kind="iterate" if lazy else "flow",
            source=self.name,
            parameters=parameters,
            result=self._typed(result, flow, exports, imports),
            docstring=docstring,
            imports=frozenset(imports),
            background=background,
        )

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


def _overloads(decorator: ast.expr) -> bool:
    return ast.unparse(decorator) in ("overload", "typing.overload")


def _takes_io(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = [*node.args.posonlyargs, *node.args.args][:1]
    return [argument.arg for argument in first] == ["io"]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
