"""``python -m codegen``: the same from everywhere, and able to tell when it was forgotten."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.__main__ import main
from codegen.hub import generate
from codegen.write.folders import differences, replace

GOLDEN = Path(__file__).parent / "golden"
LIBRARY = GOLDEN / "library"


def arguments(folder: Path, *more: str, case: Path = LIBRARY) -> list[str]:
    """The arguments for one of the small specs; what is generated goes into two folders of one."""
    targets = ("--output", str(folder / "generated"), "--pages", str(folder / "pages"))
    return ["--spec", str(case / "spec"), "--library", str(case / "hub_typed"), *targets, *more]


def make(folder: Path, spec: Path, library: Path) -> None:
    generate(spec, library, folder / "generated", folder / "pages")


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    assert main(arguments(folder)) == 0
    return folder


@pytest.fixture
def copy(generated, tmp_path):
    return Path(shutil.copytree(generated, tmp_path / "copy"))


def test_what_is_committed_is_what_the_spec_and_the_flows_say(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("case", ["shapes", "library"])
def test_neither_the_hash_seed_nor_the_working_folder_matters(case, repository, tmp_path):
    make(tmp_path / "here", GOLDEN / case / "spec", GOLDEN / case / "hub_typed")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text("[tool.ruff]\nline-length = 60\n")
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "codegen", *arguments(tmp_path / seed, case=GOLDEN / case)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(repository)}
        subprocess.run(command, check=True, cwd=elsewhere, env=environment)
        assert not differences(tmp_path / seed, tmp_path / "here")


def test_a_fresh_copy_passes_the_check(copy, capsys):
    assert main(arguments(copy, "--check")) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("place", ["generated/hub_typed_api/operations/books.py", "pages/books.md"])
@pytest.mark.parametrize("what", ["changed", "missing", "extra"])
def test_the_check_tells_what_differs_and_changes_nothing(copy, capsys, place, what):
    file = copy / place
    target = copy / Path(place).parts[0]
    if what == "changed":
        file.write_text(file.read_text().replace("GET", "HEAD"))
    elif what == "missing":
        file.unlink()
    else:
        file = file.with_stem("rooms")
        file.write_text("")
    before = contents(copy)
    assert main(arguments(copy, "--check")) == 1
    assert contents(copy) == before
    out, err = capsys.readouterr()
    said = {
        "changed": "--- committed/{0}\n+++ generated/{0}\n",
        "missing": "missing: {0}\n",
        "extra": "not generated: {0}\n",
    }
    assert out.startswith(said[what].format(file.relative_to(target)))
    assert err == f"{target} is not what spec/, flows and codegen/places.yaml say: run `make generate` and commit.\n"


@pytest.mark.parametrize("more", [[], ["--check"]], ids=["write", "check"])
def test_a_mistake_is_said_and_leaves_all_as_it_is(copy, tmp_path, capsys, more):
    spec = Path(shutil.copytree(LIBRARY / "spec", tmp_path / "spec"))
    books = spec / "books.yaml"
    books.write_text(books.read_text().replace("expose: true", "expose: false", 1))
    before = contents(copy)
    assert main([*arguments(copy, *more), "--spec", str(spec)]) == 2
    assert contents(copy) == before
    assert capsys.readouterr() == ("", f"{books}:8: x-hub expose: False is not one of True\n")


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_what_differs_is_written(tmp_path):
    made, committed = tmp_path / "made", tmp_path / "committed"
    for name, new, old in [
        ("same.py", "same", "same"),
        ("changed.py", "new", "old"),
        ("new/added.py", "added", None),
        ("old/removed.py", None, "removed"),
    ]:
        for folder, text in ((made, new), (committed, old)):
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
    os.utime(committed / "same.py", ns=(1, 1))
    replace(made, committed)
    assert not differences(made, committed)
    assert (committed / "same.py").stat().st_mtime_ns == 1
    assert not (committed / "old").exists()


def test_a_changed_description_changes_the_lines_that_show_it(generated, tmp_path):
    spec = Path(shutil.copytree(LIBRARY / "spec", tmp_path / "spec"))
    books = spec / "books.yaml"
    books.write_text(books.read_text().replace("Who wrote them.", "Whose they are."))
    make(tmp_path / "made", spec, LIBRARY / "hub_typed")
    found = differences(tmp_path / "made", generated)
    assert len(found) == 6  # operation, method, asynchronous method, function, OpenAPI document, page
    changed = re.findall(r"^[-+](?![-+]).*$", "\n".join(found), re.MULTILINE)
    assert all("Who wrote them." in line or "Whose they are." in line for line in changed)
    assert len(changed) == 2 * 6  # the function bears the docstring of the method


@pytest.mark.parametrize("place", ["generated", "pages"])
@pytest.mark.parametrize("name", ["thesis.tex", "README.md"])
def test_a_folder_of_something_else_is_left_alone(tmp_path, capsys, place, name):
    thesis = tmp_path / place / name
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    with pytest.raises(SystemExit):
        main(arguments(tmp_path))
    assert f"{thesis.parent} holds something else" in capsys.readouterr().err
    assert contents(tmp_path) == {thesis: b"years of work"}
