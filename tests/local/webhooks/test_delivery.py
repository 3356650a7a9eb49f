"""Webhooks of the embedded Hub: permissions, events and deliveries."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub

HOOKS = "/api/settings/webhooks"


class Ear:
    """Server on a local port that records the deliveries it receives."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], Any]] = []
        self.answers: list[int] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                ear.heard.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
                self.send_response(ear.answers.pop(0) if ear.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?a=b"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def payloads(self) -> list[Any]:
        return [payload for _, payload in self.heard]

    @property
    def events(self) -> list[str]:
        return [f"{payload['event']['action']} {payload['event']['scope']}" for payload in self.payloads]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.close()


def given(url: str, *watched: tuple[str, str], **more: object) -> dict[str, object]:
    return {"url": url, "watched": [{"type": kind, "name": name} for kind, name in watched], **more}


def made(caller, url: str, *watched: tuple[str, str], **more: object) -> str:
    answer = caller("POST", HOOKS, given(url, *(watched or [("user", "ada")]), **more))
    assert answer.status == 200, answer.body
    return answer.json()["webhook"]["id"]


def test_a_webhook_is_made_read_changed_and_deleted(ada, ear):
    hook = made(ada, ear.url, ("user", "ada"), ("model", "ada/m"), secret="hush")
    expected = {
        "id": hook,
        "url": ear.url,
        "watched": [{"type": "user", "name": "ada"}, {"type": "model", "name": "ada/m"}],
        "domains": ["repo", "discussion"],
        "disabled": False,
        "hasSecret": True,
    }
    assert ada("GET", f"{HOOKS}/{hook}").json() == {"webhook": expected}
    changed = ada("POST", f"{HOOKS}/{hook}", {"watched": [], "domains": ["repo"]}).json()["webhook"]
    assert changed == {**expected, "watched": [], "domains": ["repo"]}, "a POST replaces what is watched"
    assert ada("POST", f"{HOOKS}/{hook}/disable").json()["webhook"]["disabled"] is True
    assert ada("POST", f"{HOOKS}/{hook}/enable").json()["webhook"]["disabled"] is False
    assert [one["id"] for one in ada("GET", HOOKS).json()] == [hook]
    assert ada("DELETE", f"{HOOKS}/{hook}").status == 200
    assert ada("GET", HOOKS).json() == []
    assert ada("GET", f"{HOOKS}/{hook}").status == 404


def test_webhooks_are_their_users_own(ada, bob, anyone, ear):
    hook = made(ada, ear.url)
    assert bob("GET", HOOKS).json() == []
    assert anyone("GET", HOOKS).status == 401
    for method, path, data in [
        ("GET", hook, None),
        ("POST", hook, {"watched": []}),
        ("DELETE", hook, None),
        ("POST", f"{hook}/disable", None),
    ]:
        assert bob(method, f"{HOOKS}/{path}", data).status == 404
        assert anyone(method, f"{HOOKS}/{path}", data).status == 401
    assert ada("POST", f"{HOOKS}/{hook}/frobnicate").status == 404


def test_a_token_that_may_only_read_changes_none(hub, login, ada, ear):
    hook = made(ada, ear.url)
    reader = login(hub, "ada", "read")
    assert [one["id"] for one in reader("GET", HOOKS).json()] == [hook]
    assert reader("POST", HOOKS, given(ear.url, ("user", "ada"))).status == 403
    assert reader("POST", f"{HOOKS}/{hook}", {"watched": []}).status == 403
    assert reader("POST", f"{HOOKS}/{hook}/disable").status == 403
    assert reader("DELETE", f"{HOOKS}/{hook}").status == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"url": None}, 400),
        ({"url": "ftp://127.0.0.1/"}, 400),
        ({"url": "http://"}, 400),
        ({"url": "http://127.0.0.1:99999/"}, 400),
        ({"watched": []}, 400),
        ({"watched": [{"type": "thing", "name": "ada"}]}, 400),
        ({"watched": [{"type": "model", "name": "no/such/name"}]}, 400),
        ({"watched": [{"type": "model"}]}, 400),
        ({"watched": [{"type": "user", "name": "nobody"}]}, 404),
        ({"watched": [{"type": "model", "name": "ada/none"}]}, 404),
        ({"watched": [{"type": "bucket", "name": "ada/b"}]}, 404),
        ({"domains": ["discussions"]}, 400),
        ({"domains": []}, 400),
        ({"secret": "grüße"}, 400),
        ({"url": None, "job": {"flavor": "cpu-basic"}}, 403),
        ({"url": None, "jobSourceId": "0"}, 403),
    ],
)
def test_what_makes_no_sense_is_refused(ada, changes, status):
    wanted = given("http://127.0.0.1/", ("user", "ada")) | changes
    wanted = {name: value for name, value in wanted.items() if value is not None}
    assert ada("POST", HOOKS, wanted).status == status
    assert ada("GET", HOOKS).json() == []


