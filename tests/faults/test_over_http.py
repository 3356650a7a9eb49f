"""Faults and counts over HTTP, for tests in other languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from hub_typed.local.faults import Reset, Status


def ask(endpoint, token, method, path, body=None, **headers):
    """Return status and JSON of a response."""
    if token is not None:
        headers = {"Authorization": f"Bearer {token}", **headers}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urlopen(Request(endpoint + path, data, headers, method=method), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def control(local_hub):
    """Sends a request with the token of the Hub, or with another one."""

    def send(method, path, body=None, *, token=local_hub.token, **headers):
        status, text = ask(local_hub.endpoint, token, method, path, body, **headers)
        return status, json.loads(text) if text.startswith(("{", "[")) else text

    return send


def test_a_fault_is_added_listed_and_removed(local_hub, control):
    given = {"fault": {"type": "Status", "status": 503}, "operation": "users.whoami", "times": 1}
    status, added = control("POST", "/_faults", given)
    assert status == 200
    assert added == {
        "id": 1,
        "fault": {"type": "Status", "status": 503, "message": "", "headers": {}, "applied": False},
        "operation": "users.whoami",
        "path": "*",
        "method": "*",
        "skip": 0,
        "times": 1,
        "probability": 1.0,
        "seed": 0,
        "matched": 0,
        "count": 0,
    }
    (rule,) = local_hub.faults.rules
    assert rule.fault == Status(503)
    assert control("GET", "/api/whoami-v2")[0] == 503
    assert control("GET", "/api/whoami-v2")[0] == 200
    assert control("GET", "/_faults") == (200, [{**added, "matched": 2, "count": 1}])
    local_hub.faults.add(Reset())
    assert control("DELETE", "/_faults/1")[0] == 200
    assert control("DELETE", "/_faults/1")[0] == 404
    assert [rule.fault for rule in local_hub.faults.rules] == [Reset()]
    assert control("DELETE", "/_faults")[0] == 200
    assert local_hub.faults.rules == []


FAULTS = [
    {"type": "Status", "status": 504, "applied": True, "message": "m", "headers": {"a": "b"}},
    {"type": "RateLimited", "seconds": 7, "form": "retry-after-date"},
    {"type": "ExpiredUrls"},
    {"type": "Reset", "after": 100_000, "of": "response"},
    {"type": "Truncated", "at": 5},
    {"type": "Stall", "seconds": None, "after": 5, "of": "request"},
    {"type": "Drip", "bytes_per_second": 0.5, "of": "request"},
    {"type": "WrongBytes", "at": 5, "count": 2},
    {"type": "ClosedConnection"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["type"])
def test_every_fault_has_a_json_form(control, fault):
    status, added = control("POST", "/_faults", {"fault": fault, "path": "/nowhere"})
    assert (status, added["fault"]) == (200, fault)
    again = {name: value for name, value in added.items() if name not in ("id", "matched", "count")}
    assert control("POST", "/_faults", again)[1]["fault"] == fault


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "Invalid request"),
        (b"\xff", "Invalid request"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "Invalid request"),
        (
            {},
            "a rule needs a fault: an object with a type, one of Status, RateLimited, ExpiredUrls, ExpiredTokens",
        ),
        ({"fault": "Status"}, "a rule needs a fault"),
        ({"fault": {"status": 503}}, "unknown type of fault None: it must be one of Status, RateLimited"),
        ({"fault": {"type": "Earthquake"}}, "unknown type of fault 'Earthquake': it must be one of Status, "),
        ({"fault": {"type": ["Status"]}}, "unknown type of fault"),
        ({"fault": {"type": "Status"}}, "Status needs status"),
        ({"fault": {"type": "Status", "status": "503"}}, "Status.status must be a whole number"),
        ({"fault": {"type": "Reset", "at": 5}}, "unknown member 'at' of Reset: it has type, after, of"),
        ({"fault": {"type": "Reset"}, "count": 5}, "unknown member 'count' of a rule: it has fault, operation, path"),
        ({"fault": {"type": "Reset"}, "times": "2"}, "Rule.times must be a whole number from 1 up"),
        ({"fault": {"type": "Reset"}, "operation": "nothing"}, "No operation of this Hub matches 'nothing'"),
        (b'{"fault": {"type": "Stall", "seconds": NaN}}', "Invalid request"),
    ],
)
def test_what_describes_no_rule_is_refused_with_the_reason(local_hub, control, body, message):
    status, answer = control("POST", "/_faults", body)
    assert status == 400
    assert message in answer["error"]
    assert local_hub.faults.rules == []


ROUTES = [
    ("GET", "/_faults"),
    ("POST", "/_faults"),
    ("DELETE", "/_faults"),
    ("DELETE", "/_faults/1"),
    ("GET", "/_stats"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_the_token_of_the_hub_counts(local_hub, control, method, path):
    rule = local_hub.faults.add(Status(503), path="/nowhere")
    password = b64encode(f"{local_hub.user}:{local_hub.token}".encode()).decode()
    refused = [
        (401, {"token": None}),
        (401, {"token": "hf_unknown"}),
        (403, {"token": local_hub.read_token}),
        (403, {"token": local_hub.add_user("ada")}),
        (403, {"token": local_hub.add_user("eve", role="admin")}),
        (401, {"token": None, "Authorization": f"Basic {password}"}),  # which a browser adds to any request
    ]
    for status, given in refused:
        assert control(method, path, {"fault": {"type": "Reset"}} if method == "POST" else None, **given)[0] == status
    assert local_hub.faults.rules == [rule]


def test_other_hosts_and_pages_are_refused(local_hub, control):
    body = {"fault": {"type": "Reset"}}
    assert control("POST", "/_faults", body, Host="evil.test")[0] == 421
    assert control("POST", "/_faults", body, token=None, Origin="https://evil.test")[0] == 403
    assert control("GET", "/_faults/../_faults")[0] == 404
    assert local_hub.faults.rules == []


def test_control_has_no_faults_and_is_not_counted(local_hub, control):
    local_hub.faults.add(Status(503))
    local_hub.stats.reset()
    assert control("GET", "/_faults")[0] == 200
    assert control("DELETE", "/_faults")[0] == 200
    assert control("GET", "/api/models")[0] == 200
    status, stats = control("GET", "/_stats")
    assert (status, stats["requests"]) == (200, {"models.list_models": 1})
    assert stats["sent"] == local_hub.stats.snapshot().sent > 0
    assert set(stats) == {"requests", "received", "sent", "lfs_objects", "xorb_bytes"}


SEED = """
users:
  - name: ada
  - name: bob
"""


@pytest.mark.parametrize("seed", [None, SEED], ids=["without a seed file", "with one"])
def test_the_command_offers_it_to_the_token_that_it_prints(tmp_path, seed):
    command = [sys.executable, "-m", "hub_typed.local", "--root", str(tmp_path / "hub")]
    if seed is not None:
        (tmp_path / "seed.yaml").write_text(seed)
        command += ["--seed", str(tmp_path / "seed.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        exported = [process.stdout.readline().strip() for _ in range(4 + 2 * (seed is not None))]
        values = dict(line.removeprefix("export ").split("=") for line in exported[:4])
        endpoint, token = values["HF_ENDPOINT"], values["HF_TOKEN"]
        rule = {"fault": {"type": "Status", "status": 500}, "operation": "users.whoami", "times": 1}
        assert ask(endpoint, token, "POST", "/_faults", rule)[0] == 200
        found = [ask(endpoint, token, "GET", "/api/whoami-v2")[0] for _ in range(2)]
        process.terminate()
    assert found == [500, 200]
