"""The embedded Hub on sockets, and its start and stop."""

from __future__ import annotations

import gc
import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from hub_typed.local import LocalHub
from hub_typed_api.serve import Answer

MIB = 1 << 20


@pytest.fixture(scope="module")
def hub():
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def connection(hub):
    with closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=20)) as connection:
        yield connection


def ask(connection, method, path, body=None, **headers):
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    connection.request(method, path, body=data, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read()


@pytest.fixture
def repo(hub, connection, request):
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    answer, body = ask(connection, "POST", "/api/repos/create", {"name": name}, Authorization=f"Bearer {hub.token}")
    assert answer.status == 200, body
    return f"{hub.user}/{name}"


def test_one_connection_serves_many_requests(connection, repo):
    ask(connection, "GET", "/api/models")
    used = connection.sock

    for method, path in [
        ("GET", f"/api/models/{repo}"),
        ("HEAD", f"/{repo}/resolve/main/.gitattributes"),
        ("HEAD", f"/{repo}/resolve/main/nope"),
        ("GET", "/nothing"),
        ("GET", f"/{repo}/resolve/main/.gitattributes"),
    ]:
        answer, body = ask(connection, method, path)
        assert bool(body) == (method == "GET")
        assert int(answer.headers["content-length"]) > 0
        assert connection.sock is used


def test_what_was_encoded_arrives_so(hub, connection, repo):
    token = {"Authorization": f"Bearer {hub.token}"}
    assert ask(connection, "POST", f"/api/models/{repo}/branch/d%2Fe", {}, **token)[0].status == 200

    answer, body = ask(connection, "GET", f"/api/models/{repo}/tree/d%2Fe?recursive=true")

    assert (answer.status, json.loads(body)[0]["path"]) == (200, ".gitattributes")


def test_pages_lead_back_by_the_name_that_the_client_uses(hub, connection, repo):
    by_name = f"localhost:{urlsplit(hub.endpoint).port}"

    answer, _ = ask(connection, "GET", "/api/models/x/y", Host=by_name)
    answer, _ = ask(connection, "GET", f"/api/models/{repo}/commits/main?limit=1", Host=by_name)

    assert answer.headers.get("link") is None
    hub.hub.store.create("model", "other", user="x")
    answer, _ = ask(connection, "GET", "/api/models?limit=1", Host=by_name)
    assert answer.headers["link"].startswith(f"<http://{by_name}/api/models?limit=1&cursor=1>")


def test_a_large_file_goes_up_and_down_in_pieces(hub, connection, repo):
    content = os.urandom(MIB) * 30
    oid = hashlib.sha256(content).hexdigest()
    token = {"Authorization": f"Bearer {hub.token}"}
    batch = {"operation": "upload", "objects": [{"oid": oid, "size": len(content)}]}
    _, body = ask(connection, "POST", f"/{repo}.git/info/lfs/objects/batch", batch, **token)
    href = urlsplit(json.loads(body)["objects"][0]["actions"]["upload"]["href"])
    assert href.netloc != urlsplit(hub.endpoint).netloc, "the storage is another origin"

    with closing(http.client.HTTPConnection(href.netloc, timeout=20)) as storage:
        answer, _ = ask(
            storage, "PUT", f"{href.path}?{href.query}", (content[i : i + MIB] for i in range(0, len(content), MIB))
        )
        assert answer.status == 200
        lines = [
            {"key": "header", "value": {"summary": "s"}},
            {"key": "lfsFile", "value": {"path": "w", "algo": "sha256", "oid": oid}},
        ]
        text = "\n".join(json.dumps(line) for line in lines).encode()
        assert ask(connection, "POST", f"/api/models/{repo}/commit/main", text, **token)[0].status == 200

        answer, _ = ask(connection, "GET", f"/{repo}/resolve/main/w")
        location = urlsplit(answer.headers["location"])
        answer, body = ask(storage, "GET", f"{location.path}?{location.query}")
        assert (answer.status, answer.headers["content-length"]) == (200, str(len(content)))
        assert hashlib.sha256(body).hexdigest() == oid
        answer, body = ask(storage, "GET", f"{location.path}?{location.query}", Range=f"bytes={20 * MIB}-")
        assert (answer.status, body) == (206, content[20 * MIB :])
        answer, _ = ask(storage, "HEAD", f"{location.path}?{location.query}")
        assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize(
    ("host", "storage"),
    [
        ("127.0.0.1:1", "http://localhost:1"),
        ("localhost:1", "http://127.0.0.1:1"),
        ("[::1]:1", "http://[::1]:1"),
        ("localhost", "http://localhost"),
        ("[::1]", "http://[::1]"),
    ],
)
def test_through_a_forwarded_port_the_storage_is_reached_by_that_port(hub, connection, repo, host, storage):
    batch = {"operation": "upload", "objects": [{"oid": "0" * 64, "size": 1}]}
    token = {"Authorization": f"Bearer {hub.token}", "Host": host}
    _, body = ask(connection, "POST", f"/{repo}.git/info/lfs/objects/batch", batch, **token)
    href = json.loads(body)["objects"][0]["actions"]["upload"]["href"]
    assert href.startswith(f"{storage}/")


def test_the_date_of_a_response_is_exact(connection):
    end = time.monotonic() + 1.2  # over the start of a second
    while time.monotonic() < end:
        before = int(time.time())
        connection.request("GET", "/api/models")
        answer = connection.getresponse()
        answer.read()
        (told,) = answer.headers.get_all("date")
        assert before <= parsedate_to_datetime(told).timestamp() <= time.time()


def test_slow_clients_do_not_delay_others(hub, connection):
    address = urlsplit(hub.endpoint)
    with socket.create_connection((address.hostname, address.port), timeout=20) as slow:
        slow.sendall(b"POST /api/repos/create HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")

        assert ask(connection, "GET", "/api/models")[0].status == 200


def test_many_clients_are_served_at_once(hub):
    found = []

    def client():
        with closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=20)) as one:
            found.extend(ask(one, "GET", "/api/models")[0].status for _ in range(20))

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [200] * 160