def test_a_private_repository_is_not_watched_by_strangers(ada, bob, ear, hub):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    assert bob("POST", HOOKS, given(ear.url, ("model", "ada/secret"))).status == 404
    made(bob, ear.url, ("user", "ada"))
    ada.put("models/ada/secret", "a.txt", b"a")
    ada("DELETE", "/api/repos/delete", {"name": "secret"})
    assert not hub.webhooks.deliveries


def test_webhooks_are_there_after_a_restart(ada, ear, tmp_path, login):
    hook = made(ada, ear.url, secret="hush")
    again = Hub(tmp_path / "hub")
    caller = login(again, "ada")
    assert [one["id"] for one in caller("GET", HOOKS).json()] == [hook]
    caller.put("models/ada/m", "a.txt", b"a")
    assert again.webhooks.queue.wait()
    assert ear.heard[0][0]["x-webhook-secret"] == "hush"


def test_a_repository_comes_moves_and_goes(hub, ada, bob, ear):
    hook = made(ada, ear.url, ("user", "ada"))
    created = ada("POST", "/api/repos/create", {"name": "d", "type": "dataset", "private": True}).json()
    assert ada("POST", "/api/repos/move", {"fromRepo": "ada/d", "toRepo": "ada/e", "type": "dataset"}).status == 200
    ada("DELETE", "/api/repos/delete", {"name": "e", "type": "dataset"})
    assert hub.webhooks.queue.wait()
    assert ear.events == ["create repo", "move repo", "delete repo"]
    owner = {"id": hub.accounts.user("ada").id}
    first, moved, gone = ear.payloads
    assert first == {
        "event": {"action": "create", "scope": "repo"},
        "repo": {
            "type": "dataset",
            "name": "ada/d",
            "id": created["id"],
            "private": True,
            "url": {"web": "http://hub.test/datasets/ada/d", "api": "http://hub.test/api/datasets/ada/d"},
            "owner": owner,
            "headSha": first["repo"]["headSha"],
        },
        "webhook": {"id": hook, "version": 3},
    }
    assert moved["repo"]["name"] == "ada/d"
    assert moved["movedTo"] == {"name": "ada/e", "owner": owner}
    assert gone["repo"]["name"] == "ada/e"
    assert gone["repo"]["headSha"] == first["repo"]["headSha"]


def test_what_changes_in_git_is_told_with_its_refs(hub, ada, ear):
    made(ada, ear.url, ("model", "ada/m"))
    first = ada("GET", "/api/models/ada/m").json()["sha"]
    second = ada.put("models/ada/m", "a.txt", b"a")
    ada("POST", "/api/models/ada/m/branch/try", {})
    ada("POST", "/api/models/ada/m/tag/main", {"tag": "v1", "message": "One"})
    ada("DELETE", "/api/models/ada/m/branch/try")
    ada("DELETE", "/api/models/ada/m/tag/v1")
    third = ada("POST", "/api/models/ada/m/super-squash/main", {}).json()["commitId"]
    assert hub.webhooks.queue.wait()
    assert set(ear.events) == {"update repo.content"}
    assert [payload["updatedRefs"] for payload in ear.payloads] == [
        [{"ref": "refs/heads/main", "oldSha": first, "newSha": second}],
        [{"ref": "refs/heads/try", "oldSha": None, "newSha": second}],
        [{"ref": "refs/tags/v1", "oldSha": None, "newSha": second}],
        [{"ref": "refs/heads/try", "oldSha": second, "newSha": None}],
        [{"ref": "refs/tags/v1", "oldSha": second, "newSha": None}],
        [{"ref": "refs/heads/main", "oldSha": second, "newSha": third}],
    ]
    assert [payload["repo"]["headSha"] for payload in ear.payloads] == [second] * 5 + [third]


