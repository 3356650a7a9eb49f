"""Operations that only old clients use."""

from __future__ import annotations

import pytest

from hub_typed.local.server.app import Hub


@pytest.fixture
def eve(hub):
    """A user with a password."""
    hub.accounts.add("eve", "write", password="s3cret")


def test_a_password_is_given_for_a_token_until_the_logout(eve, hub, anyone):
    answer = anyone("POST", "/api/login", {"username": "eve", "password": "s3cret"})
    token = answer.json()["token"]
    mine = {"authorization": f"Bearer {token}"}
    assert anyone("GET", "/api/whoami", headers=mine).json() == {"user": "eve", "orgs": []}
    assert anyone("POST", "/api/logout", headers=mine).status == 200
    assert anyone("GET", "/api/whoami", headers=mine).status == 401
    assert token != hub.accounts.add("eve", "write")


@pytest.mark.parametrize(("name", "password"), [("eve", "wrong"), ("eve", ""), ("nobody", "s3cret"), ("ada", "")])
def test_a_wrong_password_is_refused(eve, ada, anyone, name, password):
    assert anyone("POST", "/api/login", {"username": name, "password": password}).status == 401


def test_passwords_and_their_tokens_outlive_a_restart_and_are_not_kept_as_they_are(eve, hub, tmp_path, anyone):
    token = anyone("POST", "/api/login", {"username": "eve", "password": "s3cret"}).json()["token"]
    assert "s3cret" not in (tmp_path / "hub" / "accounts.json").read_text()
    assert "s3cret" not in repr(hub.accounts.user("eve"))
    anyone.hub = Hub(tmp_path / "hub")
    assert anyone("POST", "/api/logout", headers={"authorization": f"Bearer {token}"}).status == 200
    assert anyone("POST", "/api/login", {"username": "eve", "password": "s3cret"}).status == 200


def test_an_access_token_is_not_logged_out(ada, anyone):
    assert ada("POST", "/api/logout").status == 400
    assert ada("GET", "/api/whoami").json()["user"] == "ada"
    assert anyone("POST", "/api/logout").status == 401


def test_whoami_names_organizations(hub, ada):
    hub.accounts.add_organization("acme", {"ada": "read"})
    assert ada("GET", "/api/whoami").json() == {"user": "ada", "orgs": ["acme"]}


def test_files_come_and_go_one_by_one(hub, ada, bob):
    told = ada("POST", "/api/models/ada/m/upload/main/a/b.txt", b"hello\n").json()
    assert told == {"url": "http://hub.test/ada/m/blob/main/a/b.txt"}
    assert ada("GET", "/ada/m/resolve/main/a/b.txt").body == b"hello\n"
    ada("POST", "/api/models/ada/m/upload/main/weights.bin", b"\0large")
    (pointer,) = [one for one in ada("GET", "/api/models/ada/m/tree/main").json() if one["path"] == "weights.bin"]
    assert pointer["lfs"]["size"] == 6
    assert ada("DELETE", "/api/models/ada/m/delete/main/a/b.txt").status == 200
    assert ada("GET", "/ada/m/resolve/main/a/b.txt").error == (404, "EntryNotFound")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "delete/main/missing.txt", 404),
        ("DELETE", "delete/nowhere/.gitattributes", 404),
        ("POST", "upload/nowhere/a.txt", 404),
        ("POST", "upload/main/../a.txt", 422),
        ("POST", "upload/main/.git/config", 422),
    ],
)
def test_what_cannot_be_uploaded_or_deleted_is_refused(ada, method, path, status):
    assert ada(method, f"/api/models/ada/m/{path}", b"x").status == status


def test_strangers_upload_and_delete_nothing(ada, bob, anyone):
    for caller, status in ((bob, 403), (anyone, 401)):
        assert caller("POST", "/api/models/ada/m/upload/main/a.txt", b"x").status == status
        assert caller("DELETE", "/api/models/ada/m/delete/main/.gitattributes").status == status
        assert caller("PUT", "/api/repos/models/ada/m/settings", {"private": True}).status == status


def test_a_file_that_is_too_large_wants_lfs(ada):
    answer = ada("POST", "/api/models/ada/m/upload/main/a.txt", b"x" * ((10 << 20) + 1))
    assert (answer.status, "LFS" in answer.json()["error"]) == (400, True)


def test_visibility_is_changed_at_its_old_place(ada, bob):
    assert ada("PUT", "/api/repos/models/ada/m/settings", {"private": True}).status == 200
    assert bob("GET", "/api/models/ada/m").status == 404
    assert ada("PUT", "/api/repos/models/ada/m/settings", {}).status == 400


def test_all_files_of_an_account_are_listed(ada, bob, anyone):
    ada.put("models/ada/m", "a.txt", b"hello\n")
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    mine = [one["filename"] for one in ada("GET", "/api/repos/ls").json()]
    assert mine == ["ada/m/.gitattributes", "ada/m/a.txt", "ada/secret/.gitattributes"]
    others = bob("GET", "/api/repos/ls?organization=ada").json()
    assert [(one["filename"], one["size"]) for one in others][1:] == [("ada/m/a.txt", 6)]
    assert bob("GET", "/api/repos/ls").json() == []
    assert bob("GET", "/api/repos/ls?organization=nobody").status == 404
    assert anyone("GET", "/api/repos/ls").status == 401


def test_metrics_are_those_that_cards_name(ada, bob, anyone):
    assert anyone("GET", "/api/metrics").json() == []
    ada.put("models/ada/m", "README.md", b"---\nmetrics: [accuracy, f1]\n---\n")
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset", "private": True})
    ada.put("datasets/ada/d", "README.md", b"---\nmetrics: bleu\n---\n")
    assert [one["id"] for one in anyone("GET", "/api/metrics").json()] == ["accuracy", "f1"]
    assert [one["id"] for one in ada("GET", "/api/metrics").json()] == ["accuracy", "bleu", "f1"]
    ada.put("models/ada/m", "README.md", b"---\nmetrics: [\n---\n")
    assert anyone("GET", "/api/metrics").json() == []
