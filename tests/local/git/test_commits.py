"""Commits by the API: preupload, changes, and errors."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

ORIGIN = "http://hub.test"
STORAGE = "http://storage.test"
MISSING = "Invalid username or password."
LARGE = b"large\0" * 100


def names(answer):
    return [entry["path"] for entry in answer.json()]


def mode(answer) -> dict[str, str]:
    return {decision["path"]: decision["uploadMode"] for decision in answer.json()["files"]}


def test_preupload_tells_large_files_from_regular_ones(ada):
    asked = [
        {"path": "a.txt", "size": 5, "sample": "aGVsbG8="},
        {"path": "a.bin", "size": 5, "sample": "aGVsbG8="},
        {"path": "empty.bin", "size": 0, "sample": ""},
        {"path": "long.txt", "size": (10 << 20) + 1, "sample": "aGVsbG8="},
        {"path": "almost.txt", "size": 10 << 20, "sample": "aGVsbG8="},
        {"path": "binary.txt", "size": 5, "sample": "AGVsbG8="},
    ]

    answer = ada("POST", "/api/models/ada/m/preupload/main", {"files": asked})

    assert mode(answer) == {
        "a.txt": "regular",
        "a.bin": "lfs",
        "empty.bin": "regular",
        "long.txt": "lfs",
        "almost.txt": "regular",
        "binary.txt": "lfs",
    }
    assert answer.json()["commitOid"] == ada("GET", "/api/models/ada/m").json()["sha"]


def test_preupload_goes_by_the_files_that_the_commit_brings(ada):
    asked = [{"path": path, "size": 1, "sample": "YQ=="} for path in ("a.log", "d/b.log", "a.bin", "a.mine")]
    body = {"files": asked, "gitIgnore": "*.log\n!/a.log\n", "gitAttributes": "*.mine filter=lfs\n"}

    answer = ada("POST", "/api/models/ada/m/preupload/main", body)

    assert mode(answer) == {"a.log": "regular", "d/b.log": "regular", "a.bin": "regular", "a.mine": "lfs"}
    assert [one["path"] for one in answer.json()["files"] if one["shouldIgnore"]] == ["d/b.log"]


def test_preupload_obeys_the_gitignore_of_the_revision_unless_another_is_given(ada):
    ada.put("models/ada/m", ".gitignore", b"*.log\nsecret/\n!keep.log\n")
    ada("POST", "/api/models/ada/m/branch/other", {})
    ada.put("models/ada/m", ".gitignore", b"a.txt\n", to="other")
    paths = ("a.log", "keep.log", "d/b.log", "secret/a", "a.txt")
    asked = {"files": [{"path": path, "size": 1, "sample": "YQ=="} for path in paths]}

    def ignored(revision="main", **more):
        answer = ada("POST", f"/api/models/ada/m/preupload/{revision}", asked | more).json()
        return [one["path"] for one in answer["files"] if one["shouldIgnore"]]

    assert ignored() == ["a.log", "d/b.log", "secret/a"]
    assert ignored("other") == ["a.txt"]
    assert ignored("main?create_pr=1") == ["a.log", "d/b.log", "secret/a"]
    assert ignored(gitIgnore="a.txt") == ["a.txt"]
    assert ignored(gitIgnore="") == []
    ada.put("models/ada/m", "d/.gitignore", b"!b.log\nsub\n", to="other")
    assert ignored("other", gitIgnore="*.log\n") == ["a.log", "keep.log"]


def test_preupload_goes_by_the_attributes_of_each_folder(ada):
    ada.commit(
        "models/ada/m",
        ada.file("d/.gitattributes", b"*.bin -filter\n*.mine filter=lfs\n"),
        ada.file("d/e/.gitattributes", b"/a.bin filter=lfs\n"),
    )
    paths = ["a.bin", "a.mine", "d/a.bin", "d/a.mine", "d/e/a.bin", "d/e/f/a.bin", "d/e/f/a.mine"]
    asked = {"files": [{"path": path, "size": 1, "sample": "YQ=="} for path in paths]}

    def large(**more):
        answer = ada("POST", "/api/models/ada/m/preupload/main", asked | more)
        return [path for path, how in mode(answer).items() if how == "lfs"]

    assert large() == ["a.bin", "d/a.mine", "d/e/a.bin", "d/e/f/a.mine"]
    assert large(gitAttributes="a.mine filter=lfs\n") == ["a.mine", "d/a.mine", "d/e/a.bin", "d/e/f/a.mine"]
    assert large(gitAttributes="") == ["d/a.mine", "d/e/a.bin", "d/e/f/a.mine"]


def test_preupload_tells_what_is_there_already(ada):
    oid = ada.upload(LARGE)
    ada.commit("models/ada/m", ada.large("w.bin", oid), ada.file("a", b"123"))
    asked = [{"path": path, "size": 1, "sample": "YQ=="} for path in ("w.bin", "a", "new")]

    told = ada("POST", "/api/models/ada/m/preupload/main", {"files": asked}).json()["files"]

    blob = {entry["path"]: entry["oid"] for entry in ada("GET", "/api/models/ada/m/tree/main").json()}["a"]
    assert [decision.get("oid") for decision in told] == [oid, blob, None]


def test_a_commit_does_all_that_its_lines_say(ada):
    ada.commit("models/ada/m", *(ada.file(path, b"old") for path in ("keep", "gone", "d/a", "d/b", "e/a")))
    oid = ada.upload(LARGE)

    answer = ada.commit(
        "models/ada/m",
        ada.file("new", b"new"),
        ada.large("w.bin", oid, len(LARGE)),
        ("deletedFile", {"path": "gone"}),
        ("deletedFolder", {"path": "d/"}),
        ("deletedFolder", {"path": "e"}),
        ("file", {"path": "text", "content": "ü", "encoding": "utf-8"}),
        description="at length",
    ).json()

    assert answer["success"] is True
    assert answer["commitUrl"] == f"{ORIGIN}/ada/m/commit/{answer['commitOid']}"
    tree = names(ada("GET", "/api/models/ada/m/tree/main?recursive=true"))
    assert tree == [".gitattributes", "keep", "new", "text", "w.bin"]
    commit = ada("GET", "/api/models/ada/m/commits/main?expand[]=formatted").json()[0]
    assert (commit["title"], commit["message"], commit["authors"]) == ("a change", "at length", [{"user": "ada"}])
    assert commit["formatted"] == {"title": "a change", "message": "at length"}


def test_a_deleted_file_may_be_a_folder(ada):
    ada.commit("models/ada/m", *(ada.file(path, b"1") for path in ("a", "ab", "d/a", "d/e/b", "e/a", "f/a")))

    assert ada.commit("models/ada/m", ("deletedFile", {"path": "d"}), ("deletedFile", {"path": "e/"})).status == 200
    assert ada.commit("models/ada/m", ("deletedFile", {"path": "a"})).status == 200
    assert ada.commit("models/ada/m", ("deletedFile", {"path": "ab/"})).error == (404, "EntryNotFound")
    assert ada.commit("models/ada/m", ("deletedFile", {"path": "f/b"})).error == (404, "EntryNotFound")
    assert names(ada("GET", "/api/models/ada/m/tree/main?recursive=true")) == [".gitattributes", "ab", "f", "f/a"]


def test_backslashes_inside_a_path_are_part_of_the_name(ada):
    paths = [r"a\b.txt", "d\\e/f\\", r"d/\x"]
    assert ada.commit("models/ada/m", *(ada.file(path, path.encode()) for path in paths)).status == 200

    tree = names(ada("GET", "/api/models/ada/m/tree/main?recursive=true"))
    assert {path for path in tree if "\\" in path} >= set(paths)
    for path in paths:
        assert ada("GET", f"/ada/m/resolve/main/{quote(path)}").body == path.encode()
    assert ada("POST", rf"/api/models/ada/m/upload/main/{quote(paths[0])}", b"new").status == 200
    assert ada.commit("models/ada/m", *(("deletedFile", {"path": path}) for path in paths)).status == 200


@pytest.mark.parametrize(
    "path", ["\\a", "\\\\server\\share", "\\", r"a\..\b", r"..\a", r"a\.git\config", r"a/b\.GIT\x"]
)
def test_backslashes_must_lead_nowhere_else(ada, path):
    oid = ada.upload(LARGE)

    for line in (ada.file(path, b"1"), ada.large(path, oid), ("deletedFile", {"path": path})):
        assert ada.commit("models/ada/m", line).status == 422
    assert ada("POST", f"/api/models/ada/m/upload/main/{quote(path)}", b"1").status == 422


def test_git_learns_which_files_are_large(ada):
    ada.commit("models/ada/m", ada.large("a b.dat", ada.upload(LARGE)), ada.large("w.bin", ada.upload(LARGE + b"1")))

    attributes = ada("GET", "/ada/m/resolve/main/.gitattributes").body.decode()

    assert attributes.endswith("/a[[:space:]]b.dat filter=lfs diff=lfs merge=lfs -text\n")
    assert "/w.bin" not in attributes


def test_git_is_told_nothing_that_it_knows(ada):
    before = ada("GET", "/ada/m/resolve/main/.gitattributes").body
    oid = ada.upload(LARGE)
    ada.commit("models/ada/m", ada.file("d/.gitattributes", b"*.mine filter=lfs\n"), ada.large("d/a.mine", oid))
    assert ada("GET", "/ada/m/resolve/main/.gitattributes").body == before

    ada.commit("models/ada/m", ada.large("d/e/a.mine", oid), ada.large("a.mine", oid))
    after = ada("GET", "/ada/m/resolve/main/.gitattributes").body
    assert after == before + b"/a.mine filter=lfs diff=lfs merge=lfs -text\n"


def test_a_commit_on_an_old_parent_is_refused(ada):
    old = ada("GET", "/api/models/ada/m").json()["sha"]
    new = ada.put("models/ada/m", "x", b"1")

    for parent in (old, old[:5], old[:7].upper(), new[:4] + "x", new[:4], new + "0", "main"):
        status = 412 if old.startswith(parent.lower()) else 400
        assert ada.commit("models/ada/m", ada.file("x", b"2"), parentCommit=parent).status == status, parent
    newer = ada.commit("models/ada/m", ada.file("x", b"2"), parentCommit=new[:5].upper()).json()["commitOid"]
    assert ada.commit("models/ada/m", ada.file("x", b"3"), parentCommit=newer).status == 200


def test_of_concurrent_commits_with_one_parent_one_is_created(ada):
    parent = ada("GET", "/api/models/ada/m").json()["sha"]
    for _ in range(5):
        with ThreadPoolExecutor(8) as threads:
            sent = [
                threads.submit(ada.commit, "models/ada/m", ada.file(f"{n}", parent.encode()), parentCommit=parent)
                for n in range(8)
            ]
        statuses = [one.result().status for one in sent]
        assert sorted(statuses) == [200, *[412] * 7]
        created = sent[statuses.index(200)].result().json()["commitOid"]
        history = [one["id"] for one in ada("GET", "/api/models/ada/m/commits/main").json()]
        assert history[:2] == [created, parent]
        parent = created


def regular(path, content):
    return "file", {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (("deletedFile", {"path": "nope"}), (404, "EntryNotFound")),
        (("deletedFolder", {"path": "nope"}), (404, "EntryNotFound")),
        (regular("../x", b""), (422, None)),
        (regular("a//b", b""), (422, None)),
        (regular(r"..\ddd", b""), (422, None)),
        (regular("d/.git/config", b""), (422, None)),
        (regular("/x", b""), (422, None)),
        (regular("x", b"0" * ((10 << 20) + 1)), (400, None)),
        (("lfsFile", {"path": "x", "algo": "sha256", "oid": "ab" * 32, "size": 5}), (422, None)),
        (("lfsFile", {"path": "x", "algo": "sha256", "oid": "nonsense", "size": 5}), (400, None)),
        (("file", {"path": "x", "content": "?", "encoding": "base64"}), (400, None)),
        (("file", {"path": "x"}), (400, None)),
        (("nonsense", {"path": "x"}), (400, None)),
    ],
)
def test_a_commit_that_cannot_be_is_refused_as_a_whole(ada, line, error):
    before = ada("GET", "/api/models/ada/m").json()["sha"]

    assert ada.commit("models/ada/m", ada.file("good", b"1"), line).error == error
    assert ada("GET", "/api/models/ada/m").json()["sha"] == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"key": "header", "value": {"summary": ""}}', b'{"key": "header"}']
)
def test_a_commit_without_a_header_is_refused(ada, body):
    assert ada("POST", "/api/models/ada/m/commit/main", body).status == 400


def test_a_commit_goes_to_a_branch_only(ada):
    sha = ada("GET", "/api/models/ada/m").json()["sha"]
    ada("POST", "/api/models/ada/m/tag/main", {"tag": "v1"})

    for revision in ("nope", "v1", "refs%2Ftags%2Fv1", sha):
        assert ada.commit("models/ada/m", ada.file("x", b"1"), to=revision).error == (404, "RevisionNotFound")


def test_commits_at_the_same_time_lose_nothing(ada):
    def put(name: str) -> None:
        for number in range(5):
            ada.put("models/ada/m", f"{name}/{number}", b"1")

    threads = [threading.Thread(target=put, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(ada("GET", "/api/models/ada/m/tree/main?recursive=true"))) == 1 + 4 + 20
    assert ada("GET", "/api/models/ada/m/commits/main").headers["x-total-count"] == "21"