def test_what_changes_nothing_or_is_refused_is_not_told(hub, ada, bob, ear):
    ada.put("models/ada/m", "a.txt", b"a")
    made(ada, ear.url)
    ada.put("models/ada/m", "a.txt", b"a")
    assert ada.commit("models/ada/m", ("deletedFile", {"path": "none"})).status == 404
    assert bob.commit("models/ada/m", bob.file("b.txt", b"b")).status == 403
    assert not hub.webhooks.deliveries


def test_a_pull_request_changes_its_ref_alone(hub, ada, bob, ear):
    made(ada, ear.url, domains=["repo"])
    head = ada("GET", "/api/models/ada/m").json()["sha"]
    answer = bob.commit("models/ada/m", bob.file("b.txt", b"b"), to="main?create_pr=1")
    assert hub.webhooks.queue.wait()
    (payload,) = ear.payloads
    assert payload["updatedRefs"] == [{"ref": "refs/pr/1", "oldSha": None, "newSha": answer.json()["commitOid"]}]
    assert payload["repo"]["headSha"] == head


def test_one_is_told_only_of_what_it_watches_and_while_it_is_on(hub, ada, bob, ear):
    ada("POST", "/api/repos/create", {"name": "other"})
    hook = made(ada, ear.url, ("model", "ada/m"))
    made(bob, ear.url, ("user", "ada"), domains=["discussion"])
    ada("POST", "/api/repos/create", {"name": "m", "type": "dataset"})
    ada.put("models/ada/other", "a.txt", b"a")
    ada("POST", f"{HOOKS}/{hook}/disable")
    ada.put("models/ada/m", "a.txt", b"a")
    ada("POST", f"{HOOKS}/{hook}/enable")
    assert not hub.webhooks.deliveries
    ada.put("models/ada/m", "a.txt", b"b")
    assert len(hub.webhooks.deliveries) == 1


def test_what_fails_for_a_while_is_brought_at_last(hub, ada, ear):
    hub.webhooks.queue.retry_delay = 0
    hook = made(ada, ear.url)
    assert hub.webhooks.get("ada", hook).last_triggered is None
    ear.answers = [503, 500]
    ada.put("models/ada/m", "a.txt", b"a")
    assert hub.webhooks.queue.wait()
    (delivery,) = hub.webhooks.deliveries
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 200, 3)
    assert len(ear.heard) == 3
    assert "lastTriggerAt" in ada("GET", f"{HOOKS}/{hook}").json()["webhook"]


@pytest.mark.parametrize(("answers", "attempts"), [([500] * 3, 3), ([404], 1), ([302], 1)])
def test_what_fails_for_good_is_kept_and_can_be_replayed(hub, ada, ear, answers, attempts):
    hub.webhooks.queue.retry_delay = 0
    made(ada, ear.url, secret="hush")
    ear.answers = list(answers)
    commit = ada.put("models/ada/m", "a.txt", b"a")
    assert hub.webhooks.queue.wait()
    (failed,) = hub.webhooks.deliveries
    assert (failed.state, failed.status, failed.attempts) == ("failed", answers[-1], attempts)
    again = hub.webhooks.replay(failed)
    assert hub.webhooks.queue.wait()
    assert again.state == "delivered"
    assert list(hub.webhooks.deliveries) == [failed, again]
    headers, payload = ear.heard[-1]
    assert headers["x-webhook-secret"] == "hush"
    assert payload["repo"]["headSha"] == commit
    assert "hush" not in repr(again)


def test_where_nobody_listens_the_request_goes_well_all_the_same(hub, ada, ear):
    hub.webhooks.queue.retry_delay = 0
    ear.close()
    made(ada, ear.url)
    ada.put("models/ada/m", "a.txt", b"a")
    assert hub.webhooks.queue.wait()
    (delivery,) = hub.webhooks.deliveries
    assert (delivery.state, delivery.status, delivery.attempts) == ("failed", None, 3)


@pytest.mark.parametrize(
    "url",
    ["https://example.com/hook", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "http://[2001:db8::1]/"],
)
def test_nothing_leaves_this_machine(hub, ada, url):
    made(ada, url)
    ada.put("models/ada/m", "a.txt", b"a")
    (delivery,) = hub.webhooks.deliveries
    assert (delivery.state, delivery.attempts) == ("refused", 0)
    assert delivery.payload["event"] == {"action": "update", "scope": "repo.content"}


