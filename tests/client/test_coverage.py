"""Every method of the clients has a scenario against the embedded Hub in this folder."""

from __future__ import annotations

import ast
from pathlib import Path

from hub_typed import AsyncHfApi, HfApi

FOLDER = Path(__file__).parent
ELSEWHERE = {
    "close": FOLDER.parent / "scenarios.py",
    "run_as_future": FOLDER.parent / "clients" / "test_background.py",
    "with_options": FOLDER.parent / "clients" / "test_with_options.py",
}
"""Methods that are no requests of their own, or exist on one client alone, and where they are tested."""


def used(path: Path) -> set[str]:
    """Attributes that are taken of something else than the module of operations."""
    found = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    return {node.attr for node in found if not ast.unparse(node.value).startswith("operations")}


def test_every_method_has_a_scenario():
    methods = {name for name in dir(HfApi) if not name.startswith("_") and callable(getattr(HfApi, name))}
    scenarios = set[str]().union(*(used(path) for path in FOLDER.glob("test_*.py")))
    assert sorted(methods - scenarios - ELSEWHERE.keys()) == []
    for name, path in ELSEWHERE.items():
        assert name in used(path)


def test_both_clients_have_the_same_methods():
    names = [{name for name in dir(client) if not name.startswith("_")} for client in (HfApi, AsyncHfApi)]
    assert names[0] - names[1] == {"close", "run_as_future"}
    assert names[1] - names[0] == {"aclose"}
