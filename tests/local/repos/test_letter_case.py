"""Names of repositories that differ only in letter case are one name, on every route."""

from __future__ import annotations

import re

import pytest

from hub_typed.local.server.app import Hub
from hub_typed_api.server import OPERATIONS
from tests.local.conftest import Caller
from tests.local.not_served import NOT_SERVED

BODY = {
    "paths": ["x"],
    "files": [],
    "tag": "t",
    "operation": "download",
    "objects": [],
    "title": "t",
    "comment": "c",
    "content": "c",
    "repository": "ada/copy",
    "private": False,
}


def routes() -> list[tuple[str, str]]:
    """The method and path of each operation on a model or dataset, with other letters for ``ada/m``."""
    found = set()
    for operation, method, pattern in OPERATIONS:
        if operation in NOT_SERVED:
            continue
        if "(?P<repo_id>" not in pattern or "kernels" in pattern or "spaces/" in pattern:
            continue
        path = re.sub(r"\(\?:\(\?P<repo_type>[a-z|]+\)s/\)\?", "", pattern).replace("\\", "")
        path = re.sub(r"\(\?P<repo_type>model[a-z|]*\)", "model", path)
        path = path.replace("(?P<repo_id>[^/]+?(?:/[^/]+?)?)", "ADA/M")
        path = re.sub(r"\(\?:/\(\?P<\w+>[^)]*\)\)\?", "", path)
        found.add((method, re.sub(r"\(\?P<\w+>[^()]*\)", "1", path)))
    return sorted(found)


@pytest.fixture
def data(ada: Caller) -> Caller:
    """The owner of the dataset ``ada/m``."""
    assert ada("POST", "/api/repos/create", {"name": "m", "type": "dataset"}).status == 200
    return ada


def test_every_route_leads_to_the_name_as_it_was_created(data, hub):
    paths = routes()
    unserved = []

    for method, path in paths:
        answer = data(method, path, None if method == "GET" else BODY)
        if answer.status == 307:
            assert answer.headers["location"] == path.replace("/ADA/M", "/ada/m", 1)
        else:
            unserved.append((answer.status, method, path))

    assert len(paths) > 50
    assert [one for one in unserved if one[0] not in (400, 501)] == []
    assert len(unserved) < len(paths) / 4, unserved


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/models/ADA/m?expand=sha&expand=likes"),
        ("HEAD", "/api/models/ada/M"),
        ("GET", "/Ada/m/resolve/main/Ada/m"),
        ("HEAD", "/Ada/M/resolve/main/.gitattributes"),
        ("GET", "/Ada/M/raw/main/.gitattributes"),
        ("GET", "/ADA/M/info/refs?service=git-upload-pack"),
        ("GET", "/ADA/M.git/info/refs?service=git-receive-pack"),
        ("POST", "/ADA/M.git/git-receive-pack"),
        ("POST", "/ADA/M.git/info/lfs/objects/batch"),
        ("POST", "/ADA/M/ask-access"),
        ("GET", "/ADA/M/user-access-report"),
        ("PUT", "/api/repos/models/ADA/M/settings"),
        ("POST", "/api/models/Ada/M/commit/main"),
    ],
)
def test_the_redirect_is_relative_and_keeps_the_query(ada, method, path):
    answer = ada(method, path, None if method in ("GET", "HEAD") else BODY)

    location = re.sub(r"/ada/m", "/ada/m", path, count=1, flags=re.IGNORECASE)
    assert (answer.status, answer.headers["location"]) == (307, location)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    if method != "HEAD":
        assert answer.body.decode() == f"Temporary Redirect. Redirecting to {location}"


def test_a_name_that_differs_only_in_letter_case_is_taken(ada):
    for body in ({"name": "M"}, {"name": "M", "organization": "ADA"}):
        answer = ada("POST", "/api/repos/create", body)
        assert (answer.status, answer.json()["url"]) == (409, "http://hub.test/ada/m")
    assert ada("POST", "/api/repos/create", {"name": "M", "type": "dataset"}).status == 200
    assert ada("POST", "/api/models/ada/m/duplicate", {"repository": "ada/M"}).status == 409


def test_a_namespace_is_one_in_any_letter_case(ada):
    made = ada("POST", "/api/repos/create", {"name": "New", "organization": "ADA"}).json()

    assert made["name"] == "ada/New"
    assert ada("GET", "/api/models/ada/New").json()["id"] == "ada/New"


def test_a_name_in_a_body_is_found_in_any_letter_case(ada, hub):
    def move(old, new):
        return ada("POST", "/api/repos/move", {"fromRepo": old, "toRepo": new})

    ada("POST", "/api/repos/create", {"name": "taken"})

    assert move("ADA/M", "ada/Taken").status == 409
    assert move("ADA/M", "Ada/N").status == 200
    assert ada("GET", "/api/models/ada/N").json()["id"] == "ada/N"
    assert move("ada/N", "ada/n").status == 200, "the letter case of a name can be changed"
    assert ada("GET", "/api/models/ada/N").headers["location"] == "/api/models/ada/n"
    assert ada("DELETE", "/api/repos/delete", {"name": "N", "organization": "Ada"}).status == 200
    assert ada("GET", "/api/models/ada/n").error == (404, "RepoNotFound")


def test_an_old_name_leads_on_in_any_letter_case(ada, hub, tmp_path):
    ada("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "ada/n"})
    again = Caller(Hub(tmp_path / "hub"), ada.token)

    for caller in (ada, again):
        assert caller("GET", "/api/models/ADA/M/refs").headers["location"] == "/api/models/ada/n/refs"
    ada("POST", "/api/repos/create", {"name": "M"})
    assert ada("GET", "/api/models/ada/m").headers["location"] == "/api/models/ada/M"


def test_another_letter_case_discloses_no_private_repository(ada, bob, anyone):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})

    assert ada("GET", "/api/models/ada/Secret").status == 307
    assert bob("GET", "/api/models/ada/Secret").error == (404, "RepoNotFound")
    assert anyone("GET", "/api/models/ada/Secret").status == 401


def test_a_name_of_one_part_is_replaced_where_it_is_the_name(ada, hub):
    hub.store.create("model", "models", user="ada")

    assert (
        ada("GET", "/api/models/Models/tree/main/Models").headers["location"] == "/api/models/models/tree/main/Models"
    )
    assert ada("GET", "/Models/resolve/main/x").headers["location"] == "/models/resolve/main/x"


def test_a_watched_repository_is_known_by_its_current_name(ada):
    watched = [{"type": "model", "name": "ADA/M"}, {"type": "user", "name": "Ada"}]
    made = ada(
        "POST", "/api/settings/webhooks", {"url": "http://127.0.0.1:9/", "watched": watched, "domains": ["repo"]}
    ).json()

    assert [one["name"] for one in made["webhook"]["watched"]] == ["ada/m", "ada"]