def test_a_slow_listener_blocks_nobody_and_too_many_calls_are_dropped(hub, ada, ear):
    queue = hub.webhooks.queue
    queue.max_waiting = 2
    arrived, go_on = threading.Event(), threading.Event()
    post = queue._post

    def slowly(delivery):
        arrived.set()
        assert go_on.wait(30)
        return post(delivery)

    queue._post = slowly
    made(ada, ear.url)
    ada.put("models/ada/m", "a.txt", b"0")
    assert arrived.wait(30)
    for number in range(1, 5):
        ada.put("models/ada/m", "a.txt", b"%d" % number)
    assert not queue.wait(0)
    go_on.set()
    assert queue.wait()
    states = [delivery.state for delivery in hub.webhooks.deliveries]
    assert states == ["delivered"] * 3 + ["dropped"] * 2
    heads = [delivery.payload["repo"]["headSha"] for delivery in list(hub.webhooks.deliveries)[:3]]
    assert [payload["repo"]["headSha"] for payload in ear.payloads] == heads, "in the order in which it happened"


def test_webhooks_are_kept_for_their_owners_eyes_only(ada, ear, tmp_path: Path):
    made(ada, ear.url, secret="hush")
    assert (tmp_path / "hub" / "webhooks.json").stat().st_mode & 0o077 == 0


def test_what_is_said_and_done_in_a_discussion_is_told(hub, ada, bob, ear):
    made(ada, ear.url, domains=["discussion"])
    page = "/api/models/ada/m/discussions"
    assert bob("POST", page, {"title": "A question", "description": "Why?"}).json()["num"] == 1
    said = bob("POST", f"{page}/1/comment", {"comment": "So."}).json()["newMessage"]["id"]
    bob("POST", f"{page}/1/comment/{said}/edit", {"content": "So!"})
    bob("POST", f"{page}/1/comment/{said}/hide")
    bob("POST", f"{page}/1/title", {"title": "An answer"})
    ada("POST", f"{page}/1/status", {"status": "closed", "comment": "Done."})
    assert hub.webhooks.queue.wait()
    assert ear.events == [
        "create discussion",
        "create discussion.comment",
        "update discussion.comment",
        "update discussion.comment",
        "update discussion",
        "create discussion.comment",
        "update discussion",
    ]
    first, comment, edited, hidden, renamed, _, closed = ear.payloads
    author = {"id": hub.accounts.user("bob").id}
    assert first["discussion"] == {
        "id": first["discussion"]["id"],
        "num": 1,
        "title": "A question",
        "status": "open",
        "isPullRequest": False,
        "author": author,
        "url": {"web": "http://hub.test/ada/m/discussions/1", "api": "http://hub.test/api/models/ada/m/discussions/1"},
        "pinned": False,
    }
    assert (first["comment"]["content"], first["comment"]["author"]) == ("Why?", author)
    assert "headSha" not in first["repo"], "of the scopes `repo...` alone"
    assert comment["comment"] == {
        "id": said,
        "author": author,
        "content": "So.",
        "hidden": False,
        "url": {"web": f"http://hub.test/ada/m/discussions/1#{said}"},
    }
    assert edited["comment"]["content"] == "So!"
    assert hidden["comment"]["hidden"] is True
    assert "content" not in hidden["comment"]
    assert renamed["discussion"]["title"] == "An answer"
    assert closed["discussion"]["status"] == "closed"


def test_a_pull_request_is_told_from_its_beginning_to_its_merge(hub, ada, bob, ear):
    made(ada, ear.url)
    head = ada("GET", "/api/models/ada/m").json()["sha"]
    bob.commit("models/ada/m", bob.file("b.txt", b"b"), to="main?create_pr=1")
    assert ada("POST", "/api/models/ada/m/discussions/1/merge", {}).status == 200
    assert hub.webhooks.queue.wait()
    assert ear.events == ["update repo.content", "create discussion", "update repo.content", "update discussion"]
    _, begun, content, merged = ear.payloads
    assert begun["discussion"]["isPullRequest"] is True
    assert begun["discussion"]["changes"] == {"base": "refs/heads/main"}
    changed = {one["ref"]: (one["oldSha"], one["newSha"]) for one in content["updatedRefs"]}
    assert changed["refs/heads/main"] == (head, content["repo"]["headSha"])
    assert merged["discussion"]["status"] == "merged"
    assert merged["discussion"]["changes"]["mergeCommitId"] == content["repo"]["headSha"]


