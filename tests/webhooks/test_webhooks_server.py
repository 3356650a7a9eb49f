"""Functions that an embedded Hub calls through webhooks."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from hub_typed import HfApi, WebhookPayload, WebhooksServer, parse_webhook_payload, webhook_endpoint
from hub_typed.local import LocalHub
from hub_typed.webhooks.server import MAX_BODY

BODY = {
    "event": {"action": "update", "scope": "repo.content"},
    "repo": {"type": "model", "name": "ann/m", "id": "1" * 24, "private": False},
    "webhook": {"id": "2" * 24, "version": 3},
}
SECRET = {"x-webhook-secret": "shared-secret"}


@pytest.fixture
def server():
    made = WebhooksServer(webhook_secret="shared-secret")
    yield made
    made.close()


def ask(server, path, body=BODY, method="POST", headers=SECRET):
    """Call the application without a socket; return the status and the JSON of its response."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body if isinstance(body, bytes) else json.dumps(body).encode()}

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": pairs}
    asyncio.run(server(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_deliveries_of_a_hub_reach_functions(server):
    seen = []

    @server.add_webhook
    async def content(payload: WebhookPayload) -> None:
        seen.append(("content", payload.event.scope, payload.event.action, payload.repo.name))

    @server.add_webhook("/talk/")
    def discussions(payload: WebhookPayload) -> dict[str, str]:
        assert threading.current_thread() is not threading.main_thread()
        seen.append(
            ("talk", payload.event.scope, payload.event.action, payload.discussion and payload.discussion.title)
        )
        return {"thread": threading.current_thread().name}

    server.launch(True, port=0)
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        repo = api.create_repo(f"{hub.user}/m").repo_id
        for path, domain in (("content", "repo"), ("talk", "discussion")):
            api.create_webhook(
                url=f"{server.url}/webhooks/{path}",
                watched=[{"type": "model", "name": repo}],
                domains=[domain],
                secret="shared-secret",
            )
        api.upload_file(path_or_fileobj=b"1", path_in_repo="one.txt", repo_id=repo)
        api.create_discussion(repo, title="Why?")
        assert hub.hub.webhooks.queue.wait()
        assert [one.state for one in hub.hub.webhooks.deliveries] == ["delivered"] * 2
    assert seen == [("content", "repo.content", "update", repo), ("talk", "discussion", "create", "Why?")]


def test_what_a_function_returns_is_the_response(server):
    @server.add_webhook
    def named(payload: WebhookPayload) -> dict[str, str]:
        return {"repo": payload.repo.name}

    assert ask(server, "/webhooks/named") == (200, {"repo": "ann/m"})
    assert named.__name__ == "named"  # the decorator returns the function itself


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"x-webhook-secret": "guess"}, 403), ({"x-webhook-secret": "shared-secreté"}, 403), (SECRET, 200)],
)
def test_only_the_secret_opens(server, headers, status):
    called = []
    server.add_webhook("at")(called.append)
    assert ask(server, "/webhooks/at", headers=headers)[0] == status
    assert len(called) == (status == 200)


def test_the_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET", "from outside")
    server = WebhooksServer()
    server.add_webhook("at")(lambda payload: None)
    assert ask(server, "/webhooks/at")[0] == 403
    assert ask(server, "/webhooks/at", headers={"x-webhook-secret": "from outside"}) == (200, None)


def test_without_a_secret_anyone_may_call_and_a_warning_says_so(caplog):
    server = WebhooksServer()
    server.add_webhook("at")(lambda payload: 1)
    assert ask(server, "/webhooks/at", headers={}) == (200, 1)
    server.launch(True, port=0)
    server.close()
    assert "WEBHOOK_SECRET" in caplog.text


def test_wrong_requests(server):
    @server.add_webhook("broken")
    def broken(payload: WebhookPayload) -> None:
        raise RuntimeError("hush")

    @server.add_webhook("odd")
    def odd(payload: WebhookPayload) -> object:
        return object()

    assert ask(server, "/webhooks/none")[0] == 404
    assert ask(server, "/webhooks/broken", method="GET")[0] == 405
    assert ask(server, "/webhooks/broken", b"{}")[0] == 400
    assert ask(server, "/webhooks/broken", b"x" * (MAX_BODY + 1))[0] == 413
    status, answer = ask(server, "/webhooks/broken")
    assert (status, "hush" in answer["error"]) == (500, False)
    assert ask(server, "/webhooks/odd")[0] == 500  # no JSON


