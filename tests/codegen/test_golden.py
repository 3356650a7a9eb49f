"""What small specs become, to the byte.

``HUB_TYPED_GOLDEN=write pytest tests/codegen/test_golden.py`` writes what is expected anew: read the diff before it is
committed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.hub import generate
from codegen.write.folders import differences, replace

GOLDEN = Path(__file__).parent / "golden"
COPIED = [path.name for path in (Path(__file__).parent.parent.parent / "codegen" / "runtime").glob("*.py")]
IMPORT_ALL = """
import inspect, pkgutil, typing
import hub_typed_api
for module in pkgutil.walk_packages(hub_typed_api.__path__, "hub_typed_api."):
    if not module.name.startswith("hub_typed_api.surface"):
        for member in vars(__import__(module.name, fromlist=["*"])).values():
            if inspect.isfunction(member) and member.__module__ == module.name:
                typing.get_type_hints(member)
"""


@pytest.fixture(scope="module", params=sorted(path.name for path in GOLDEN.iterdir()))
def case(request, tmp_path_factory):
    """One of the small specs, and what was generated from it, in folders of the same names."""
    folder = GOLDEN / request.param
    made = tmp_path_factory.mktemp(request.param)
    generate(folder / "spec", folder / "hub_typed", made / "expected", made / "pages")
    return folder, made


@pytest.mark.parametrize("what", ["expected", "pages"])
def test_what_is_generated_is_what_is_expected(case, tmp_path, what):
    folder, made = case
    for path in (made / what).rglob("*"):
        if path.is_file() and path.name not in (*COPIED, "py.typed"):
            kept = tmp_path / path.relative_to(made / what)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(path.read_bytes())
    if os.environ.get("HUB_TYPED_GOLDEN") == "write":
        replace(tmp_path, folder / what)
    found = differences(tmp_path, folder / what)
    assert not found, "\n".join(found)


def test_what_is_generated_can_be_imported_and_its_types_be_named(case):
    _, made = case
    environment = {**os.environ, "PYTHONPATH": str(made / "expected")}
    ran = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], env=environment, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr


DAY = "2024-02-29T12:00:00.000Z"
DRAWING = {
    "name": "all",
    "drawn": DAY,
    "changed": "2024-03-01T12:00:00.000Z",
    "visits": [DAY],
    "gaps": [None, DAY],
    "free": {"a": [None]},
    "color": "green",
    "size": "large",
    "gated": False,
    "frame": {"kind": "circle", "radius": 1.5},
    "layers": [{"kind": "square", "side": 2}, {"kind": "star", "points": 5}, {"points": 6}],
    "pens": {"mine": {"color": "red", "tip": "fine"}},
    "owner": {"color": "blue"},
    "copies": [{"name": "one", "drawn": DAY, "changed": DAY, "free": {}, "owner": "ann", "copies": 2}],
    "caps": [{"color": "black"}],
    "days": {"first": DAY},
    "ground": {"kind": "square"},
    "new": {"deep": None},
}
THERE_AND_BACK = """
import json, sys
from hub_typed_api import models
from hub_typed_api.codec.shapes import structure_drawing, unstructure_drawing
sent = json.load(sys.stdin)
read = structure_drawing(sent)
print(json.dumps(unstructure_drawing(read)))
square, star, odd = read.layers
assert isinstance(square, models.Square) and type(star) is type(odd) is dict
assert isinstance(read.owner, models.Pen) and read.copies[0].owner == "ann"
assert isinstance(read.ground, models.Square) and read.gaps[1] == read.drawn
"""


@pytest.mark.parametrize("case", ["shapes"], indirect=True)
def test_every_shape_goes_there_and_back(case):
    _, made = case
    environment = {**os.environ, "PYTHONPATH": str(made / "expected")}
    command = [sys.executable, "-c", THERE_AND_BACK]
    ran = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, input=json.dumps(DRAWING)
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == DRAWING