def test_what_is_private_is_told_to_the_members_of_its_organization(hub, ada, bob, ear):
    hub.accounts.add_organization("team", {"ada": "admin", "bob": "read"})
    hook = made(ada, ear.url, ("org", "team"))
    of_bob = made(bob, ear.url, ("org", "team"))
    created = ada("POST", "/api/repos/create", {"name": "x", "organization": "team", "private": True})
    assert created.status == 200, created.body
    assert {one.webhook_id for one in hub.webhooks.deliveries} == {hook, of_bob}
    owner = hub.accounts.organization("team").id
    assert hub.webhooks.deliveries[0].payload["repo"]["owner"] == {"id": owner}


def test_a_fine_grained_token_needs_the_right_to_webhooks(hub, ada, ear):
    hook, strong = made(ada, ear.url), ada.token
    requests = [
        ("GET", HOOKS, None, "read"),
        ("GET", f"{HOOKS}/{hook}", None, "read"),
        ("POST", HOOKS, given(ear.url, ("user", "ada")), "write"),
        ("POST", f"{HOOKS}/{hook}", {"watched": []}, "write"),
        ("POST", f"{HOOKS}/{hook}/disable", None, "write"),
        ("DELETE", f"{HOOKS}/{hook}", None, "write"),
    ]
    everything_else = ["repo.content.read", "repo.write", "discussion.write", "collection.write"]
    for right, enough in (("none", ()), ("read", ("read",)), ("write", ("read", "write"))):
        permissions = [*everything_else, *([] if right == "none" else [f"user.webhooks.{right}"])]
        ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada", permissions=permissions)])
        for method, path, data, needed in requests:
            assert ada(method, path, data).status == (200 if needed in enough else 403), (right, method, path)
    ada.token = strong


def test_a_webhook_tells_no_more_than_its_token_may_read(hub, ada, bob, ear):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    strong = ada.token
    hooks_alone = [Scope(entity="ada", permissions=["user.webhooks.write"])]
    weak = hub.accounts.add_fine_grained("ada", hooks_alone)
    both = hub.accounts.add_fine_grained("ada", [*hooks_alone, Scope(entity="ada/secret", permissions=["repo.write"])])

    ada.token = weak
    assert ada("POST", HOOKS, given(ear.url, ("model", "ada/secret"))).status == 404
    of_weak = made(ada, ear.url, ("user", "ada"))
    ada.token = both
    of_both = made(ada, ear.url, ("model", "ada/secret"))
    ada.token = weak
    assert ada("GET", f"{HOOKS}/{of_both}").json()["webhook"]["watched"] == []

    ada.token = strong
    ada.put("models/ada/secret", "a.txt", b"a")
    assert {one.webhook_id for one in hub.webhooks.deliveries} == {of_both}
    ada.put("models/ada/m", "a.txt", b"a")
    assert [one.webhook_id for one in hub.webhooks.deliveries] == [of_both, of_weak]


def test_a_weak_token_cannot_lead_a_webhook_of_a_strong_one_elsewhere(hub, ada, ear, tmp_path):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    hook = made(ada, ear.url, ("user", "ada"))
    strong = ada.token
    ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada", permissions=["user.webhooks.write"])])
    changed = given("http://127.0.0.1:9/", ("user", "ada"))
    assert ada("POST", f"{HOOKS}/{hook}", changed).status == 200
    ada.token = strong
    ada.put("models/ada/secret", "a.txt", b"a")
    assert not hub.webhooks.deliveries
    again = Hub(tmp_path / "hub")
    assert again.webhooks.get("ada", hook).scopes == (Scope(entity="ada", permissions=["user.webhooks.write"]),)


def test_a_delivery_is_sent_again_on_request(hub, ada, bob, ear):
    hook = made(ada, ear.url)
    ada.put("models/ada/m", "a.txt", b"a")
    assert hub.webhooks.queue.wait()
    (first,) = hub.webhooks.deliveries
    ear.answers = [404]

    answer = ada("POST", f"{HOOKS}/{hook}/replay/{first.id}")

    assert (answer.status, answer.json()) == (200, {"status": 404})
    assert ear.payloads == [first.payload, first.payload]
    assert ada("POST", f"{HOOKS}/{hook}/replay/none").status == 404
    assert bob("POST", f"{HOOKS}/{hook}/replay/{first.id}").status == 404
    assert len(ear.heard) == 2


def test_sent_again_to_nobody_is_a_bad_gateway(hub, ada):
    hook = made(ada, "https://example.com/")
    ada.put("models/ada/m", "a.txt", b"a")
    (refused,) = hub.webhooks.deliveries

    assert ada("POST", f"{HOOKS}/{hook}/replay/{refused.id}").json() == {"status": 502}
