"""The reference has every public name."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import hub_typed
from documentation.site import dead_links
from documentation.tables import DOCS
from hub_typed import constants
from hub_typed_api import models
from hub_typed_api.surface.methods import Methods

OBJECTS = {
    name
    for page in (DOCS / "reference").glob("*.md")
    for name in re.findall(r"^::: ([\w.]+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
}
MODELS = {
    name
    for page in (DOCS / "endpoints").glob("*.md")
    for name in re.findall(r"^### `(?:class|type|view) (\w+)`$", page.read_text(encoding="utf-8"), re.MULTILINE)
}
NOT_DESCRIBED = {
    "DEFAULT_UV_IMAGE": "a text; it is on the page on jobs",
    "DatasetSort": "a type alias",
    "FileState": "a type alias",
    "Future": "the standard library's",
    "_CACHED_NO_EXIST": "a value of `try_to_load_from_cache`",
    "CardValue": "a type alias",
    "CommitOperation": "a type alias: the three operations",
    "LimitKind": "a type alias",
    "ModelSort": "a type alias",
    "ObjectId": "a type alias",
    "Observer": "a type alias: a function that gets a `TransferEvent`",
    "SafetensorsDtype": "a type alias",
    "SpaceSort": "a type alias",
    "INTERMEDIATE_SPACE_STAGES": "those that wait_for_space waits for",
    "TERMINAL_JOB_STAGES": "a tuple; it is on the page on jobs",
    "Token": "a type alias",
    "WatchedItem": "a type alias",
    "logging": "a module of the reference",
    "operations": "the pages of the endpoints",
    **dict.fromkeys({*constants.__all__} - {"is_offline_mode"}, "constants: one page has them all"),
}


def test_every_method_is_in_the_reference():
    areas = {f"{area.__module__}.{area.__name__}" for area in Methods.__bases__}
    assert {name for name in OBJECTS if "surface.methods" in name} == areas


@pytest.mark.parametrize("name", sorted(set(hub_typed.__all__) - set(NOT_DESCRIBED)))
def test_every_name_is_in_the_reference(name):
    value = getattr(hub_typed, name)
    if hasattr(models, name):
        assert name in MODELS
    elif not hasattr(value, "__module__"):
        # A constant does not know its module.
        assert any(place.endswith(f".{name}") for place in OBJECTS)
    elif not hasattr(hub_typed.HfApi, name):
        place = f"{value.__module__}.{value.__name__}"
        assert place in OBJECTS or value.__module__ in OBJECTS
    else:
        assert inspect.isfunction(value)


def test_links_that_lead_nowhere_are_found(tmp_path: Path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there"></a><a href="#here"></a><p id="here"><a href="https://x.test/y">'
    )
    (tmp_path / "b.html").write_text('<h1 id="there"></h1><a href="a.html#gone"></a><img src="c.png"><a href="..">')
    assert list(dead_links(tmp_path)) == [
        "b.html: .. leads nowhere",
        "b.html: a.html#gone leads nowhere",
        "b.html: c.png leads nowhere",
    ]
