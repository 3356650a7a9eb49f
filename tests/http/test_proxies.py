"""Proxies: per call, per client and from the environment, with HTTP and SOCKS, over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import socket
import socketserver
import sys
import threading

import pytest

import hub_typed
from hub_typed import AsyncHfApi, HfApi
from hub_typed.errors import SettingsError, TransportError
from hub_typed.http.proxies import proxy_for
from hub_typed.http.transport import MAX_PROXIES, Urllib3Transport
from hub_typed.settings import Settings
from hub_typed.urls.url import parse_url
from hub_typed_api.wire import Request

COMMIT = "a" * 40
README = b"hello\n"
README_ID = "ce013625030ba8dba906f756967f9e9ca394464a"
HUB = "http://hub.invalid"
"""Endpoint that only the proxies of the tests resolve."""
INFO = b'{"_id": "1", "id": "o/n", "sha": "%s"}' % COMMIT.encode()
TREE = b'[{"type": "file", "path": "f", "size": 6, "oid": "%s"}]' % README_ID.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """A Hub with one file; also a proxy to it, since a proxy gets the whole URL."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Log nothing."""

    def reply(self):
        self.server.heard.append(self.path)
        body = README if "/resolve/" in self.path else TREE if "/tree/" in self.path else INFO
        self.send_response_only(200)
        for name, value in {
            "content-length": str(len(body)),
            "content-type": "application/json",
            "etag": f'"{README_ID}"',
            "x-repo-commit": COMMIT,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = reply  # noqa: N815 (names of the standard library)


class HubServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host):
        super().__init__((host, 0), Handler)
        self.heard = []
        self.url = f"http://{host}:{self.server_port}"


class SocksHandler(socketserver.StreamRequestHandler):
    """SOCKS 5 with names or addresses, with or without an account; connects everything to the Hub."""

    def handle(self):
        methods = self.rfile.read(self.rfile.read(2)[1])
        self.wfile.write(b"\x05\x02" if 2 in methods else b"\x05\x00")
        if 2 in methods:
            user = self.rfile.read(self.rfile.read(2)[1])
            self.server.accounts.append((user, self.rfile.read(self.rfile.read(1)[0])))
            self.wfile.write(b"\x01\x00")
        kind = self.rfile.read(4)[3]
        host = self.rfile.read(self.rfile.read(1)[0] if kind == 3 else 4)
        self.server.hosts.append(host.decode() if kind == 3 else socket.inet_ntoa(host))
        self.rfile.read(2)
        if self.server.refuses:
            self.wfile.write(b"\x05\x05\x00\x01" + bytes(6))
            return
        self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
        with socket.create_connection(self.server.target) as hub:
            back = threading.Thread(target=pump, args=(hub, self.connection))
            back.start()
            pump(self.connection, hub)
            back.join()


class SocksServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), SocksHandler)
        self.target, self.hosts, self.accounts, self.refuses = target, [], [], False
        self.address = f"127.0.0.1:{self.server_address[1]}"


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def running(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty cache for each test."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))


@pytest.fixture
def hub():
    """A Hub on loopback that is also a proxy."""
    with running(HubServer("127.0.0.1")) as server:
        yield server


@pytest.fixture
def socks(hub):
    with running(SocksServer(hub.server_address)) as server:
        yield server


def get(url):
    return Request(operation="models.model_info", method="GET", path=url)


# The argument


CALLS = {
    "hf_hub_download": lambda api, **more: api.hf_hub_download("o/n", "f", **more),
    "snapshot_download": lambda api, **more: api.snapshot_download("o/n", **more),
    "get_hf_file_metadata": lambda api, **more: api.get_hf_file_metadata(f"{HUB}/o/n/resolve/main/f", **more),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("key", ["http", "all", "http://hub.invalid", "all://hub.invalid"])
def test_the_proxies_of_a_call_are_used(hub, call, key):
    with HfApi(HUB, token=False) as api:
        CALLS[call](api, proxies={key: hub.url, "https": "http://other.invalid"})
    assert hub.heard
    assert all(target.startswith(f"{HUB}/") for target in hub.heard)


def test_the_proxies_of_a_call_are_used_by_the_asynchronous_client(hub):
    async def scenario():
        async with AsyncHfApi(HUB, token=False) as api:
            await api.hf_hub_download("o/n", "f", proxies={"http": hub.url})

    asyncio.run(scenario())
    assert len(hub.heard) == 2


def test_the_proxies_of_a_call_are_used_by_a_function_of_the_module(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", HUB)
    hub_typed.hf_hub_download("o/n", "f", proxies={"http": hub.url})
    assert len(hub.heard) == 2


def test_the_proxies_of_a_call_precede_the_settings_and_leave_the_client_as_it_was(hub):
    settings = Settings(endpoint=hub.url, proxies={"http": "http://127.0.0.1:9"}, attempts=1)
    with HfApi(token=False, settings=settings) as api:
        api.get_hf_file_metadata(f"{hub.url}/o/n/resolve/main/f", proxies={"http": hub.url})
        for none in (None, ""):
            api.get_hf_file_metadata(f"{hub.url}/o/n/resolve/main/f", proxies={"http": none})
        with pytest.raises(TransportError):
            api.get_hf_file_metadata(f"{hub.url}/o/n/resolve/main/f")
    assert hub.heard == [f"{hub.url}/o/n/resolve/main/f", "/o/n/resolve/main/f", "/o/n/resolve/main/f"]


@pytest.mark.parametrize(
    ("given", "settings", "found"),
    [
        ({"http": "http://a"}, {"proxies": {"http": "http://b"}, "no_proxy": "*"}, "http://a"),
        ({"http": "http://a", "no_proxy": "hub.test"}, {"proxies": {"http": "http://b"}}, None),
        ({"no_proxy": "hub.test"}, {"proxies": {"http": "http://b"}}, None),
        ({"https": "http://a"}, {"proxies": {"http": "http://b"}}, "http://b"),
        ({"https": "http://a"}, {"proxies": {"http": "http://b"}, "no_proxy": "hub.test"}, None),
        ({"http": "", "all": "http://a"}, {}, None),
        (None, {"proxies": {"http": "", "all": "http://a"}}, None),
        (None, {"proxies": {"http://hub.test": "http://a", "http": "http://b"}}, "http://a"),
        (None, {"proxies": {"http://other.test": "http://a", "http": " http://b "}}, "http://b"),
        ({"http://": "http://a"}, {}, "http://a"),
        ({"https://": "http://a", "all://": "http://b"}, {}, "http://b"),
        ({"HTTP://Hub.Test": "http://a", "http": "http://b"}, {}, "http://a"),
        ({"http://hub.test:80": "http://a", "http://hub.test": "http://b"}, {}, "http://a"),
        ({"http://hub.test:81": "http://a", "http://hub.test": "http://b"}, {}, "http://b"),
        ({"all://*.test": "http://a", "all://*": "http://b"}, {}, "http://a"),
        ({"all://*.hub.test": "http://a", "all://*hub.test": "http://b"}, {}, "http://b"),
        ({"http": "http://a", "no": "hub.test", "ftp": "http://b"}, {}, None),
        (None, {"proxies": {"http": "http://a", "no_proxy": "hub.test"}}, None),
        ({"http": "socks5h://u:p@a:1080"}, {}, "socks5h://a:1080"),
        ({"http": "SOCKS5://[::1]"}, {}, "socks5://[::1]"),
    ],
)
def test_the_proxy_of_a_url(given, settings, found):
    proxy = proxy_for(parse_url("http://hub.test/x"), Settings(**settings), given)
    assert (proxy and proxy.text) == found


@pytest.mark.parametrize("key", ["htps", "", "http:", "http:/hub.test", "ftp://", "hub.test", "http://h/path"])
def test_unknown_keys_of_proxies_are_refused(key):
    with pytest.raises(ValueError, match=rf"The key '{key}' in Settings\(proxies=\.\.\.\) is unknown"):
        Settings(proxies={key: "http://a.test"})
    with HfApi(HUB, token=False) as api, pytest.raises(ValueError, match=f"The key '{key}' in proxies is unknown"):
        api.hf_hub_download("o/n", "f", proxies={key: "http://a.test"})


def test_one_url_in_place_of_proxies_by_scheme_is_refused():
    with pytest.raises(ValueError, match="must be a dict"):
        Settings(proxies="http://a.test")


def test_the_error_of_a_proxy_in_place_of_a_key_has_no_password():
    with pytest.raises(ValueError, match="is unknown") as caught:
        Settings(proxies={"http://me:SECRET@a.test": "http"})
    assert "SECRET" not in str(caught.value)


def test_a_transport_of_the_caller_without_proxies_warns():
    class Carrier:
        def send(self, request, **more):
            raise TransportError("sent")

        def close(self):
            """Do nothing."""

    api = HfApi(HUB, token=False, transport=Carrier(), settings=Settings(attempts=1))
    with pytest.warns(UserWarning, match="'proxies' has no effect"), pytest.raises(TransportError):
        api.get_hf_file_metadata(f"{HUB}/o/n/resolve/main/f", proxies={"http": "http://a.test"})


def test_the_connections_of_the_last_proxies_alone_are_kept(hub):
    transport = Urllib3Transport(Settings())
    for number in range(3 * MAX_PROXIES):
        proxies = {"http": f"http://user{number}:secret@127.0.0.1:{hub.server_port}"}
        transport.with_proxies(proxies).send(get(f"{HUB}/"), timeout=10)
    assert len(transport._managers) == MAX_PROXIES
    transport.close()


# Malformed proxies and endpoints


WRONG = ["http://[::1", "socks://p.test", "ftp://p.test", "http://u:SEC\\RET@p.test", "u:SECRET@p.test:x", "http://"]


@pytest.mark.parametrize("proxy", WRONG)
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_malformed_proxy_of_the_environment_names_the_variable(monkeypatch, name, proxy):
    monkeypatch.setenv(name, proxy)
    with (
        HfApi(HUB, token=False) as api,
        pytest.raises(SettingsError, match=f"environment variable {name} is") as caught,
    ):
        api.model_info("o/n")
    assert "SEC" not in str(caught.value)


@pytest.mark.parametrize("proxy", WRONG)
@pytest.mark.parametrize("key", ["http", "all"])
def test_a_malformed_proxy_of_an_argument_names_the_argument(monkeypatch, key, proxy):
    with HfApi(HUB, token=False, settings=Settings(proxies={key: proxy})) as api:
        with pytest.raises(SettingsError, match=rf"'{key}' in Settings\(proxies=\.\.\.\) is invalid"):
            api.model_info("o/n")
        with pytest.raises(SettingsError, match=f"'{key}' in proxies is invalid") as caught:
            api.hf_hub_download("o/n", "f", proxies={key: proxy})
    assert "SEC" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint", ["hub.test", "ftp://hub.test", "https://", " ", "https://hub.test/?x", "https://a b"]
)
def test_a_malformed_endpoint_names_where_it_comes_from(monkeypatch, endpoint):
    with pytest.raises(SettingsError, match="from the argument endpoint is invalid"):
        HfApi(endpoint)
    with pytest.raises(SettingsError, match=r"from Settings\(endpoint=\.\.\.\) is invalid"):
        Settings(endpoint=endpoint)
    with pytest.raises(SettingsError, match=r"from Settings\(servers=\.\.\.\) is invalid"):
        Settings(servers={"https://a.test": endpoint})
    for name in ("HF_ENDPOINT", "HF_INFERENCE_ENDPOINTS_ENDPOINT"):
        with pytest.raises(SettingsError, match=f"from the environment variable {name} is invalid"):
            Settings.from_environment({name: endpoint})
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(SettingsError, match="from the environment variable HF_ENDPOINT is invalid"):
        hub_typed.model_info("o/n")


# SOCKS


def test_a_socks_proxy_carries_the_requests(socks, hub, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", f"socks5h://{socks.address}")
    with HfApi(HUB, token=False) as api:
        assert api.model_info("o/n").id == "o/n"
        api.hf_hub_download("o/n", "f")
    assert socks.hosts == ["hub.invalid"], "one connection, and the proxy resolves the name"
    assert len(hub.heard) == 3


def test_a_socks_proxy_of_a_call_gets_addresses_and_the_account(socks, hub):
    with HfApi(hub.url, token=False) as api:
        proxies = {"http": f"socks5://me:p%40ss@{socks.address}"}
        api.hf_hub_download("o/n", "f", proxies=proxies)
    assert (socks.hosts, socks.accounts) == (["127.0.0.1"], [(b"me", b"p@ss")])


@pytest.mark.parametrize("refuses", [True, False])
def test_a_socks_proxy_that_does_not_connect_is_a_transport_error(socks, refuses):
    socks.refuses = refuses
    address = socks.address if refuses else "127.0.0.1:9"
    settings = Settings(endpoint=HUB, attempts=1, proxies={"http": f"socks5h://me:SECRET@{address}"})
    with HfApi(token=False, settings=settings) as api, pytest.raises(TransportError) as caught:
        api.model_info("o/n")
    assert "SECRET" not in str(caught.value)


def test_tls_through_a_socks_proxy_reaches_the_server(socks, hub):
    """The Hub of the test has no TLS: the error is that of the handshake with it, not that of the proxy."""
    settings = Settings(endpoint="https://hub.invalid", attempts=1, proxies={"https": f"socks5h://{socks.address}"})
    with HfApi(token=False, settings=settings) as api, pytest.raises(TransportError, match=r"(?i)ssl"):
        api.model_info("o/n")
    assert socks.hosts == ["hub.invalid"]


def test_a_socks_proxy_without_the_extra_names_it(monkeypatch, socks):
    monkeypatch.setitem(sys.modules, "socks", None)
    settings = Settings(endpoint=HUB, proxies={"http": f"socks5h://me:SECRET@{socks.address}"})
    with (
        HfApi(token=False, settings=settings) as api,
        pytest.raises(SettingsError, match=r"hub-typed\[socks\]") as caught,
    ):
        api.model_info("o/n")
    assert "SECRET" not in str(caught.value)
