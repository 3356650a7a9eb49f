"""Folders stay readable: few modules in the two roots, no long module, and documents that name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
LONGEST_MODULE = 400
ROOTS = {"hub_typed": 12, "hub_typed/local": 8}
RIDDLES = (
    "happenings",
    "courier",
    "front",
    "decisions",
    "changes",
    "choices",
    "markers",
    "people",
    "weights",
    "incoming",
)


def modules() -> list[Path]:
    return [path for root in ("hub_typed", "codegen") for path in sorted((REPOSITORY / root).rglob("*.py"))]


@pytest.mark.parametrize("root", ROOTS)
def test_a_root_has_few_modules(root):
    found = [path.name for path in (REPOSITORY / root).glob("*.py")]
    assert 0 < len(found) <= ROOTS[root], found


def test_no_module_is_too_long():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert len(lines) > 100
    assert {str(path): count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_no_module_has_a_name_that_must_be_explained():
    assert [path for path in modules() if path.stem in RIDDLES] == []


def test_the_files_that_the_architecture_names_exist():
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:hub_typed|codegen|tests|generated|spec|docs)/[\w/.]+)`", text))
    assert len(named) > 50
    assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []
