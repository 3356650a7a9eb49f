"""Repositories: creation, deletion, renames, and infos."""

from __future__ import annotations

import re

import pytest

ORIGIN = "http://hub.test"
STORAGE = "http://storage.test"
MISSING = "Invalid username or password."
LARGE = b"large\0" * 100


def names(answer):
    return [entry["path"] for entry in answer.json()]


# Repositories


def test_a_new_repository_has_a_first_commit(ada):
    created = ada("POST", "/api/repos/create", {"name": "new", "type": "dataset"}).json()

    assert created["url"] == f"{ORIGIN}/datasets/ada/new"
    assert created["name"] == "ada/new"
    assert names(ada("GET", "/api/datasets/ada/new/tree/main")) == [".gitattributes"]
    (commit,) = ada("GET", "/api/datasets/ada/new/commits/main").json()
    assert (commit["title"], commit["authors"][0]["user"]) == ("initial commit", "ada")


def test_a_repository_cannot_be_made_twice(ada):
    answer = ada("POST", "/api/repos/create", {"name": "m"})

    assert answer.status == 409
    assert answer.json() == {"error": "You already created this model repo", "url": f"{ORIGIN}/ada/m"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "-x"}, 400),
        ({"name": "a--b"}, 400),
        ({"name": "a/b"}, 400),
        ({"name": "x" * 97}, 400),
        ({"name": ".."}, 400),
        ({"name": "x.git"}, 400),
        ({}, 400),
        ({"name": "s", "type": "space"}, 400),
        ({"name": "x", "organization": "bob"}, 403),
    ],
)
def test_a_repository_must_have_a_name_of_its_owner(ada, body, status):
    assert ada("POST", "/api/repos/create", body).status == status


def test_a_deleted_repository_is_gone(ada):
    answer = ada("DELETE", "/api/repos/delete", {"name": "m"})

    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"OK", "text/plain; charset=utf-8")
    assert ada("GET", "/api/models/ada/m").error == (404, "RepoNotFound")
    assert ada("DELETE", "/api/repos/delete", {"name": "m"}).error == (404, "RepoNotFound")
    assert ada("POST", "/api/repos/create", {"name": "m"}).status == 200


def test_a_repository_that_moved_is_redirected_to(hub, ada):
    repo = hub.store.find("model", "ada/m")
    assert repo is not None
    hub.store.move(repo, "ada/n")

    answer = ada("GET", "/api/models/ada/m/tree/main?recursive=true")

    assert answer.status == 307
    assert answer.headers["location"] == "/api/models/ada/n/tree/main?recursive=true"
    assert answer.body.decode() == "Temporary Redirect. Redirecting to /api/models/ada/n/tree/main?recursive=true"
    assert ada("GET", "/ada/m/resolve/main/x").headers["location"] == "/ada/n/resolve/main/x"
    batch = ada("POST", "/ada/m.git/info/lfs/objects/batch", {"operation": "download", "objects": []})
    assert batch.headers["location"] == "/ada/n.git/info/lfs/objects/batch"
    ada("POST", "/api/repos/create", {"name": "m"})
    assert ada("GET", "/api/models/ada/m").json()["id"] == "ada/m"


def test_only_the_name_in_a_path_is_replaced(hub, ada):
    hub.store.move(hub.store.create("model", "a", user="ada"), "b")

    assert ada("GET", "/api/models/a/tree/main/a").headers["location"] == "/api/models/b/tree/main/a"


def test_an_owner_moves_a_repository(hub, ada, bob, login):
    def move(caller, old, new, **more):
        return caller("POST", "/api/repos/move", {"fromRepo": old, "toRepo": new, **more})

    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    ada("POST", "/api/repos/create", {"name": "taken"})

    assert move(ada, "ada/m", "ada/n").status == 200
    assert ada("GET", "/api/models/ada/n").json()["id"] == "ada/n"
    assert move(ada, "ada/d", "ada/e", type="dataset").status == 200
    assert ada("GET", "/api/datasets/ada/d").headers["location"] == "/api/datasets/ada/e"
    assert move(ada, "ada/nope", "ada/x").error == (404, "RepoNotFound")
    assert move(ada, "ada/m", "ada/x").error == (404, "RepoNotFound"), "there is no path to redirect to"
    assert move(ada, "ada/n", "ada/taken").status == 409
    assert move(ada, "ada/n", "bob/n").status == 403
    assert move(bob, "ada/n", "bob/n").status == 403
    for name in ("n", "ada/", "/n", "ada/n.git", "ada/-n", "a/b/c"):
        assert move(ada, "ada/n", name).status in (400, 403), name
    assert move(login(hub, "root", "admin"), "ada/n", "bob/n").status == 200
    assert bob("GET", "/api/models/ada/m").headers["location"] == "/api/models/bob/n"
    assert bob("DELETE", "/api/repos/delete", {"name": "m", "organization": "ada"}).status == 404


