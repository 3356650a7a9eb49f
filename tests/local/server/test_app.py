"""The embedded Hub without a socket: routes, permissions, pages, and properties of every response."""

from __future__ import annotations

import re

import pytest

from hub_typed.local.server.app import Hub
from hub_typed.local.server.routing import _AREAS
from hub_typed_api.serve import Answer, NotServed
from hub_typed_api.server import OPERATIONS
from tests.local.not_served import NOT_SERVED

ORIGIN = "http://hub.test"
STORAGE = "http://storage.test"
MISSING = "Invalid username or password."
LARGE = b"large\0" * 100


def names(answer):
    return [entry["path"] for entry in answer.json()]


# Paths


def test_a_model_without_owner_is_not_taken_for_an_owner(hub, anyone):
    hub.store.create("model", "gpt2", user="ada")

    assert anyone("GET", "/api/models/gpt2/refs").json()["branches"][0]["name"] == "main"
    assert anyone("GET", "/api/models/gpt2").json()["id"] == "gpt2"
    assert names(anyone("GET", "/api/models/gpt2/tree/main")) == [".gitattributes"]
    assert anyone("HEAD", "/gpt2/resolve/main/.gitattributes").status == 200


def test_encoded_slashes_are_part_of_a_name(ada):
    ada.put("models/ada/m", "d/e/f.txt", b"1")
    assert ada("POST", "/api/models/ada/m/branch/d%2Fe").status == 200

    assert names(ada("GET", "/api/models/ada/m/tree/d%2Fe/d%2Fe")) == ["d/e/f.txt"]
    assert ada("GET", "/api/models/ada/m/revision/d%2Fe").status == 200
    assert ada("GET", "/ada/m/resolve/d%2Fe/d/e/f.txt").body == b"1"
    assert ada("GET", "/api/models/ada/m/revision/refs%2Fpr%2F1").error == (404, "RevisionNotFound")
    assert ada("GET", "/api/models/ada/m/revision/refs%2Fheads%2Fd%2Fe").status == 200


def test_paths_with_slashes_as_they_are_work_too(ada):
    ada.put("models/ada/m", "d/e/f.txt", b"1")

    assert names(ada("GET", "/api/models/ada/m/tree/main/d/e")) == ["d/e/f.txt"]


def test_types_of_one_name_are_different_repositories(ada):
    for kind in ("dataset", "space", "kernel"):
        assert ada("POST", "/api/repos/create", {"name": "m", "type": kind, "sdk": "static"}).status == 200
    ada.put("datasets/ada/m", "x", b"dataset")
    ada.put("models/ada/m", "x", b"model")

    assert ada("GET", "/datasets/ada/m/resolve/main/x").body == b"dataset"
    assert ada("GET", "/ada/m/resolve/main/x").body == b"model"
    assert ada("GET", "/spaces/ada/m/resolve/main/x").error == (404, "EntryNotFound")
    assert ada("GET", "/kernels/ada/m/resolve/main/x").error == (404, "EntryNotFound")
    assert ada("GET", "/api/datasets/ada/m").json()["id"] == "ada/m"


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/nothing", "/api/kernel/ada/m", "/ada/m/blob/main/x", "/api/models/a/b/c"]
)
def test_unknown_paths_are_not_found(anyone, path):
    assert anyone("GET", path).status == 404


def test_a_method_that_a_path_has_not_is_refused(anyone):
    answer = anyone("PATCH", "/api/models")

    assert (answer.status, answer.headers["allow"]) == (405, "GET")


# Who may do what


def test_whoami_tells_the_user_and_the_role_of_the_token(hub, ada, anyone, login):
    told = ada("GET", "/api/whoami-v2").json()
    reader = login(hub, "ada", "read")("GET", "/api/whoami-v2").json()

    assert (told["name"], told["type"], told["auth"]["accessToken"]["role"]) == ("ada", "user", "write")
    assert (reader["id"], reader["auth"]["accessToken"]["role"]) == (told["id"], "read")
    refused = anyone("GET", "/api/whoami-v2")
    assert (refused.status, refused.json()["error"]) == (401, MISSING)


@pytest.mark.parametrize("path", ["/api/models/ada/nope", "/api/models/ada/secret", "/ada/secret/resolve/main/x"])
def test_missing_and_private_repositories_look_alike(ada, bob, anyone, path):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})

    nobody, somebody = anyone("GET", path), bob("GET", path)

    assert nobody.error == (401, "RepoNotFound")
    assert nobody.headers["x-error-message"] == MISSING
    assert nobody.headers["www-authenticate"].startswith("Bearer ")
    assert somebody.error == (404, "RepoNotFound")
    assert somebody.headers["x-error-message"] == "Repository not found"
    if "resolve" in path:
        assert nobody.headers["content-type"] == "text/plain; charset=utf-8"
        assert nobody.body.decode() == MISSING
    else:
        assert nobody.json() == {"error": MISSING}


def test_a_private_repository_is_its_owners(ada):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})

    assert ada("GET", "/api/models/ada/secret").json()["private"] is True
    assert ada("GET", "/api/models/ada/secret/auth-check").body == b"OK"


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("header", ["Bearer hf_wrong", "Basic YTpi", "hf_wrong", "Bearer "])
def test_a_wrong_token_is_told_even_of_what_is_public(anyone, header):
    answer = anyone("GET", "/api/models/ada/m", headers={"Authorization": header})

    assert answer.error == (401, None)
    assert answer.headers["x-error-message"] == "Invalid credentials in Authorization header"


WRITES = [
    ("POST", "/api/models/ada/m/branch/b", {}),
    ("DELETE", "/api/models/ada/m/branch/b", None),
    ("POST", "/api/models/ada/m/tag/main", {"tag": "t"}),
    ("DELETE", "/api/models/ada/m/tag/t", None),
    ("POST", "/api/models/ada/m/preupload/main", {"files": []}),
    ("POST", "/api/models/ada/m/commit/main", {"key": "header", "value": {"summary": "s"}}),
    ("POST", "/ada/m.git/info/lfs/objects/batch", {"operation": "upload", "objects": [], "ref": {"name": "main"}}),
    ("DELETE", "/api/repos/delete", {"name": "m", "organization": "ada"}),
    ("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "ada/n"}),
    ("POST", "/api/models/ada/m/super-squash/main", {}),
]


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_who_has_no_right_changes_nothing(hub, bob, anyone, login, method, path, body):
    reader = login(hub, "ada", "read")

    assert anyone(method, path, body).status == 401
    refused = reader(method, path, body)
    assert refused.status == 403
    assert "you need a token with write role" in refused.json()["error"]
    refused = bob(method, path, body)
    assert refused.status == 403
    assert refused.json()["error"] == "You have read access but not the required permissions for this operation"


# Pages


def test_a_list_comes_in_pages_with_whole_urls(ada):
    for name in "abcd":
        ada.put("models/ada/m", f"d/{name}.txt", b"1")
    url, pages = "/api/models/ada/m/tree/main/d?limit=3&recursive=true", []
    while True:
        answer = ada("GET", url)
        pages.append(names(answer))
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("link", ""))
        if not link:
            break
        url = link[1]
        assert url.startswith(f"{ORIGIN}/api/models/ada/m/tree/main/d?")

    assert pages == [["d/a.txt", "d/b.txt", "d/c.txt"], ["d/d.txt"]]


def test_the_link_keeps_what_was_encoded(ada):
    ada.put("models/ada/m", "d e/f,g.txt", b"1")
    ada.put("models/ada/m", "d e/h.txt", b"1")

    link = ada("GET", "/api/models/ada/m/tree/main/d%20e?limit=1").headers["link"]

    assert names(ada("GET", link[1:].partition(">")[0])) == ["d e/h.txt"]


def test_commits_can_be_asked_for_by_page(ada):
    made = [ada.put("models/ada/m", "x", str(number).encode()) for number in range(5)]

    answer = ada("GET", "/api/models/ada/m/commits/main?limit=2&p=1")

    assert [commit["id"] for commit in answer.json()] == [made[2], made[1]]
    assert answer.headers["x-total-count"] == "6"


