"""Errors say what the real Hub says: the allowed values, the order of checks, and the code of missing repositories."""

from __future__ import annotations

import pytest


def told(answer) -> str:
    assert answer.status == 400, answer.body
    return str(answer.json()["error"])


@pytest.mark.parametrize("kind", ["models", "datasets", "spaces"])
def test_an_unknown_expand_lists_the_allowed_values(ada, kind):
    one = {"models": "ada/m", "datasets": "ada/d", "spaces": "ada/s"}[kind]
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    ada("POST", "/api/repos/create", {"name": "s", "type": "space", "sdk": "static"})

    for path in (f"/api/{kind}", f"/api/{kind}/{one}", f"/api/{kind}/{one}/revision/main"):
        text = told(ada("GET", f"{path}?expand=sha&expand=nonsense"))
        assert text.startswith('✖ Invalid option: expected one of "author"|')
        assert '"trendingScore"' in text
        assert text.endswith("\n  → at expand[1]")
        assert ('"sdk"' in text) == (kind == "spaces")
        assert "expand[0]" in told(ada("GET", f"{path}?expand[]=_id")), "which every answer has"
        known = text.partition("one of ")[2].partition("\n")[0].replace('"', "").split("|")
        every = ada("GET", f"{path}?{'&'.join(f'expand={name}' for name in known)}")
        assert every.status == 200


@pytest.mark.parametrize(
    ("query", "at", "some"),
    [
        ("/api/models?sort=size", "sort", '"downloads"'),
        ("/api/datasets?sort=size", "sort", '"downloads"'),
        ("/api/spaces?sort=downloads", "sort", '"trendingScore"'),
        ("/api/models?direction=2", "direction", "-1|1"),
        ("/api/daily_papers?sort=size", "sort", '"publishedAt"|"trending"'),
        ("/api/collections?sort=size", "sort", '"upvotes"'),
        ("/api/models/ada/m/discussions?type=any", "type", '"pull_request"'),
        ("/api/models/ada/m/user-access-request/open", "status", '"pending"'),
    ],
)
def test_an_unknown_choice_lists_the_allowed_values(ada, query, at, some):
    text = told(ada("GET", query))

    assert text.startswith("✖ Invalid option: expected one of ")
    assert some in text
    assert text.endswith(f"\n  → at {at}")


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_the_name_of_an_existing_target_is_told(ada, kind):
    for name in ("a", "b"):
        ada("POST", "/api/repos/create", {"name": name, "type": kind})

    answer = ada("POST", "/api/repos/move", {"fromRepo": "ada/a", "toRepo": "ada/b", "type": kind})

    assert answer.status == 409
    assert answer.json()["error"] == f"A {kind} repository called ada/b already exists"


@pytest.mark.parametrize("name", ["invalid tag", "refs/pr/1", "a..b"])
def test_a_name_is_checked_after_its_revision(ada, name):
    for body in ({"tag": name}, {"tag": name, "message": "annotated"}):
        assert ada("POST", "/api/models/ada/m/tag/missing", body).error == (404, "RevisionNotFound")
        assert ada("POST", "/api/models/ada/m/tag/main", body).status == 400
    path = f"/api/models/ada/m/branch/{name.replace(' ', '%20').replace('/', '%2F')}"
    assert ada("POST", path, {"startingPoint": "missing"}).error == (404, "RevisionNotFound")
    assert ada("POST", path, {"startingPoint": "main"}).status == 400


@pytest.mark.parametrize(
    "path", ["/api/models/ada/none", "/api/spaces/ada/none/runtime", "/datasets/ada/none/resolve/main/x"]
)
def test_who_is_anonymous_learns_by_a_code_that_there_is_no_repository(ada, anyone, path):
    for method in ("GET", "HEAD"):
        answer = anyone(method, path)
        assert answer.error == (401, "RepoNotFound")
        assert answer.headers["x-error-message"] == "Invalid username or password."
    assert ada("GET", path).error == (404, "RepoNotFound")
    assert anyone("GET", "/api/whoami-v2").error == (401, None)


@pytest.mark.parametrize("path", ["/api/agent-harnesses", "/api/a-newer-endpoint", "/api/newer/endpoint/of/the/hub"])
def test_what_newer_clients_ask_for_is_not_found(anyone, caplog, path):
    for method in ("GET", "HEAD"):
        answer = anyone(method, path)
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "error" in anyone("GET", path).json()
    assert not caplog.records