def test_the_new_name_of_a_private_repository_is_not_told(hub, ada, bob, anyone):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    hub.store.move(hub.store.find("model", "ada/secret"), "ada/hidden")

    assert ada("GET", "/api/models/ada/secret").headers["location"] == "/api/models/ada/hidden"
    assert bob("GET", "/api/models/ada/secret").error == (404, "RepoNotFound")
    assert anyone("GET", "/api/models/ada/secret").status == 401


def test_every_operation_on_an_old_name_is_redirected(hub, ada):
    sha = ada("GET", "/api/models/ada/m").json()["sha"]
    hub.store.move(hub.store.find("model", "ada/m"), "ada/n")

    for method, path in [
        ("GET", "/api/models/ada/m"),
        ("HEAD", "/api/models/ada/m"),
        ("GET", f"/api/models/ada/m/revision/{sha}"),
        ("GET", "/api/models/ada/m/refs"),
        ("GET", "/api/models/ada/m/commits/main"),
        ("GET", "/api/models/ada/m/tree/main/d%2Fe"),
        ("GET", "/api/models/ada/m/auth-check"),
        ("POST", "/api/models/ada/m/paths-info/main"),
        ("POST", "/api/models/ada/m/preupload/main"),
        ("POST", "/api/models/ada/m/commit/main"),
        ("POST", "/api/models/ada/m/branch/b"),
        ("DELETE", "/api/models/ada/m/branch/b"),
        ("POST", "/api/models/ada/m/tag/main"),
        ("POST", "/api/models/ada/m/super-squash/main"),
        ("GET", "/ada/m/resolve/main/ada/m"),
        ("HEAD", "/ada/m/resolve/main/x"),
    ]:
        body = {"paths": ["x"], "files": [], "tag": "t"} if method == "POST" else None
        answer = ada(method, path, body, {"content-type": "application/json"})
        assert (answer.status, answer.headers.get("location")) == (307, path.replace("/ada/m", "/ada/n", 1)), path
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_history_is_squashed(ada):
    for number in range(3):
        ada.put("models/ada/m", "x", b"%d" % number)
    ada("POST", "/api/models/ada/m/branch/dev%2Fx", {})
    ada("POST", "/api/models/ada/m/tag/main", {"tag": "v1"})
    tree = ada("GET", "/api/models/ada/m/tree/main").json()

    def squash(branch, **body):
        return ada("POST", f"/api/models/ada/m/super-squash/{branch}", body)

    told = squash("dev%2Fx", message="One\n\nfor all").json()
    assert squash("main").status == 200

    assert set(told) == {"commitId"}
    (only,) = ada("GET", "/api/models/ada/m/commits/dev%2Fx").json()
    assert (only["id"], only["title"], only["message"]) == (told["commitId"], "One", "for all")
    (only,) = ada("GET", "/api/models/ada/m/commits/main").json()
    assert only["authors"] == [{"user": "ada"}]
    assert ada("GET", "/api/models/ada/m/tree/main").json() == tree
    assert squash("v1").status == 400
    assert squash(only["id"]).status == 400
    assert squash("nope").error == (404, "RevisionNotFound")


def test_a_card_is_checked(ada):
    good = ada("POST", "/api/validate-yaml", {"content": "---\nlicense: mit\n---\n", "repoType": "model"})
    bare = ada("POST", "/api/validate-yaml", {"content": "# Title", "repoType": "model"})
    bad = ada("POST", "/api/validate-yaml", {"content": "---\na: [\n---\n", "repoType": "model"})

    assert (good.status, good.json()) == (200, {"errors": [], "warnings": []})
    assert (bare.status, len(bare.json()["warnings"])) == (200, 1)
    assert bad.status == 400
    assert "YAML" in bad.json()["errors"][0]["message"]


# Infos and lists


README = b"""---
license: apache-2.0
language: [en, fr]
library_name: transformers
pipeline_tag: text-generation
tags: [demo]
datasets: ada/d
date: 2024-01-01
---
# Hello
"""


