"""Who may import whom: the directions that keep each layer readable, and testable, by itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Literal

REPOSITORY = Path(__file__).parent.parent.parent
ROOTS = {
    "hub_typed": REPOSITORY / "hub_typed",
    "hub_typed_api": REPOSITORY / "generated" / "hub_typed_api",
    "codegen": REPOSITORY / "codegen",
}
WORLD = ("asyncio", "concurrent", "http", "queue", "random", "select", "selectors", "signal", "socket", "ssl")
WORLD += ("subprocess", "threading", "time", "urllib.request", "urllib3")
"""Sockets, clocks, chance and threads: what a flow reaches through `Io` alone."""


@dataclass(frozen=True)
class Import:
    """One import: when the module is loaded, when a function of it is called, or for the type checker alone."""

    module: str
    target: str
    when: Literal["load", "call", "types"]
    line: int

    def __repr__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target} ({self.when})"


def within(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


@cache
def modules() -> dict[str, Path]:
    found = {}
    for root, folder in ROOTS.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join((root, *parts)).removesuffix(".__init__")
            if not within(name, "codegen.runtime"):  # read below hub_typed_api, where the generator copies it
                found[name] = path
    return found


def modules_within(root: str) -> list[str]:
    return [name for name in modules() if within(name, root)]


def package_of(module: str) -> str:
    path = modules().get(module)
    return module if path is not None and path.stem == "__init__" else module.rpartition(".")[0]


def walk(node: ast.AST, when: Literal["load", "call", "types"] = "load") -> Iterator[tuple[ast.AST, str]]:
    """Every node, with the moment at which it is run."""
    for child in ast.iter_child_nodes(node):
        later: Literal["load", "call", "types"] = when
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and when == "load":
            later = "call"
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and child in node.body:
            later = "types"
        yield child, later
        yield from walk(child, later)


def imports_in(module: str, source: str) -> Iterator[Import]:
    for node, when in walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, when, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            source_module = resolve_name("." * node.level + (node.module or ""), package_of(module))
            for alias in node.names:
                inner = f"{source_module}.{alias.name}"
                yield Import(module, inner if inner in modules() else source_module, when, node.lineno)


@cache
def imports() -> list[Import]:
    return [one for module, path in modules().items() for one in imports_in(module, path.read_text())]


def test_all_packages_are_looked_at():
    for root in (*ROOTS, "hub_typed.flows", "hub_typed.local", "hub_typed_api.surface", "hub_typed_api.operations"):
        assert [name for name in modules() if within(name, root)], root


def test_an_import_is_seen_wherever_it_stands():
    source = """
import os.path
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from hub_typed import client
else:
    import attrs
def call():
    import asyncio
    class Inner:
        import json
class Eager:
    import ssl
    from .settings import Settings
