"""Patterns of .gitattributes and .gitignore, compared with git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from hub_typed.local.git.patterns import IGNORE, Attributes, Ignore, lfs_line
from hub_typed.local.repos.store import GITATTRIBUTES

PATHS = [
    "a.bin", "x/y/a.safetensors", "a.txt", "saved_model/x", "saved_model/a/b", "x/saved_model/b", "events.tfevents.1",
    "model", "weird name3", "d/weird name3", "a b*.dat", "a bc.dat", "q/[x].d", "q/x.d", "!a", "#a", "keep/a.bin",
    "a.log", "b/keep.log", "build/x", "s/build/y", "top", "s/top", "doc/x", "doc/a/b/x", "bz", "az", "a]b", "p/deep/t",
    "deep/t", "deep/t/u", "b1", "b.1", "aXb", "caché.log", "build", "back\\slash", "x.tar.gz", "all/in/here",
]  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def large(work: Path) -> set[str]:
    """Return the paths that git stores with LFS."""
    # -z: no quoting of names.
    ask = ["git", "-C", str(work), "check-attr", "-z", "filter", "--", *PATHS]
    told = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.split("\0")
    return {path for path, value in zip(told[::3], told[2::3], strict=False) if value == "lfs"}


@pytest.mark.parametrize(
    "text",
    [
        GITATTRIBUTES,
        GITATTRIBUTES + "*.bin -filter\nkeep/*.bin filter=lfs\n*.safetensors !filter\n",
        "/weird[[:space:]]name[0-9] filter=lfs\n# *.txt filter=lfs\n\n  *.txt   text filter=lfs -text\n",
        "".join(lfs_line(path) for path in ("a b*.dat", "q/[x].d", "!a", "#a", "model", "back\\slash")),
        "deep/** filter=lfs\nb[!z]1 filter=lfs\n**/x filter=lfs\na?b filter=lfs\n*.log filter=other\n",
    ],
)
def test_attributes_decide_as_git_does(work, text):
    (work / ".gitattributes").write_text(text)

    attributes = Attributes(lambda path: text if path == ".gitattributes" else "")

    assert {path for path in PATHS if attributes.lfs(path)} == large(work)


def test_the_attributes_of_the_nearest_folder_come_first(work):
    texts = {
        ".gitattributes": "*.bin filter=lfs\n\u00a0*.txt filter=lfs\n/x/y/*.safetensors filter=lfs\n",
        "keep/.gitattributes": "*.bin -filter\n",
        "x/.gitattributes": "y/* !filter\n",
        "x/y/.gitattributes": "a.safetensors\tfilter=lfs\n/x.d filter=lfs\n",
        "q/.gitattributes": "/x.d filter=lfs\nq/x.d -filter\n",
        "doc/a/.gitattributes": "b/x text\n/b/** filter=lfs",
    }
    for path, text in texts.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)

    attributes = Attributes(lambda path: texts.get(path, ""))

    assert {path for path in PATHS if attributes.lfs(path)} == large(work)


@pytest.mark.parametrize(
    "text",
    [
        "*.log\n!keep.log\nbuild/\n/top\ndoc/**/x\n#c\n\n[!a]z\na[]]b\n**/deep/t\n",
        "build/\n!build/x\n\\#a\n\\!a\nall/**\nb.1\n",
        "*\n!*.txt\n!x/\n",
        "deep\na?b  \n*.tar.gz\nq/\\[x\\].d\n",
    ],
)
def test_ignored_files_are_those_that_git_ignores(work, text):
    (work / ".gitignore").write_text(text)
    paths = [path for path in PATHS if path != "build"]  # it is a folder of other paths here
    for path in paths:
        (work / path).parent.mkdir(parents=True, exist_ok=True)
    ask = ["git", "-C", str(work), "check-ignore", "-z", "--no-index", "--stdin"]
    told = subprocess.run(ask, input="\0".join(paths), capture_output=True, text=True, check=False).stdout

    ignore = Ignore(lambda path: text if path == IGNORE else "")

    assert {path for path in paths if ignore.ignores(path)} == set(told.split("\0")) - {""}


@pytest.mark.parametrize(
    "texts",
    [
        {"": "*.log\n", "a/": "!keep.log\n", "a/b/": "keep.log\n/top\n"},
        {"": "a/b/\n", "a/b/": "!*\n"},
        {"": "top\n", "a/": "!/top\nb/keep.log\n", "a/b/": "!keep.log\n"},
        {"a/": "*\n!b/\n!top\n", "a/b/": "!keep.log\n"},
        {"a/": "b/\n"},
        {"a/b/": "\n# nothing\n"},
    ],
)
def test_files_ignored_by_folders_are_those_that_git_ignores(work, texts):
    paths = [f"{folder}{name}" for folder in ("", "a/", "a/b/", "c/") for name in ("top", "keep.log", "x.log", "y")]
    for folder in ("a/b", "c"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    for folder, text in texts.items():
        (work / folder / IGNORE).write_text(text)
    ask = ["git", "-C", str(work), "check-ignore", "-z", "--no-index", "--stdin"]
    told = subprocess.run(ask, input="\0".join(paths), capture_output=True, text=True, check=False).stdout

    ignore = Ignore(lambda path: texts.get(path.removesuffix(IGNORE), ""))

    assert {path for path in paths if ignore.ignores(path)} == set(told.split("\0")) - {""}


FEW = ["a", "b", "-", "]", "[", "ab", "a/b", "a/a/b", "b/a", "a/b/a/b", "a-b", "b/ab/a", "!", "\\", "a b", "a ", "*"]
rules = st.lists(st.text("aab*/?[]!^-\\: ", min_size=1, max_size=8), min_size=1, max_size=3).map("\n".join)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules)
@example("[[:alpha:]]\n[[:nope:]]\n[[:]\n[a")
@example("[b-a]\n[!b-a]b\n[a-]\n[]-a]")
@example("/**\n!a/**/b\n!**a**/b")
@example("a\\ \nb\\")
@example("**/a/**/a/**")
@example("a\\/b\n[a/]b")
@example("[\\\\-a]\n[\\[:alpha:]]")
def test_any_pattern_means_what_git_says(work, text):
    (work / ".gitignore").write_text(text)
    ask = ["git", "-C", str(work), "check-ignore", "-z", "--no-index", "--stdin"]
    told = subprocess.run(ask, input="\0".join(FEW), capture_output=True, text=True, check=False).stdout

    ignore = Ignore(lambda path: text if path == IGNORE else "")

    assert {path for path in FEW if ignore.ignores(path)} == set(told.split("\0")) - {""}