def test_the_info_of_a_model_is_what_its_files_say(ada):
    ada.put("models/ada/m", "README.md", README)
    ada.put("models/ada/m", "config.json", b'{"model_type": "bert", "hidden_size": 3}')
    oid = ada.upload(LARGE)
    commit = ada.commit("models/ada/m", ada.large("model.safetensors", oid)).json()["commitOid"]

    info = ada("GET", "/api/models/ada/m?blobs=true").json()

    assert (info["id"], info["modelId"], info["author"], info["sha"]) == ("ada/m", "ada/m", "ada", commit)
    assert (info["private"], info["gated"], info["disabled"]) == (False, False, False)
    assert (info["likes"], info["downloads"]) == (0, 0)
    assert (info["library_name"], info["pipeline_tag"]) == ("transformers", "text-generation")
    assert info["cardData"]["date"] == "2024-01-01"
    assert info["config"] == {"model_type": "bert"}
    assert set(info["tags"]) == {
        *("transformers", "bert", "text-generation", "demo", "en", "fr"),
        *("dataset:ada/d", "license:apache-2.0", "safetensors", "region:us"),
    }
    assert re.fullmatch(r"[0-9a-f]{24}", info["_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", info["lastModified"])
    siblings = {sibling["rfilename"]: sibling for sibling in info["siblings"]}
    assert siblings["README.md"]["size"] == len(README)
    assert siblings["model.safetensors"]["lfs"] == {"sha256": oid, "size": len(LARGE), "pointerSize": 128}
    assert siblings["model.safetensors"]["size"] == len(LARGE)


def test_an_info_without_blobs_names_the_files_only(ada):
    assert ada("GET", "/api/models/ada/m").json()["siblings"] == [{"rfilename": ".gitattributes"}]


def test_expand_gives_what_was_asked_for(ada):
    assert set(ada("GET", "/api/models/ada/m?expand=sha&expand=gated").json()) == {"_id", "id", "sha", "gated"}
    assert set(ada("GET", "/api/models/ada/m?expand[]=gated").json()) == {"_id", "id", "gated"}
    assert ada("GET", "/api/models/ada/m?expand=nonsense").status == 400


def test_an_unreadable_card_spoils_nothing(ada):
    ada.put("models/ada/m", "README.md", b"---\na: [\n---\n")

    assert "cardData" not in ada("GET", "/api/models/ada/m").json()


@pytest.mark.usefixtures("ada")
def test_lists_are_filtered(bob, anyone):
    for name in ("bert-base", "bert-large"):
        bob("POST", "/api/repos/create", {"name": name})
    bob("POST", "/api/repos/create", {"name": "bert-secret", "private": True})
    bob.put("models/bob/bert-base", "README.md", README)

    def listed(query: str, caller=anyone) -> list[str]:
        return sorted(model["id"] for model in caller("GET", f"/api/models?{query}").json())

    assert listed("") == ["ada/m", "bob/bert-base", "bob/bert-large"]
    assert listed("", bob) == ["ada/m", "bob/bert-base", "bob/bert-large", "bob/bert-secret"]
    assert listed("search=BERT&search=large") == ["bob/bert-large"]
    assert listed("author=ada") == ["ada/m"]
    assert listed("filter=fr&filter=license:apache-2.0") == ["bob/bert-base"]
    assert listed("pipeline_tag=text-generation") == ["bob/bert-base"]
    assert listed("gated=true") == []
    assert anyone("GET", "/api/models?sort=nonsense").status == 400


def test_lists_hold_more_where_more_is_asked_for(ada):
    few = ada("GET", "/api/models").json()[0]
    full = ada("GET", "/api/models?full=true&cardData=true").json()[0]

    assert "siblings" not in few
    assert {"siblings", "sha", "lastModified"} <= set(full)


def test_the_newest_comes_first(ada):
    for name in ("a", "z", "k"):
        ada("POST", "/api/repos/create", {"name": name})

    newest = [model["id"] for model in ada("GET", "/api/models?sort=createdAt").json()]

    assert newest == ["ada/k", "ada/z", "ada/a", "ada/m"]


def test_a_space_tells_its_sdk_and_that_it_has_no_app_yet(ada):
    ada("POST", "/api/repos/create", {"name": "My_app.x", "type": "space", "sdk": "gradio"})

    info = ada("GET", "/api/spaces/ada/My_app.x").json()

    assert (info["sdk"], info["subdomain"], info["runtime"]["stage"]) == ("gradio", "ada-my-app-x", "NO_APP_FILE")
    assert (info["cardData"]["title"], info["cardData"]["sdk"]) == ("My App.X", "gradio")


def test_spaces_are_found_by_what_they_use(ada):
    for name, card in (("a", b"---\nmodels: [ada/m]\n---\n"), ("b", b"---\ndatasets: [ada/d]\n---\n"), ("c", b"")):
        ada("POST", "/api/repos/create", {"name": name, "type": "space", "sdk": "static"})
        ada.put(f"spaces/ada/{name}", "README.md", card)

    def listed(query: str) -> list[str]:
        return sorted(space["id"] for space in ada("GET", f"/api/spaces?{query}").json())

    assert listed("models=ada/m") == ["ada/a"]
    assert listed("datasets=ada/d") == ["ada/b"]
    assert listed("linked=true") == ["ada/a", "ada/b"]
    assert listed("search=c") == ["ada/c"]


# Refs


def test_refs_come_and_go(ada):
    first = ada.put("models/ada/m", "x", b"1")
    second = ada.put("models/ada/m", "x", b"2")

    assert ada("POST", "/api/models/ada/m/branch/dev", {"startingPoint": first}).status == 200
    assert ada("POST", "/api/models/ada/m/tag/main", {"tag": "v1", "message": "one"}).status == 200
    refs = ada("GET", "/api/models/ada/m/refs?include_prs=1").json()
    assert refs == {
        "branches": [
            {"name": "dev", "ref": "refs/heads/dev", "targetCommit": first},
            {"name": "main", "ref": "refs/heads/main", "targetCommit": second},
        ],
        "tags": [{"name": "v1", "ref": "refs/tags/v1", "targetCommit": second}],
        "converts": [],
        "pullRequests": [],
    }
    assert ada("GET", "/ada/m/resolve/v1/x").body == b"2"
    assert ada("DELETE", "/api/models/ada/m/branch/dev").status == 200
    assert ada("DELETE", "/api/models/ada/m/tag/v1").status == 200
    assert len(ada("GET", "/api/models/ada/m/refs").json()["branches"]) == 1


def test_what_refs_cannot_do_is_told(ada):
    path = "/api/models/ada/m"

    answer = ada("POST", f"{path}/branch/main", {})
    assert (answer.status, answer.json()["error"]) == (409, "Reference refs/heads/main already exists")
    assert ada("POST", f"{path}/branch/refs%2Fpr%2F5", {}).status == 400
    assert ada("POST", f"{path}/branch/new", {"startingPoint": "nope"}).error == (404, "RevisionNotFound")
    assert ada("POST", f"{path}/tag/nope", {"tag": "v1"}).error == (404, "RevisionNotFound")
    assert ada("POST", f"{path}/tag/main", {"tag": "a..b"}).status == 400
    assert ada("POST", f"{path}/tag/main", {}).status == 400
    assert "Cannot delete refs/heads/main" in ada("DELETE", f"{path}/branch/main").json()["error"]
    assert ada("DELETE", f"{path}/branch/nope").headers["x-error-message"] == "Invalid rev id: nope"
    assert ada("DELETE", f"{path}/tag/nope").error == (404, "RevisionNotFound")


def test_an_empty_branch_has_no_files(ada):
    ada("POST", "/api/models/ada/m/branch/empty", {"emptyBranch": True})

    assert names(ada("GET", "/api/models/ada/m/tree/empty")) == []
    assert ada.commit("models/ada/m", ada.file("x", b"1"), to="empty").status == 200


# Tree


def test_paths_info_takes_forms_and_json(ada):
    ada.put("models/ada/m", "d/x y", b"1")

    form = ada("POST", "/api/models/ada/m/paths-info/main", b"paths=d%2Fx+y&paths=d&paths=nope")
    told = ada(
        "POST",
        "/api/models/ada/m/paths-info/main",
        {"paths": ["d", "d/x y"], "expand": True},
        {"content-type": "application/json"},
    )

    assert names(form) == ["d/x y", "d"]
    assert names(told) == ["d", "d/x y"]
    assert all(entry["lastCommit"]["title"] == "a change" for entry in told.json())


def test_a_tree_tells_what_the_files_are(ada):
    oid = ada.upload(LARGE)
    ada.commit("models/ada/m", ada.large("d/w.bin", oid), ada.file("a", b"123"))

    entries = {entry["path"]: entry for entry in ada("GET", "/api/models/ada/m/tree/main?recursive=true").json()}

    assert set(entries) == {".gitattributes", "a", "d", "d/w.bin"}
    assert (entries["a"]["type"], entries["a"]["size"], "lastCommit" in entries["a"]) == ("file", 3, False)
    assert (entries["d"]["type"], entries["d"]["size"]) == ("directory", 0)
    assert entries["d/w.bin"]["lfs"] == {"oid": oid, "size": len(LARGE), "pointerSize": 128}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("tree/nope", "RevisionNotFound"),
        ("tree/main/nope", "EntryNotFound"),
        ("tree/main/.gitattributes", "EntryNotFound"),
    ],
)
def test_a_tree_that_is_not_there_is_not_found(ada, path, code):
    assert ada("GET", f"/api/models/ada/m/{path}").error == (404, code)
