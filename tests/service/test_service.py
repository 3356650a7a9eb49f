"""Requests of other APIs: retries, redirects, and who receives the credentials."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from hub_typed.errors import ProtocolError, SettingsError, TransportError
from hub_typed.service import Credentials, ResponseError, Service
from hub_typed.service.send import execute
from hub_typed.service.wire import Call, Request, cookies, multipart_body, query, text

SECRET = "s3cr3t-of-the-test"
KEYS = Credentials.bearer(SECRET) | Credentials.key("query", "key", "k3y-of-the-test")


def call(method: str = "GET", **members: Any) -> Call[str]:
    return Call(Request(operation="default.ask", method=method, path="/ask", **members), text)


def test_what_passes_is_asked_again(hub):
    hub.says(503).says(429, retry_after="7").says(body=b"done")
    assert hub.run(execute(hub.io(), KEYS, call())) == "done"
    assert hub.waited == [0.5, 7.0]
    assert [request.path for request in hub.asked] == ["https://hub.test/ask?key=k3y-of-the-test"] * 3


@pytest.mark.parametrize(("status", "members"), [(503, {"method": "POST", "retry": False}), (404, {})])
def test_what_does_not_pass_is_raised(hub, status, members):
    hub.says(status, {"reason": f"no {SECRET}"})
    with pytest.raises(ResponseError) as caught:
        hub.run(execute(hub.io(), KEYS, call(**members)))
    assert caught.value.status == status
    assert SECRET not in str(caught.value)
    assert "k3y" not in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.operation, again.status) == (str(caught.value), "default.ask", status)


def test_the_attempts_are_limited(hub):
    hub.says(500).says(502).says(503)
    with pytest.raises(ResponseError, match="status 503"):
        hub.run(execute(hub.io(attempts=3), KEYS, call()))


def test_a_longer_wait_than_the_settings_allow_is_raised(hub):
    hub.says(429, retry_after="1000")
    with pytest.raises(ResponseError, match="status 429"):
        hub.run(execute(hub.io(), KEYS, call()))


def test_a_broken_connection_is_repaired_if_nothing_can_be_done_twice(hub):
    broken = TransportError("it broke")
    broken.delivery = "complete"
    assert hub.breaks(broken).says(body=b"done").run(execute(hub.io(), KEYS, call())) == "done"
    with pytest.raises(TransportError, match="it broke"):
        hub.breaks(broken).run(execute(hub.io(), KEYS, call("POST", retry=False)))


def test_another_server_gets_no_credentials_though_it_leads_back(hub):
    hub.says(302, location="https://other.test/x?y=1").says(302, location="https://hub.test/z").says(body=b"done")
    asked = call(headers={"cookie": "a=b", "x-trace": "1"})
    assert hub.run(execute(hub.io(headers={"x-own": "2"}), KEYS, asked)) == "done"
    assert [request.path for request in hub.asked] == [
        "https://hub.test/ask?key=k3y-of-the-test",
        "https://other.test/x?y=1",
        "https://hub.test/z",
    ]
    first, *others = ({*request.headers} for request in hub.asked)
    assert first == {"authorization", "cookie", "user-agent", "x-own", "x-trace"}
    assert others == [{"user-agent", "x-trace"}] * 2


def test_an_endless_way_ends(hub):
    for _ in range(11):
        hub.says(302, location="/ask")
    with pytest.raises(ProtocolError, match="more than 10 redirects"):
        hub.run(execute(hub.io(), Credentials(), call()))


def test_an_operation_without_security_gets_no_credentials(hub):
    hub.says(body=b"").run(execute(hub.io(), KEYS, call(authenticated=False)))
    assert hub.asked[0].path == "https://hub.test/ask"
    assert "authorization" not in hub.asked[0].headers


def test_an_invalid_response_names_the_operation(hub):
    with pytest.raises(ProtocolError, match=r"default\.ask.*does not match"):
        hub.says(body=b"\xff").run(execute(hub.io(), Credentials(), call()))


def test_the_environment_of_the_hub_does_not_matter(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_environment")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with Service("https://api.test/v1/", transport=hub.says(body=b"done")) as service:
        assert service.call(call()) == "done"
        assert service.base_url == "https://api.test/v1"
    assert hub.asked[0].path == "https://api.test/v1/ask"
    assert "authorization" not in hub.asked[0].headers
    with pytest.raises(SettingsError, match="base_url"):
        Service("api.test")


def test_nothing_is_sent_of_what_is_absent():
    assert query(("a", None), ("b", []), ("c", {"d": None, "e": False})) == (("c[e]", "false"),)
    assert cookies(("a", None)) is None
    kind, body = multipart_body(("a", None), ("b", 1))
    assert body.count(kind.partition("boundary=")[2].encode()) == 2
