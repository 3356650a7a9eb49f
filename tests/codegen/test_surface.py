"""The comparison of the public surface with a release of the reference, shown on libraries of a few lines."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from codegen.checks import surface as checked
from codegen.checks.rules import read_rules
from codegen.checks.surface import RULES, WORDS, Difference, compare, main, surface_of

METHODS = {
    "whoami": {"token": "None"},
    "move": {"source": "required", "target": "required", "_hidden": "None", "exist_ok": "False"},
    "copy": {},
}
THEIRS = {
    "version": "9.9",
    "methods": METHODS,
    "positional": {"whoami": ["token"], "move": ["source", "target"], "copy": []},
    "public": {"": ["HfApi", "HfUri", "whoami"], "hf_api": ["move"], "utils": ["tabulate", "tqdm"]},
}


def lines(ours, has=lambda _: True):
    return [str(difference) for difference in compare(THEIRS, ours, has)]


def test_equal_surfaces_have_no_difference_and_what_only_we_have_is_none():
    more = {"methods": METHODS | {"more": {"a": "1"}}, "positional": THEIRS["positional"] | {"more": ["a"]}}
    assert not lines(more)


def test_methods_parameters_defaults_and_positions_are_compared():
    ours = {
        "methods": {"whoami": {}, "move": {"target": "required", "source": "required", "exist_ok": "True"}},
        "positional": {"whoami": [], "move": ["target"]},
    }
    assert lines(ours) == [
        "HfApi.copy: there is no such method",
        "HfApi.move.exist_ok: the default is True here and False there",
        "HfApi.move.source: it is given by position there, as number 1, and here by keyword only",
        "HfApi.move.target: it is given by position there, as number 2, and here as number 1",
        "HfApi.whoami.token: the method takes no such parameter, whose default is None",
    ]


def test_names_of_modules_are_compared_and_functions_of_methods_are_told_once():
    assert lines(THEIRS, {"HfApi", "utils.tqdm"}.__contains__) == [
        "HfUri: there is no such name",
        "utils.tabulate: there is no such name",
    ]


SMALL = {
    "__init__.py": """
        __version__ = "9.9"
        __all__ = ["HfApi"]
        class HfApi:
            def whoami(self, token: str | None = None, *, cache: bool = False) -> str: ...
            def brew_tea(self, leaves: int) -> None: ...
            def _hidden(self) -> None: ...
    """,
    "errors.py": "class TeaError(Exception): ...",
    "_private.py": "def own(): ...",
    "needs.py": "import a_package_that_is_not_there",
    "utils/__init__.py": 'import os\n__all__ = ["get_token", "boil"]\nhome = os.environ.get("HF_TEA")\n',
}


@pytest.fixture
def python(tmp_path, monkeypatch) -> Path:
    """An interpreter that has a small release of the reference."""
    for name, text in SMALL.items():
        path = tmp_path / "site" / "huggingface_hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nshift\nPYTHONPATH={tmp_path / "site"} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return python


@pytest.mark.skipif(os.name == "nt", reason="The interpreter is a shell script")
def test_the_surface_of_a_release_is_read_by_its_own_interpreter(python):
    found = surface_of(python)
    assert found["methods"] == {"brew_tea": {"leaves": "required"}, "whoami": {"token": "None", "cache": "False"}}
    assert found["positional"] == {"brew_tea": ["leaves"], "whoami": ["token"]}
    assert found["public"] == {"": ["HfApi"], "errors": ["TeaError"], "utils": ["boil", "get_token"]}
    assert (found["version"], found["errors"], found["variables"]) == ("9.9", ["TeaError"], ["HF_TEA"])


def test_the_program_tells_what_to_change_and_fails_on_rules_that_explain_nothing(python, tmp_path, capsys):
    rules = tmp_path / "rules.yaml"
    rules.write_text("- {reason: No kettle., kind: name, name: [utils.boil, utils.cool]}\n")
    assert main([str(python), "--rules", str(rules), "--explained"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "No kettle. (1)",
        "  utils.boil: there is no such name",
        "explains nothing: No kettle. (name: utils.cool)",
        (
            "unexplained: HfApi.brew_tea: there is no such method:"
            " write a flow in hub_typed/flows/, after an operation in spec/ if it needs a new one"
        ),
        (
            "unexplained: errors.TeaError: there is no such name:"
            " define it, and list it under `errors` in codegen/places.yaml"
        ),
        "surface-diff: 2 methods of huggingface_hub 9.9: 1 explained, 2 unexplained",
    ]
    rules.write_text("- {reason: No tea., name: [HfApi.brew_tea, errors.TeaError, utils.boil]}\n")
    assert main([str(python), "--rules", str(rules)]) == 0


@pytest.mark.parametrize(
    ("difference", "change"),
    [
        (Difference("HfApi.whoami.token", "parameter"), "change it in hub_typed/flows/users.py"),
        (
            Difference("HfApi.count_jobs", "method"),
            "`expose` the operation in spec/jobs.yaml, or write a flow that sends it",
        ),
        (Difference("utils.boil", "name"), "define it, and list it under `utils` in codegen/places.yaml"),
        (Difference("HfUri", "name"), "define it, and list it under `hub_typed` in codegen/places.yaml"),
        (Difference("lfs.HfUri", "name"), "list it under `lfs` in codegen/places.yaml"),
    ],
)
def test_what_to_change_is_told_by_file(difference, change):
    assert checked._Sources.read().change(difference) == change


def test_wrong_rules_are_refused(tmp_path, capsys):
    (tmp_path / "rules.yaml").write_text("- {kind: name}\n")
    assert main([sys.executable, "--rules", str(tmp_path / "rules.yaml")]) == 2
    assert "a rule has a reason" in capsys.readouterr().err


def test_every_accepted_difference_has_a_reason():
    assert all(rule.reason for rule in read_rules(RULES, WORDS))


def test_an_interpreter_without_the_reference_is_an_error(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        surface_of(Path(sys.executable))