"""
    seen = [(one.target, one.when) for one in imports_in("hub_typed.anywhere", source)]
    assert seen == [
        ("os.path", "load"),
        ("typing", "load"),
        ("hub_typed.client", "types"),
        ("attrs", "load"),
        ("asyncio", "call"),
        ("json", "call"),
        ("ssl", "load"),
        ("hub_typed.settings", "load"),
    ]


CARDS = ("hub_typed.cards.data", "hub_typed.cards.eval_results")
"""The classes of parsed members of infos, imported when ``card_data`` or ``eval_results`` is first read."""


def test_the_generated_package_imports_only_attrs_and_orjson_where_it_is_installed():
    assert not [
        one
        for one in imports()
        if within(one.module, "hub_typed_api")
        and not within(one.module, "hub_typed_api.surface")
        and (one.target, one.when) != ("orjson", "call")
        and (
            not (standard(one.target) or within(one.target, "attr", "attrs", "hub_typed_api", *CARDS))
            or within(one.target, "hub_typed_api.surface")
            or within(one.target, *WORLD)
        )
    ]


def test_the_surface_knows_names_and_the_sender_and_reaches_flows_when_called():
    """`hub_typed` and `hub_typed_api.models` give their names lazily, so signatures cost nothing."""
    lazy = ("hub_typed", "hub_typed_api.models")
    assert not [
        one
        for one in imports()
        if within(one.module, "hub_typed_api.surface")
        and one.when == "load"
        and not (standard(one.target) or one.target in lazy)
        and not within(one.target, "hub_typed.clients", "hub_typed_api.surface")
    ]
    assert not [
        one
        for one in imports()
        if within(one.module, "hub_typed_api.surface")
        and one.when == "call"
        and not (standard(one.target) or within(one.target, "hub_typed.flows", "hub_typed_api"))
    ]


def test_flows_and_rules_do_input_and_output_through_io_only():
    pure = ("hub_typed.flows", "hub_typed.errors")
    pure += tuple(
        f"hub_typed.http.{name}" for name in ("error_responses", "pages", "redirects", "requests", "retry", "send")
    )
    outside = (
        "hub_typed.client",
        "hub_typed.clients",
        "hub_typed.cards",
        "hub_typed.http.transport",
        "hub_typed.local",
    )
    outside += ("hub_typed_api.surface",)
    assert all(modules_within(name) for name in (*pure, *outside))
    assert not [one for one in imports() if within(one.module, *pure) and within(one.target, *WORLD, *outside)]


def test_nothing_needs_the_generator_at_run_time():
    assert not [
        one for one in imports() if within(one.target, "codegen", "tests") and not within(one.module, "codegen")
    ]


def test_the_generator_needs_nothing_it_generates():
    assert not [
        one for one in imports() if within(one.module, "codegen") and within(one.target, "hub_typed", "hub_typed_api")
    ]


def test_the_client_does_not_import_the_embedded_hub():
    """One command serves it."""
    assert not [
        one
        for one in imports()
        if within(one.module, "hub_typed", "hub_typed_api")
        and not within(one.module, "hub_typed.local", "hub_typed.cli.commands.serve")
        and within(one.target, "hub_typed.local", "pygit2")
    ]


def test_nothing_but_its_program_imports_the_command_line():
    assert not [
        one
        for one in imports()
        if within(one.target, "hub_typed.cli")
        and not within(one.module, "hub_typed.cli")
        and one.module != "hub_typed.__main__"
    ]


def test_only_the_cluster_uses_its_tasks():
    assert not [
        one
        for one in imports()
        if within(one.target, "hub_typed.cluster") and not within(one.module, "hub_typed.cluster")
    ]


def test_the_embedded_hub_does_not_import_the_client():
    users = ("hub_typed.local.demo", "hub_typed.local.pytest_plugin", "hub_typed.local.testing")
    client = ("hub_typed.client", "hub_typed.clients", "hub_typed.http", "hub_typed.flows", "hub_typed_api.surface")
    assert all(modules_within(name) for name in (*users, *client))
    assert not [
        one
        for one in imports()
        if within(one.module, "hub_typed.local")
        and not within(one.module, *users)
        and (one.target == "hub_typed" or within(one.target, *client))
    ]


def test_each_heavy_library_is_imported_by_one_package():
    rooms = {
        "urllib3": (
            "hub_typed.http.connections",
            "hub_typed.http.socks_proxies",
            "hub_typed.http.transport",
            "hub_typed.http.transport_errors",
            "hub_typed.urls.url",
        ),
        "cattrs": ("hub_typed.convert",),
        "cyclopts": tuple(modules_within("hub_typed.cli")),
        "orjson": ("hub_typed_api.json_values",),
        "rich": ("hub_typed.cli.tables",),
        "tqdm": tuple(
            f"hub_typed.progress_bars.{name}" for name in ("class_bars", "named_bars", "other_output", "screen")
        ),
        "hf_xet": tuple(modules_within("hub_typed.xet")),
        "uvicorn": ("hub_typed.local.server.asgi", "hub_typed.local.server.connections", "hub_typed.webhooks.server"),
    }
    assert not [
        one
        for one in imports()
        for library, room in rooms.items()
        if within(one.target, library) and one.module not in room and one.when != "types"
    ]


def test_the_package_itself_imports_the_list_of_names():
    loaded = {one.target for one in imports() if one.module == "hub_typed" and one.when == "load"}
    assert loaded <= {"__future__", "hub_typed_api.surface.exports"}


def test_the_pytest_plugin_loads_nothing_of_the_extra():
    assert not [
        one
        for one in imports()
        if one.module == "hub_typed.local.pytest_plugin"
        and one.when == "load"
        and not (standard(one.target) or within(one.target, "pytest"))
    ]


def test_no_two_modules_import_each_other():
    """Imports of any kind count, but for those of the package `hub_typed`, which gives its names lazily."""
    graph: dict[str, set[str]] = {}
    for one in imports():
        if one.target in modules() and "hub_typed" not in (one.module, one.target) and one.target != one.module:
            graph.setdefault(one.module, set()).add(one.target)
    lazy = "hub_typed_api.models"  # one flat package, whose modules name each other in types alone
    found = [circle for circle in circles(graph) if not within(circle[1], lazy)]
    assert found == []


def test_an_import_cycle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The sets of modules that import each other."""
    reached = {module: reachable(module, graph) for module in graph}
    together = {
        tuple(sorted(other for other in found if module in reached.get(other, ())))
        for module, found in reached.items()
        if module in found
    }
    return [list(circle) for circle in sorted(together)]


def reachable(module: str, graph: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(graph.get(module, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += graph.get(one, ())
    return found