def test_a_hub_whose_endpoint_another_thread_reads_and_that_another_stops_is_one_hub(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        hub = LocalHub(tmp_path)
        assert len(set(threads.map(lambda _: hub.endpoint, range(8)))) == 1
        threads.submit(hub.stop).result()
    with LocalHub(tmp_path):
        pass  # the folder is free


def test_starting_takes_no_time():
    started = time.perf_counter()
    with LocalHub() as hub, closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=20)) as one:
        assert ask(one, "GET", "/api/models")[0].status == 200

    assert time.perf_counter() - started < 2


def test_a_hub_that_stopped_leaves_nothing():
    with LocalHub() as hub:
        address = urlsplit(hub.endpoint)
        folder = hub.root
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError), socket.create_connection((address.hostname, address.port), timeout=1):
        pass
    hub.stop()


def test_a_hub_without_running_requests_stops_at_once():
    seconds = []
    for _ in range(10):  # other processes may delay some of them
        with LocalHub() as hub, closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=20)) as one:
            assert ask(one, "GET", "/api/models")[0].status == 200
            started = time.perf_counter()
            hub.stop()
            seconds.append(time.perf_counter() - started)

    assert min(seconds) < 0.1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sent", [b"", b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_hub_that_stopped_has_closed_its_connections(sent):
    with LocalHub() as hub:
        address = urlsplit(hub.endpoint)
        large = Answer(headers={"content-length": str(64 * MIB)}, body=b"x" * (64 * MIB))
        hub.hub.intercept = lambda _incoming: large
        clients = [socket.create_connection((address.hostname, address.port), timeout=20) for _ in range(8)]
        for client in clients:
            client.sendall(sent)
        if sent:
            time.sleep(0.1)  # else the Hub stops while it accepts them
    gc.collect()  # warns of a connection that is still open
    for client in clients:
        client.close()


def test_a_folder_that_was_given_is_kept(tmp_path):
    with LocalHub(tmp_path) as hub:
        token = hub.token
        hub.hub.store.create("model", "x", user="x")

    with LocalHub(tmp_path) as again:
        assert again.token == token
        assert again.hub.store.find("model", "x") is not None


def test_a_folder_has_one_hub_at_a_time(tmp_path):
    with LocalHub(tmp_path), pytest.raises(RuntimeError, match="Another embedded Hub"):
        LocalHub(tmp_path)


def test_a_port_that_is_taken_is_told(hub):
    with LocalHub(port=urlsplit(hub.endpoint).port) as other, pytest.raises(OSError, match="in use"):
        _ = other.endpoint


def test_a_user_may_have_tokens_of_each_role(hub):
    assert hub.token != hub.read_token
    assert hub.add_user("carl") == hub.add_user("carl") != hub.add_user("carl", role="read")


def test_the_command_says_where_it_is_and_ends_by_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "hub_typed.local", "--no-xet", "--root", str(tmp_path / "hub")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(6)]
        exported = dict(line.removeprefix("export ").split("=") for line in lines)
        endpoint, token = exported["HF_ENDPOINT"], exported["HF_TOKEN"]
        with closing(http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=20)) as one:
            _, body = ask(one, "GET", "/api/whoami-v2", Authorization=f"Bearer {token}")
        process.send_signal(2)
        _, errors = process.communicate(timeout=20)

    assert exported["HF_INFERENCE_ENDPOINTS_ENDPOINT"] == endpoint
    assert exported["HF_HUB_DISABLE_XET"] == "1"
    assert json.loads(body)["name"] == "local-user"
    assert (process.returncode, errors) == (0, "")


def test_a_process_that_forgets_its_hub_ends():
    script = """
from urllib.request import urlopen
from hub_typed.local import LocalHub
hub = LocalHub()
print(urlopen(hub.endpoint + "/api/models").status)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=20)

    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")


@pytest.mark.parametrize("missing", ["pygit2", "uvicorn"])
def test_a_missing_extra_is_named(missing):
    script = f"""
import sys
sys.modules[{missing!r}] = None
from hub_typed.local import LocalHub
try:
    with LocalHub() as hub:
        hub.endpoint
except ImportError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert told == f"The embedded Hub needs {missing}: pip install 'hub-typed[local]'\n"


def test_the_package_and_the_plugin_load_nothing_of_the_extra():
    script = """
import sys
import hub_typed.local, hub_typed.local.pytest_plugin
print([name for name in ("pygit2", "uvicorn", "yaml", "hub_typed_api.models") if name in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert told == "[]\n"
