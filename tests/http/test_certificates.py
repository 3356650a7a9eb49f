"""Untrusted certificates: refused without a retry, with advice."""

from __future__ import annotations

import datetime as dt
import http.server
import ssl
import threading
from contextlib import suppress

import pytest

from hub_typed import HfApi
from hub_typed.errors import CertificateError, HubError, LocalEntryNotFoundError, TransportError
from hub_typed.settings import Settings

trustme = pytest.importorskip("trustme")

PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Server(http.server.ThreadingHTTPServer):
    """A Hub over TLS that counts connections and requests."""

    daemon_threads = True

    def __init__(self, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        self.connections = self.requests = 0
        self.url = f"https://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect because they do not trust the certificate."""


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        """Log nothing."""

    def do_GET(self):
        self.server.requests += 1
        body = b'{"_id": "1", "id": "a/b"}'
        self.send_response_only(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_POST = do_GET  # noqa: N815  # method names required by the standard library


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(params=["unknown authority", "another host", "expired"])
def untrusted(request, authority):
    """A server whose certificate is refused by a client that trusts the authority."""
    certificate = {
        "unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "another host": lambda: authority.issue_cert("hub.test"),
        "expired": lambda: authority.issue_cert("127.0.0.1", not_before=PAST, not_after=PAST),
    }[request.param]()
    server = Server(certificate)
    yield server
    server.shutdown()
    server.server_close()


def client(server, bundle):
    # A retry would wait longer than the test may take.
    return HfApi(settings=Settings(endpoint=server.url, ca_bundle=bundle, backoff=1000, longest_backoff=1000))


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.model_info("a/b"),
        lambda api: list(api.list_models()),
        lambda api: api.add_space_secret("a/b", "KEY", "value"),
        lambda api: api.get_safetensors_metadata("a/b"),
        lambda api: api.file_exists("a/b", "f"),
        lambda api: api.upload_file(path_or_fileobj=b"x", path_in_repo="f", repo_id="a/b"),
    ],
    ids=["info", "list", "post", "safetensors", "head", "upload"],
)
def test_a_certificate_that_is_not_trusted_fails_at_once(untrusted, bundle, ask):
    with pytest.raises(TransportError, match=r"certificate is not trusted.*ca_bundle") as caught:
        ask(client(untrusted, bundle))
    assert isinstance(caught.value, CertificateError)
    assert (untrusted.connections, untrusted.requests) == (1, 0)


def test_the_error_of_a_download_names_the_certificate(untrusted, bundle, tmp_path):
    with pytest.raises(LocalEntryNotFoundError, match=r"certificate is not trusted.*ca_bundle"):
        client(untrusted, bundle).hf_hub_download("a/b", "f", cache_dir=tmp_path)
    assert (untrusted.connections, untrusted.requests) == (1, 0)


def test_the_reason_is_part_of_the_error(untrusted, bundle, request):
    with pytest.raises(CertificateError) as caught:
        client(untrusted, bundle).model_info("a/b")
    reasons = ("self-signed certificate", "unable to get local issuer", "not valid for '127.0.0.1'", "has expired")
    assert any(reason in str(caught.value) for reason in reasons), str(caught.value)


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "junk"])
def test_an_unreadable_bundle_is_an_error_at_once(authority, tmp_path, content):
    server = Server(authority.issue_cert("127.0.0.1"))
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    try:
        with pytest.raises(CertificateError, match=r"ca_bundle='.*ca\.pem' cannot be read"):
            client(server, str(path)).model_info("a/b")
    finally:
        server.shutdown()
        server.server_close()
    assert (server.connections <= 1, server.requests) == (True, 0)


def test_a_certificate_of_the_bundle_is_trusted(authority, bundle):
    server = Server(authority.issue_cert("127.0.0.1"))
    try:
        with client(server, bundle) as api:
            assert api.model_info("a/b").id == "a/b"
        with suppress(HubError), client(server, None) as api:
            api.model_info("a/b")
            pytest.fail("the system does not know this authority")
    finally:
        server.shutdown()
        server.server_close()
    assert server.requests == 1
