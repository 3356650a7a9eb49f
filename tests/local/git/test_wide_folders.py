"""Folders with very many files: what is asked of some of them does not cost the square of their number."""

from __future__ import annotations

import pygit2
import pytest

from hub_typed.local.request.lazy_list import LazyList
from tests.linear import assert_linear

FORM = {"content-type": "application/json"}


@pytest.fixture
def filled(hub, ada):
    """Makes a model with a folder of so many files; its name."""

    def made(number, name="{}"):
        repo = f"w{number}"
        if hub.store.find("model", f"ada/{repo}") is None:
            assert ada("POST", "/api/repos/create", {"name": repo}).status == 200
            git = pygit2.Repository(str(hub.store.find("model", f"ada/{repo}").path))
            folder, root = git.TreeBuilder(), git.TreeBuilder()
            blob = git.create_blob(b"x")
            for one in range(number):
                folder.insert(name.format(one), blob, pygit2.enums.FileMode.BLOB)
            root.insert("d", folder.write(), pygit2.enums.FileMode.TREE)
            signed = pygit2.Signature("a", "a@a", 1, 0)
            git.create_commit("refs/heads/wide", signed, signed, "m", root.write(), [])
        return f"models/ada/{repo}"

    return made


def asked(number):
    return {"files": [{"path": f"d/{one}", "size": 1, "sample": ""} for one in range(number)]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("paths-info/wide", lambda number: {"paths": [f"d/{one}" for one in range(number)]}),
        ("paths-info/wide", lambda number: {"paths": [f"d/{one}" for one in range(number)], "expand": True}),
        (
            "preupload/wide",
            lambda number: {"files": [{"path": f"d/{n}", "size": 1, "sample": ""} for n in range(number)]},
        ),
    ],
    ids=["paths", "paths and commits", "preupload"],
)
def test_many_paths_of_one_folder_are_found_in_linear_time(ada, filled, path, body):
    def work(number):
        repo, data = filled(number), body(number)
        return lambda: ada("POST", f"/api/{repo}/{path}", data, FORM)

    assert work(10)().status == 200
    assert_linear(work, 10_000, least=0.05)


def test_many_folders_are_removed_in_linear_time(ada):
    def work(number):
        repo = f"r{number}"
        ada("POST", "/api/repos/create", {"name": repo})
        ada.commit(f"models/ada/{repo}", *(ada.file(f"{one}/f", b"x") for one in range(number)))
        lines = [("deletedFolder", {"path": str(one)}) for one in range(number)]
        return lambda: ada.commit(f"models/ada/{repo}", *lines, to="main")

    assert_linear(work, 3000, least=0.05)


def test_of_a_folder_no_more_is_read_than_the_page_shows(hub, ada, filled, monkeypatch):
    repo = filled(3000)
    read = []
    monkeypatch.setattr(
        "hub_typed.local.git.repository.read_size_and_pointer", lambda git, oid: read.append(oid) or (1, None)
    )

    answer = ada("GET", f"/api/{repo}/tree/wide/d?limit=10&expand=true")

    assert [one["path"] for one in answer.json()] == sorted(f"d/{one}" for one in range(3000))[:10]
    assert all(one["lastCommit"]["title"] == "m" for one in answer.json())
    assert answer.headers["x-total-count"] == "3000"
    assert len(read) <= 10


def test_the_headers_of_a_bounded_number_of_files_are_read(ada, filled, monkeypatch):
    monkeypatch.setattr("hub_typed.local.repos.parameter_counts._MAX_FILES", 20)
    counted = []
    monkeypatch.setattr(
        "hub_typed.local.repos.parameter_counts._count_file",
        lambda git, file, lfs, most: counted.append(file) or (0, {}),
    )
    lines = [ada.file(f"{number}.safetensors", b"x") for number in range(50)]
    lines += [ada.file(".gitattributes", b"")]
    assert ada.commit("models/ada/m", *lines).status == 200

    assert ada("GET", "/api/models/ada/m").status == 200
    assert len(counted) == 20


def test_a_lazy_list_is_made_page_by_page():
    made = []
    lazy = LazyList([1, 2, 3, 4], lambda some: [made.append(one) or 10 * one for one in some])

    assert len(lazy) == 4
    assert list(lazy[1:3]) == [20, 30]
    assert lazy[-1] == 40
    assert made == [2, 3, 4]
    assert list(lazy) == [10, 20, 30, 40]