def test_a_hub_can_be_told_to_give_small_pages(hub, ada):
    hub.page_size = 1
    ada("POST", "/api/repos/create", {"name": "n"})

    answer = ada("GET", "/api/models?limit=100")

    assert (len(answer.json()), "link" in answer.headers) == (1, True)


# Around all


def test_every_answer_can_be_traced(ada):
    known = ada("GET", "/api/models", headers={"X-Amzn-Trace-Id": "my-trace"}).headers["x-request-id"]
    other = ada("GET", "/nothing/at/all", headers={"X-Request-Id": "mine"}).headers["x-request-id"]
    new = ada("GET", "/api/models").headers["x-request-id"]

    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};my-trace", known)
    assert other.endswith(";mine")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};[0-9a-f-]{36}", new)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/repos/create", b"{"),
        ("/api/repos/create", b"[]"),
        ("/api/repos/create", b"\xff"),
        ("/api/models/ada/m/preupload/main", {"files": ["x"]}),
        ("/api/models/ada/m/preupload/main", {"files": [{"path": "x"}]}),
        ("/api/models/ada/m/paths-info/main", b""),
    ],
)
def test_what_cannot_be_read_is_told(ada, path, body):
    answer = ada("POST", path, body)

    assert answer.status == 400
    assert answer.headers["x-error-message"]


def test_requests_are_counted(hub, ada):
    hub.requests.clear()
    ada("GET", "/api/models/ada/m/refs")
    ada("POST", "/api/models/ada/m/paths-info/main", b"paths=a")
    ada("HEAD", "/ada/m/resolve/main/nope")

    assert [(one.operation, one.method, one.status, one.received) for one in hub.requests] == [
        ("refs.list_repo_refs", "GET", 200, 0),
        ("tree.get_paths_info", "POST", 200, 7),
        ("files.resolve_head", "HEAD", 404, 0),
    ]


def test_somebody_else_may_answer(hub, ada):
    hub.intercept = lambda incoming: Answer(status=503) if incoming.path == "/api/models" else None

    assert ada("GET", "/api/models").status == 503
    assert ada("GET", "/api/models/ada/m").status == 200


def test_what_is_not_served_stands_in_a_list_with_its_reason():
    """An operation is in the list exactly if it has no handler."""
    served = {
        route.operation
        for handlers, routes in _AREAS
        for route in routes
        if route.operation.partition(".")[2] in vars(type(handlers))
    }
    waiting = {operation for operation, _, _ in OPERATIONS if operation not in served}
    assert (waiting - set(NOT_SERVED), set(NOT_SERVED) - waiting) == (set(), set())
    assert all(NOT_SERVED.values())


def test_an_area_without_handlers_answers_501(ada):
    assert ada("GET", "/api/settings/billing/usage").status == 501


def test_an_operation_that_is_not_served_answers_501(hub, ada):
    def unserved(_):
        raise NotServed("area.operation")

    hub.intercept = unserved

    answer = ada("GET", "/api/models")

    assert (answer.status, "area.operation" in answer.json()["error"]) == (501, True)


def test_an_unexpected_exception_is_a_500_and_logged(hub, ada, caplog):
    def broken(_: object) -> Answer:
        raise RuntimeError("a bug")

    hub.intercept = broken

    assert ada("GET", "/api/models").status == 500
    assert "a bug" in caplog.text


def test_a_hub_that_is_started_again_has_everything(tmp_path, login):
    ada = login(Hub(tmp_path), "ada")
    ada("POST", "/api/repos/create", {"name": "m", "private": True})
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(LARGE)), ada.file("x", b"1"))
    location = ada("HEAD", "/ada/m/resolve/main/w.bin").headers["location"]
    again = login(Hub(tmp_path), "ada")

    assert again.token == ada.token
    assert again("GET", "/ada/m/resolve/main/x").body == b"1"
    assert again("GET", "/api/models/ada/m").json() == ada("GET", "/api/models/ada/m").json()
    assert again("GET", location).body == LARGE
