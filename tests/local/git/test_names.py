"""Refs and paths must have their canonical spelling: any other spelling does not exist."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.local.community.discussing import propose

ALIASES = [
    "/main",
    "//main",
    "main/",
    "./main",
    "main/.",
    "main/../main",
    "main.",
    "main.lock",
    "main@{0}",
    "main\0",
    "main\0x",
    "main\n",
    "main ",
    "ma\x1bin",
    "refs//heads/main",
    "refs/heads//main",
    "refs/heads/main/",
    "refs/heads/./main",
    "refs/heads/../heads/main",
    "refs/heads/../pr/1",
    "/refs/heads/main",
    "heads/main",
    "refs/pr//1",
    "refs/pr/1/",
    "refs/pr/./1",
    "refs/pr/01",
    "refs/pr/1\0",
    "refs/pr/\u0661",
    "@",
    "main^0",
    "main~0",
    "main:x",
    "FETCH_HEAD",
]


@pytest.fixture
def pull(ada):
    """Number of a closed pull request."""
    num = propose(ada)
    assert ada("POST", f"/api/models/ada/m/discussions/{num}/status", {"status": "closed"}).status == 200
    return num


def refs(caller):
    return caller("GET", "/api/models/ada/m/refs?include_prs=1").json()


@pytest.mark.parametrize("alias", ALIASES, ids=ascii)
def test_another_way_to_write_a_ref_reads_and_changes_nothing(ada, pull, alias):
    before, name = refs(ada), quote(alias, safe="")
    requests = [
        ("GET", f"/api/models/ada/m/revision/{name}", None),
        ("GET", f"/api/models/ada/m/tree/{name}", None),
        ("GET", f"/api/models/ada/m/commits/{name}", None),
        ("GET", f"/ada/m/resolve/{name}/.gitattributes", None),
        ("GET", f"/ada/m/raw/{name}/.gitattributes", None),
        ("POST", f"/api/models/ada/m/paths-info/{name}", b"paths=.gitattributes"),
        ("POST", f"/api/models/ada/m/preupload/{name}", {"files": []}),
        ("POST", f"/api/models/ada/m/super-squash/{name}", {}),
        ("POST", f"/api/models/ada/m/tag/{name}", {"tag": "v1"}),
        ("POST", "/api/models/ada/m/branch/new", {"startingPoint": alias}),
        ("DELETE", f"/api/models/ada/m/branch/{name}", None),
        ("DELETE", f"/api/models/ada/m/tag/{name}", None),
        ("POST", f"/api/models/ada/m/upload/{name}/x.txt", b"x"),
        ("DELETE", f"/api/models/ada/m/delete/{name}/.gitattributes", None),
    ]
    for method, path, data in requests:
        answer = ada(method, path, data)
        assert answer.status in (400, 404), (method, path, answer.status, answer.body)
        assert "x-repo-commit" not in answer.headers
    assert ada.commit("models/ada/m", ada.file("x", b"1"), to=name).status in (400, 404)
    assert refs(ada) == before


@pytest.mark.parametrize(
    "alias", [alias for alias in ALIASES if alias not in ("heads/main", "FETCH_HEAD", "@", "refs/pr/01")], ids=ascii
)
def test_what_git_would_change_is_no_name_of_a_branch_or_tag(ada, alias):
    before, name = refs(ada), quote(alias, safe="")
    assert ada("POST", f"/api/models/ada/m/branch/{name}", {"overwrite": True}).status == 400
    assert ada("POST", "/api/models/ada/m/tag/main", {"tag": alias}).status == 400
    assert ada("POST", "/api/models/ada/m/tag/main", {"tag": alias, "message": "annotated"}).status == 400
    assert refs(ada) == before


PATHS = ["a//b", "./a/b", "a/./b", "a/../a/b", "/a/b", "a/b/", "a/b\0", "a/b\0c", "a\0/b", "a/..", "../a/b"]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_another_way_to_write_a_path_leads_to_no_file(ada, path):
    ada.put("models/ada/m", "a/b", b"content")
    before, name = refs(ada), quote(path, safe="/")
    for method, url, data in [
        ("GET", f"/ada/m/resolve/main/{name}", None),
        ("GET", f"/ada/m/raw/main/{name}", None),
        ("POST", f"/api/models/ada/m/upload/main/{name}", b"other"),
        ("DELETE", f"/api/models/ada/m/delete/main/{name}", None),
    ]:
        assert ada(method, url, data).status in (400, 404, 422), (method, url)
    for line in (ada.file(path, b"other"), ("deletedFile", {"path": path})):
        assert ada.commit("models/ada/m", line).status in (400, 404, 422)
    if not path.endswith("/"):
        told = ada("POST", "/api/models/ada/m/paths-info/main", {"paths": [path]})
        assert told.status == 400 or told.json() == []
    assert refs(ada) == before


@pytest.mark.parametrize("letter", ["\0", "\n", "\x1b", "\x7f"], ids=ascii)
def test_a_path_that_is_committed_has_no_control_characters(ada, letter):
    assert ada.commit("models/ada/m", ada.file(f"a{letter}b", b"1")).status in (400, 422)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("POST", "/api/models/ada/m/discussions", {"title": "a\0title", "description": ""}),
        ("POST", "/api/models/ada/m/discussions", {"title": "a title", "description": "\0"}),
        ("POST", "/api/collections", {"title": "a\0", "namespace": "ada"}),
        ("POST", "/api/repos/create", {"name": "a\0b"}),
        ("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "ada/n\0", "type": "model"}),
        ("POST", "/api/models/ada/m/tag/main", {"tag": "v1", "message": "a\0b"}),
        ("POST", "/api/models/ada/m/super-squash/main", {"message": "a\0b"}),
        ("POST", "/ada/m/ask-access", {"name": "a\0b"}),
        ("GET", "/api/models?search=a%00b", None),
        ("GET", "/api/users/ada%00/overview", None),
        ("GET", "/api/models/ada%2Fm%00", None),
        ("POST", "/api/models/ada/m/discussions", {"title": "a \ud800 title", "description": ""}),
    ],
)
def test_a_nul_is_refused_wherever_a_text_is_given(ada, method, path, data):
    ada("PUT", "/api/models/ada/m/settings", {"gated": "manual"})
    assert ada(method, path, data).status in (400, 404)


def test_a_nul_may_stand_in_a_file(ada):
    line = ("file", {"path": "x", "content": "a\0b", "encoding": "utf-8"})
    assert ada.commit("models/ada/m", line).status == 200
    assert ada.commit("models/ada/m", ada.file("y", b"1"), summary="a\0b").status == 400
