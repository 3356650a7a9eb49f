"""Git over HTTP without a socket: permissions, and error responses in place of those of git."""

from __future__ import annotations

import base64
import gzip

import pytest

PULL = "/ada/m.git/info/refs?service=git-upload-pack"
PUSH = "/ada/m.git/info/refs?service=git-receive-pack"
# Protocol 2: which refs are there?
LIST = b"0014command=ls-refs\n0001" + b"0009peel\n" + b"0000"
VERSION = {"Git-Protocol": "version=2", "Content-Type": "application/x-git-upload-pack-request"}


def basic(token):
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{token}".encode()).decode()}


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("path", ["/ada/m", "/ada/m.git"])
def test_refs_are_told_to_anyone(anyone, path):
    answer = anyone("GET", f"{path}/info/refs?service=git-upload-pack")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-git-upload-pack-advertisement")
    assert b"refs/heads/main" in answer.body
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ada/secret/info/refs?service=git-upload-pack"),
        ("GET", "/ada/nope/info/refs?service=git-upload-pack"),
        ("GET", PUSH),
        ("POST", "/ada/secret/git-upload-pack"),
        ("POST", "/ada/m/git-receive-pack"),
        ("POST", "/ada/secret.git/info/lfs/objects/batch"),
        ("POST", "/ada/m/info/lfs/objects/batch"),
    ],
)
def test_who_is_not_logged_in_is_asked_for_a_password(ada, anyone, method, path):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})

    answer = anyone(method, path, {"operation": "upload", "objects": []} if method == "POST" else None)

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_a_token_is_a_password_too(hub, ada, anyone):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    path = "/ada/secret/info/refs?service=git-upload-pack"

    assert anyone("GET", path, headers=basic(ada.token)).status == 200
    assert anyone("GET", path, headers=basic("hf_wrong")).status == 401
    assert anyone("GET", path, headers=basic(hub.accounts.add("eve", "write"))).error == (404, "RepoNotFound")
    assert anyone("GET", "/api/whoami-v2", headers=basic(ada.token)).json()["name"] == "ada"
    for nonsense in ("Basic", "Basic ?", "Basic " + base64.b64encode(b"\xff:\xff").decode()):
        assert anyone("GET", path, headers={"Authorization": nonsense}).status == 401


def test_refusals_are_text_so_that_git_shows_them(hub, ada, login):
    answer = login(hub, "ada", "read")("GET", PUSH)

    assert (answer.status, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")
    assert b"you need a token with write role" in answer.body


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("query", ["", "?service=git-upload-archive", "?service="])
def test_nothing_but_the_smart_protocol_is_served(anyone, query):
    assert anyone("GET", f"/ada/m/info/refs{query}").status == 400
    assert anyone("GET", "/ada/m/HEAD").status == 404
    assert anyone("GET", "/ada/m/git-upload-pack").status == 405


@pytest.mark.usefixtures("ada")
def test_requests_may_be_compressed(anyone):
    plain = anyone("POST", "/ada/m/git-upload-pack", LIST, VERSION)
    packed = anyone("POST", "/ada/m/git-upload-pack", gzip.compress(LIST), {**VERSION, "Content-Encoding": "gzip"})

    assert plain.status == 200
    assert b"refs/heads/main" in plain.body
    assert packed.body == plain.body


def test_what_is_streamed_is_counted(hub, ada, anyone):
    hub.stats.reset()
    answer = anyone("POST", "/ada/m/git-upload-pack", LIST, VERSION)

    counts = hub.stats.snapshot()

    assert "content-length" not in answer.headers
    assert dict(counts.requests) == {"git.upload_pack": 1}
    assert (counts.received, counts.sent) == (len(LIST), len(answer.body))


def test_the_old_name_of_a_repository_leads_to_the_new_one(hub, ada, anyone):
    hub.store.move(hub.store.find("model", "ada/m"), "ada/n")

    for path in ("/ada/m/git-upload-pack", "/ada/m.git/info/lfs/objects/batch"):
        answer = anyone("POST", path, {"operation": "download", "objects": []})
        assert (answer.status, answer.headers["location"]) == (307, path.replace("/m", "/n"))
    assert anyone("GET", PULL).headers["location"] == PULL.replace("/m.", "/n.")


@pytest.mark.usefixtures("ada")
def test_without_git_the_api_goes_on(anyone, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    answer = anyone("GET", PULL)

    assert answer.status == 501
    assert b"git is not installed on the machine of this Hub" in answer.body
    assert anyone("GET", "/api/models/ada/m").status == 200


@pytest.mark.usefixtures("ada")
def test_a_git_without_its_server_is_told(anyone, monkeypatch, tmp_path, caplog):
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho no http-backend here >&2\nexit 1\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    answer = anyone("GET", PULL)

    assert (answer.status, b"is git fully installed?" in answer.body) == (501, True)
    assert "no http-backend here" in caplog.text


def test_the_settings_of_the_machine_take_no_part(ada, anyone, monkeypatch, tmp_path):
    for branch in ("one", "two"):
        ada("POST", f"/api/models/ada/m/branch/{branch}", {})
    (tmp_path / ".gitconfig").write_text("[transfer]\n hideRefs = refs/heads/one\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    for name, value in (("COUNT", "1"), ("KEY_0", "transfer.hideRefs"), ("VALUE_0", "refs/heads/two")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)

    told = anyone("GET", PULL).body
    assert b"refs/heads/one" in told
    assert b"refs/heads/two" in told


def test_locks_are_not_known_so_that_git_lfs_goes_on_without(ada):
    assert ada("POST", "/ada/m.git/info/lfs/locks/verify", {}).status == 404
    assert ada("GET", "/ada/m.git/info/lfs/locks").status == 404


@pytest.mark.parametrize(
    ("operation", "algorithm", "status"),
    [
        ("upload", None, 200),
        ("upload", "sha256", 200),
        ("download", "sha_256", 200),
        ("download", "sha512", 409),
        ("delete", None, 400),
    ],
)
def test_a_batch_is_asked_for_in_words_that_are_known(ada, operation, algorithm, status):
    body = {"operation": operation, "objects": [{"oid": "ab" * 32, "size": 5}], "hash_algo": algorithm}

    assert ada("POST", "/ada/m.git/info/lfs/objects/batch", body).status == status
    assert ada("POST", "/ada/m/info/lfs/objects/batch", body).status == status