def test_the_root_names_the_webhooks(server):
    server.add_webhook("at")(lambda payload: None)
    assert ask(server, "/", method="GET", headers={}) == (200, {"webhooks": ["/webhooks/at"]})


def test_a_body_in_pieces_below_another_application(server):
    server.add_webhook("at")(lambda payload: payload.repo.name)
    whole, sent = json.dumps(BODY).encode(), []
    pieces = [{"body": whole[:9], "more_body": True}, {"body": whole[9:]}]

    async def receive():
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/hub/webhooks/at", "root_path": "/hub", "method": "POST"}
    asyncio.run(server({**scope, "headers": [(b"x-webhook-secret", b"shared-secret")]}, receive, send))
    assert sent[1]["body"] == b'"ann/m"'
    with pytest.raises(NotImplementedError, match="websocket"):
        asyncio.run(server({"type": "websocket"}, receive, send))


def test_two_functions_at_one_path(server):
    server.add_webhook("at")(lambda payload: None)
    with pytest.raises(ValueError, match="/webhooks/at has a function already"):
        server.add_webhook("/at")(lambda payload: None)


def test_a_server_runs_once_and_ends(server):
    server.launch(True, port=0)
    with pytest.raises(RuntimeError, match="runs already"):
        server.launch(True, port=0)
    port = int(server.url.rpartition(":")[2])
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
    server.close()
    assert server.url is None
    with pytest.raises(ConnectionRefusedError), closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.connect()
    server.launch(True, port=0)  # again


PROGRAM = """
from hub_typed import WebhookPayload, webhook_endpoint

@webhook_endpoint
def plain(payload: WebhookPayload) -> str:
    return payload.repo.name

@webhook_endpoint("/deep/path")
async def other(payload: WebhookPayload) -> str:
    return payload.event.action

assert plain.__name__ == "plain"
print("the end", flush=True)
"""


def free_port():
    probe = WebhooksServer()
    probe.launch(True, port=0)
    port = probe.url.rpartition(":")[2]
    probe.close()
    return port


def test_decorated_functions_are_served_when_the_program_is_at_its_end():
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env={"PORT": port, "WEBHOOK_SECRET": "shared-secret"}, stdout=subprocess.PIPE
    ) as program:
        try:
            answers = [_posted(f"http://127.0.0.1:{port}/webhooks/{path}") for path in ("plain", "deep/path")]
        finally:
            program.terminate()
        assert answers == ["ann/m", "update"]
        assert program.stdout.read() == b"the end\n"


def _posted(url):
    request = Request(url, json.dumps(BODY).encode(), SECRET)
    for _ in range(300):
        try:
            with urlopen(request, timeout=10) as response:
                return json.load(response)
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise TimeoutError(url)


def test_a_program_that_fails_serves_nothing():
    command = [sys.executable, "-c", f"{PROGRAM}\n1 / 0"]
    failed = subprocess.run(command, env={"PORT": free_port()}, capture_output=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert b"ZeroDivisionError" in failed.stderr


def test_a_decorated_function_can_be_called_and_served(monkeypatch):
    monkeypatch.setattr("hub_typed.webhooks.server._shared_server", lambda: made)
    made = WebhooksServer(webhook_secret="shared-secret")

    @webhook_endpoint
    def twice(payload: WebhookPayload) -> str:
        return payload.repo.name * 2

    assert twice(parse_webhook_payload(json.dumps(BODY))) == "ann/mann/m"
    twice.launch(True, port=0)
    try:
        assert _posted(f"{made.url}/webhooks/twice") == "ann/mann/m"
    finally:
        made.close()


def test_without_uvicorn(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ImportError, match=r"hub-typed\[webhooks\]"):
        server.launch()
