"""The lowest versions that pyproject.toml allows, as constraints."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from codegen.checks.lowest import lowest, main

PROJECT = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]


def made(*dependencies):
    extras = {"cards": ["Jinja2>=3.1.6"], "cli": [], "fast": [], "local": [], "pages": ["Jinja2>=3.1.6"]}
    return {"dependencies": dependencies, "optional-dependencies": extras}


def test_each_dependency_is_held_at_its_lower_bound():
    assert list(lowest(made("a>=1.2", "b-c>=3,<5"))) == ["a==1.2", "b-c==3", "Jinja2==3.1.6"]


@pytest.mark.parametrize("text", ["a", "a<2", "a==1"])
def test_a_dependency_without_a_lower_bound_is_refused(text):
    with pytest.raises(ValueError, match="one lower bound"):
        list(lowest(made(text)))


def test_all_that_users_install_is_among_them(capsys):
    assert main() == 0
    held = {Requirement(line).name for line in capsys.readouterr().out.split()}
    extras = PROJECT["optional-dependencies"]
    names = ("cards", "cli", "fast", "local", "pages")
    wanted = [*PROJECT["dependencies"], *(text for name in names for text in extras[name])]
    assert held == {Requirement(text).name for text in wanted}


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [("filelock", "3.20.0"), ("filelock", "3.23.0"), ("PyYAML", "6.0.3"), ("urllib3", "2.6.3"), ("tqdm", "4.66.2")],
)
def test_no_release_with_a_known_weakness_is_allowed(name, unsafe):
    (one,) = [one for one in map(Requirement, PROJECT["dependencies"]) if one.name == name]
    assert unsafe not in one.specifier
