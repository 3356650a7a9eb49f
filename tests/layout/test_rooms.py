"""Folders stay readable: few modules in the two roots, no long module, and documents that name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegen.write.places import PLACES_MARK

REPOSITORY = Path(__file__).parent.parent.parent
LONGEST_MODULE = 400
LONGEST_AREA = 650
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


def is_generated(path: Path) -> bool:
    return PLACES_MARK in path.read_text(encoding="utf-8").partition("\n")[0]


@pytest.mark.parametrize("root", ROOTS)
def test_a_root_has_few_modules(root):
    found = [path.name for path in (REPOSITORY / root).glob("*.py") if not is_generated(path)]
    assert 0 < len(found) <= ROOTS[root], found


def test_no_module_is_too_long():
    written = [path for path in modules() if not is_generated(path)]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert len(lines) > 100
    assert {str(path): count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_no_area_of_the_spec_is_too_long():
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (REPOSITORY / "spec").glob("*.yaml")
    }
    assert len(lines) > 40
    assert {name: count for name, count in lines.items() if count > LONGEST_AREA} == {}


def test_no_module_has_a_name_that_must_be_explained():
    assert [path for path in modules() if path.stem in RIDDLES] == []


def test_utils_and_the_like_are_places_of_the_reference_alone():
    rooms = [path for path in modules() if path.stem in ("utils", "helpers", "common") or "utils" in path.parts]
    assert rooms
    assert [path for path in rooms if not is_generated(path)] == []


def test_the_files_that_the_architecture_names_exist():
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:hub_typed|codegen|tests|generated|spec|docs)/[\w/.]+)`", text))
    assert len(named) > 50
    assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []


def test_the_architecture_names_every_package():
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    for root in (REPOSITORY / "hub_typed", REPOSITORY / "hub_typed" / "local"):
        packages = [path.parent.name for path in root.glob("*/__init__.py")]
        assert len(packages) > 10
        assert [name for name in packages if f"{name}/" not in text] == []
