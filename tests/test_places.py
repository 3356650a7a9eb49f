"""Modules of the reference: the names of this library where the reference has them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import hub_typed
from codegen.write.functions import SurfaceError
from codegen.write.places import read_places, write_places
from hub_typed import HfApi, HfHubHTTPError, ModelInfo

TABLE = Path(__file__).parent.parent / "codegen" / "places.yaml"
PLACES = sorted(set(yaml.safe_load(TABLE.read_text())) - {"hub_typed"})


@pytest.mark.parametrize("place", PLACES)
def test_every_name_of_a_place_can_be_imported(place):
    module = import_module(f"hub_typed.{place}")
    assert module.__all__
    for name in module.__all__:
        assert name in dir(module)
        getattr(module, name)


def test_a_place_has_the_very_object():
    from hub_typed.hf_api import HfApi as Theirs, ModelInfo as TheirInfo
    from hub_typed.utils import HfHubHTTPError as TheirError

    assert (Theirs, TheirInfo, TheirError) == (HfApi, ModelInfo, HfHubHTTPError)


def test_a_name_that_is_not_there_is_an_attribute_error():
    module = import_module("hub_typed.utils")
    with pytest.raises(AttributeError, match=r"'hub_typed\.utils' has no attribute 'nothing'"):
        module.nothing  # noqa: B018
    with pytest.raises(ImportError):
        exec("from hub_typed.utils import nothing")


def test_modules_below_a_place_are_attributes_of_it():
    program = "import hub_typed, hub_typed.utils; print(hub_typed.utils.logging.INFO, hub_typed.logging.INFO)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "20 20\n"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_loads_nothing_before_a_name_is_used(place):
    program = f"import sys, hub_typed.{place}; print(*(n for n in sys.modules if n.startswith('hub_typed')))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    parents = {"hub_typed", f"hub_typed.{place.partition('.')[0]}", f"hub_typed.{place}"}
    assert set(ran.stdout.split()) == parents | {
        "hub_typed_api",
        "hub_typed_api.surface",
        "hub_typed_api.surface.exports",
    }


def test_all_names_of_the_package_are_still_there():
    assert {"CONFIG_NAME", "get_session", "is_offline_mode", "logging"} <= set(hub_typed.__all__)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("a: {hub_typed: [Book, Book]}", "a.Book is there twice"),
        ("a: {hub_typed: [Shelf]}", "hub_typed has no 'Shelf'"),
        ("a: {hub_typed.books: [Shelf]}", "hub_typed.books has no 'Shelf'"),
        ("hub_typed: {hub_typed.books: [Shelf]}", "hub_typed.books has no 'Shelf'"),
        ("a: {hub_typed.b: [Shelf]}\nb: {hub_typed: [Book]}", "hub_typed.b has no 'Shelf'"),
        ("books: {hub_typed: [Book]}", "books.py is written by hand"),
    ],
)
def test_a_mistake_in_the_table_is_refused(tmp_path, table, message):
    (tmp_path / "table.yaml").write_text(table)
    (tmp_path / "books.py").write_text('__all__ = ["Book"]\n')
    with pytest.raises(SurfaceError, match=message):
        written(tmp_path)


def written(folder: Path) -> None:
    places = read_places(folder / "table.yaml")
    write_places(places, folder / "table.yaml", folder, {"Book": "hub_typed.books"}, folder / "made")
