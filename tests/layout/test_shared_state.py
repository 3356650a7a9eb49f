"""No module keeps state that threads change without a lock, so that a free-threaded interpreter breaks nothing."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
CHANGED = {
    "generated/hub_typed_api/fields.py:_dataclasses": "an atomic operation",
    "hub_typed/cards/bounded_yaml.py:_LOADERS": "while the module is imported only",
    "hub_typed/clients/default.py:_clients": "under a lock",
    "hub_typed/clients/default.py:_default": "under a lock",
    "hub_typed/clients/default.py:_lock": "in the child of a fork, which has one thread",
    "hub_typed/disk/owners.py:_active": "atomic operations",
    "hub_typed/flows/commits/commit_turns.py:_turns": "atomic operations",
    "hub_typed/flows/files/partial_files.py:_swept": "what is lost only delays a scan",
    "hub_typed/flows/users.py:_cached": "atomic operations",
    "hub_typed/http/send.py:_warned": "an atomic operation",
    "hub_typed/progress_bars/switches.py:_disabled": "atomic operations",
    "hub_typed/sessions/session.py:_sessions": "atomic operations",
    "hub_typed/settings.py:_assigned": "atomic operations",
    "hub_typed/logs/redaction.py:_registry": "under a lock of its own",
}
"""Variables of modules that are changed, and why that is safe."""
CHANGES = {
    *(
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
    ),
    *("remove", "setdefault", "sort", "update", "__setitem__"),
}


def changed(path: Path) -> set[str]:
    """Variables of a module that its code changes after their assignment."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    own = {target.id for target in targets if isinstance(target, ast.Name)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            found |= {base(node.func.value)}
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            found |= {base(node.value)}
    return found & own


def base(node: ast.expr) -> str:
    """The variable of an item."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_every_changed_variable_of_a_module_is_safe():
    paths = [path for root in ("hub_typed", "generated") for path in (REPOSITORY / root).rglob("*.py")]
    assert len(paths) > 300
    found = {f"{path.relative_to(REPOSITORY)}:{name}" for path in paths for name in changed(path)}
    assert sorted(found) == sorted(CHANGED)
