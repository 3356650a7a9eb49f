"""Which servers receive the token, tested over sockets: a Hub, its storage and a foreign server."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import threading
from dataclasses import dataclass

import pytest

from hub_typed import AsyncHfApi, HfApi, RepoUrl, hf_hub_url
from hub_typed.errors import HubError, ProtocolError, SettingsError, TransportError
from hub_typed.local import LocalHub
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT
from hub_typed_api.operations import lfs
from hub_typed_api.wire import Response, Source

TOKEN = "hf_TopSecretToken"
DATA = bytes(range(256))
OID = hashlib.sha256(DATA).hexdigest()
COMMIT = "a" * 40
HUB, STORE, EVIL = "127.0.0.1", "127.0.0.3", "127.0.0.2"


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server(http.server.ThreadingHTTPServer):
    """Server that responds to each request with status, headers and body returned by a function."""

    daemon_threads = True

    def __init__(self, host, answer):
        super().__init__((host, 0), Handler)
        self.answer = answer
        self.heard = []
        self.url = f"http://{host}:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def tokens(self):
        return [heard.path for heard in self.heard if TOKEN in str(heard.headers) or TOKEN.encode() in heard.body]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Log nothing."""

    def reply(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        heard = Heard(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.heard.append(heard)
        status, headers, body = self.server.answer(heard)
        self.send_response_only(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # Method names required by the standard library.
    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = reply  # noqa: N815


def said(value, **headers):
    known = {name.replace("_", "-"): text for name, text in headers.items()}
    return 200, {"content-type": "application/json", **known}, json.dumps(value).encode()


def sends_to(location, status=307, **headers):
    return status, {"location": location, **{name.replace("_", "-"): text for name, text in headers.items()}}, b""


@pytest.fixture
def serve():
    """Start servers that are stopped after the test."""
    with contextlib.ExitStack() as stack:

        def start(host, answer=lambda heard: said({})):
            server = Server(host, answer)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return server

        yield start


@pytest.fixture
def api_of():
    with contextlib.ExitStack() as stack:
        yield lambda server, **more: stack.enter_context(HfApi(server.url, **{"token": TOKEN, **more}))


def forgeries(evil, hub):
    """Return URLs in which one parser finds the host of the Hub, and another the foreign host."""
    here, there = hub.url.removeprefix("http://"), evil.url.removeprefix("http://")
    return {
        "backslash": f"http://{there}\\@{here}/x",
        "backslash in the path": f"http://{there}/\\@{here}/x",
        "user": f"http://{here}@{there}/x",
        "user of the hub": f"http://{there}@{here}/x",
        "tab": f"http://{there}\t@{here}/x",
        "blank": f"http://{there} @{here}/x",
        "full-width slash": f"http://{there}\uff0f@{here}/x",
        "dots": f"http://127。0。0。2:{evil.server_port}/x",
        "number": f"http://2130706434:{evil.server_port}/x",
        "no scheme": f"http:///{there}/x",
    }


FORGED = [*forgeries(type("", (), {"url": "http://a", "server_port": 1}), type("", (), {"url": "http://b"}))]


# Lists


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_next_page_is_refused_before_anything_is_sent(serve, api_of, kind):
    evil = serve(EVIL, lambda heard: said([]))

    def answer(heard):
        link = f'<{forgeries(evil, hub)[kind]}>; rel="next"'
        return said([{"_id": "1", "id": "a/b"}], link=link.encode().decode("latin-1"))

    hub = serve(HUB, answer)
    with pytest.raises(ProtocolError, match=r"models\.list_models"):
        list(api_of(hub).list_models())
    assert (len(hub.heard), evil.heard) == (1, [])


def test_the_next_page_that_another_origin_names_is_asked_for_without_the_token(serve, api_of):
    """After a redirect, the foreign server may return the URL of a page of the Hub, but the token is not sent there."""
    evil = serve(EVIL, lambda heard: said([{"_id": "1", "id": "a/b"}], link=f'<{hub.url}/private?x=1>; rel="next"'))
    hub = serve(HUB, lambda heard: said([]) if "private" in heard.path else sends_to(f"{evil.url}/list"))
    assert [model.id for model in api_of(hub).list_models()] == ["a/b"]
    assert [heard.path for heard in hub.heard][-1] == "/private?x=1"
    assert (len(hub.tokens), evil.tokens) == (1, [])


# Redirects


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_redirect_is_refused_before_anything_is_sent(serve, api_of, kind):
    evil = serve(EVIL)

    def answer(heard):
        return sends_to(forgeries(evil, hub)[kind].encode().decode("latin-1"))

    hub = serve(HUB, answer)
    for ask in (
        lambda api: api.model_info("a/b"),
        lambda api: api.add_space_secret("a/b", "KEY", "value"),
        lambda api: api.get_hf_file_metadata(f"{hub.url}/a/b/resolve/main/f"),
    ):
        with pytest.raises(ProtocolError):
            ask(api_of(hub))
    assert (len(hub.heard), evil.heard) == (3, [])


@pytest.mark.parametrize("location", ["///{evil}/x", "/\\{evil}/x", "/\t/{evil}/x", "\\\\{evil}\\x", "http:/{evil}/x"])
def test_a_relative_redirect_does_not_become_an_absolute_one(serve, api_of, location):
    evil = serve(EVIL)
    hub = serve(HUB, lambda heard: sends_to(location.format(evil=evil.url.removeprefix("http://"))))
    with pytest.raises(ProtocolError):
        api_of(hub).model_info("a/b")
    assert (len(hub.heard), evil.heard) == (1, [])


def test_letters_that_a_server_does_not_encode_are_utf8(serve, api_of):
    location = "/api/models/\u00c4/b?x=\u20ac".encode().decode("latin-1")
    hub = serve(HUB, lambda heard: said({"_id": "1", "id": "a/b"}) if "%" in heard.path else sends_to(location))
    api_of(hub).model_info("a/b")
    assert hub.heard[-1].path == "/api/models/%C3%84/b?x=%E2%82%AC"


@pytest.mark.parametrize("value", [5, None, ["http://hub.test"], {}, True, 1e400])
@pytest.mark.parametrize("place", ["upload", "verify", "part"])
def test_a_url_of_an_upload_that_is_no_text_is_a_protocol_error(serve, api_of, place, value):
    store = serve(STORE)
    hub = serve(HUB, hub_of_lfs(lambda: actions_with(place, value, store.url)))
    with pytest.raises(ProtocolError):
        api_of(hub).upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="a/b")
    assert store.heard == []


@pytest.mark.parametrize("kind", FORGED)
def test_the_storage_cannot_send_the_token_anywhere(serve, api_of, tmp_path, kind):
    evil = serve(EVIL)
    store = serve(STORE, lambda heard: sends_to(forgeries(evil, hub)[kind].encode().decode("latin-1"), 302))
    told = {"x_repo_commit": COMMIT, "x_linked_size": "3", "x_linked_etag": f'"{"b" * 64}"'}
    hub = serve(HUB, lambda heard: sends_to(f"{store.url}/x?sig=1", 302, **told))
    with pytest.raises(HubError):
        api_of(hub).hf_hub_download("a/b", "f", cache_dir=tmp_path)
    assert len(store.heard) == 1
    assert (store.tokens, evil.heard) == ([], [])


def test_who_was_sent_away_gets_no_token_when_sent_back(serve, api_of):
    """The other origin chooses the path, so the request is sent without the token."""
    evil = serve(EVIL, lambda heard: sends_to(f"{hub.url}/api/models/secret/model"))

    def answer(heard):
        if "secret" not in heard.path:
            return sends_to(f"{evil.url}/x")
        return said({"_id": "1", "id": "secret/model"})

    hub = serve(HUB, answer)
    api = api_of(hub, headers={"cookie": "session=1"})
    assert api.model_info("a/b").id == "secret/model"
    assert hub.tokens == ["/api/models/a/b"]
    assert "cookie" not in hub.heard[-1].headers
    assert (evil.tokens, len(evil.heard)) == ([], 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "send",
    [
        lambda api: api.add_space_secret("a/b", "KEY", TOKEN),
        lambda api: api.delete_repo("a/b"),
        lambda api: api.update_repo_settings("a/b", private=True),
        lambda api: api.create_repo("a/b"),
    ],
    ids=["secret", "delete", "put", "create"],
)
def test_what_is_written_does_not_go_to_another_origin(serve, api_of, send, status):
    evil = serve(EVIL)
    hub = serve(HUB, lambda heard: sends_to(f"{evil.url}{heard.path}", status))
    with pytest.raises(ProtocolError, match=r"another origin.*use it as the endpoint"):
        send(api_of(hub))
    assert (len(hub.heard), evil.heard) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_what_is_written_follows_a_redirect_of_the_same_origin(serve, api_of, status):
    hub = serve(HUB, lambda heard: said({}) if "new" in heard.path else sends_to("/api/spaces/new/secrets", status))
    api_of(hub).add_space_secret("a/b", "KEY", "value")
    assert [heard.method for heard in hub.heard] == ["POST", "POST"]
    assert hub.heard[0].body == hub.heard[1].body != b""
    assert len(hub.tokens) == 2


def test_after_a_303_nothing_of_the_body_goes_on(serve, api_of):
    evil = serve(EVIL, lambda heard: said({"url": f"{hub.url}/a/b"}))
    hub = serve(HUB, lambda heard: sends_to(f"{evil.url}/see", 303))
    api_of(hub).create_repo("a/b")
    (heard,) = evil.heard
    assert (heard.method, heard.body, evil.tokens) == ("GET", b"", [])


def test_a_mirror_that_redirects_to_the_default_host_causes_no_redirect_loop(serve, api_of):
    hub = serve(HUB, lambda heard: sends_to(f"{DEFAULT_ENDPOINT}{heard.path}", 308))
    asked = []

    class Carrier:
        def send(self, request, **more):
            asked.append(request)
            if request.path.startswith(DEFAULT_ENDPOINT):
                return Response(status=200, headers={}, body=b'{"_id": "1", "id": "a/b"}', url=request.path)
            location = DEFAULT_ENDPOINT + request.path.removeprefix(hub.url)
            return Response(status=308, headers={"location": location}, url=request.path)

        def close(self):
            """Do nothing."""

    assert api_of(hub, transport=Carrier()).model_info("a/b").id == "a/b"
    assert [("authorization" in request.headers) for request in asked] == [True, False]
    with pytest.raises(ProtocolError, match="another origin"):
        api_of(hub, transport=Carrier()).add_space_secret("a/b", "KEY", "value")


# LFS files


def hub_of_lfs(actions):
    """Return the responses of a Hub to an upload, with the given actions for the file."""

    def answer(heard):
        if "preupload" in heard.path:
            return said({"files": [{"path": "x.bin", "uploadMode": "lfs", "shouldIgnore": False}], "commitOid": COMMIT})
        if "batch" in heard.path:
            return said({"transfer": "basic", "objects": [{"oid": OID, "size": len(DATA), "actions": actions()}]})
        if "/commit/" in heard.path:
            return said({"success": True, "commitOid": COMMIT, "commitUrl": f"/a/b/commit/{COMMIT}", "hookOutput": ""})
        return said({})

    return answer


def actions_with(place, href, good):
    """Return LFS actions with one forged URL."""
    actions = {"upload": {"href": f"{good}/u"}, "verify": {"href": f"{good}/v"}}
    if place == "part":
        actions["upload"]["header"] = {"chunk_size": "128", "1": f"{good}/1", "2": href}
    else:
        actions[place]["href"] = href
    return actions


@pytest.mark.parametrize("kind", FORGED)
@pytest.mark.parametrize("place", ["upload", "verify", "part"])
def test_a_forged_url_of_an_upload_is_refused_before_a_byte_is_sent(serve, api_of, place, kind):
    evil, store = serve(EVIL), serve(STORE, lambda heard: (200, {"etag": '"1"'}, b""))
    hub = serve(HUB, hub_of_lfs(lambda: actions_with(place, forgeries(evil, hub)[kind], store.url)))
    with pytest.raises(ProtocolError, match=r"lfs\.lfs_batch"):
        api_of(hub).upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="a/b")
    assert (store.heard, evil.heard) == ([], [])


def test_an_upload_gives_the_token_to_the_hub_alone(serve, api_of):
    store = serve(STORE, lambda heard: (200, {"etag": '"1"'}, b""))
    hub = serve(HUB, hub_of_lfs(lambda: {"upload": {"href": f"{store.url}/u"}, "verify": {"href": f"{hub.url}/v"}}))
    api_of(hub).upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="a/b")
    assert [(heard.method, heard.body) for heard in store.heard] == [("PUT", DATA)]
    assert (store.tokens, "/v" in hub.tokens) == ([], True)


def test_an_upload_does_not_follow_the_storage_elsewhere(serve, api_of):
    evil = serve(EVIL)
    store = serve(STORE, lambda heard: sends_to(f"{evil.url}/u"))
    hub = serve(HUB, hub_of_lfs(lambda: {"upload": {"href": f"{store.url}/u"}}))
    with pytest.raises(ProtocolError, match="another origin"):
        api_of(hub).upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="a/b")
    assert evil.heard == []


# URLs passed by the caller


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_url_of_a_caller_is_refused_before_anything_is_sent(serve, api_of, kind):
    evil = serve(EVIL)
    hub = serve(HUB)
    with pytest.raises(ValueError, match="Invalid URL"):
        api_of(hub).get_hf_file_metadata(forgeries(evil, hub)[kind])
    assert (hub.heard, evil.heard) == ([], [])


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_url_of_an_operation_is_refused_before_anything_is_sent(serve, api_of, kind):
    evil = serve(EVIL)
    hub = serve(HUB)
    with pytest.raises(ProtocolError, match="is refused"):
        api_of(hub).call(lfs.lfs_verify(forgeries(evil, hub)[kind], oid=OID, size=1))
    assert (hub.heard, evil.heard) == ([], [])


@pytest.mark.parametrize(
    "url", ["http://evil.test\\@hub.test/hook", "ftp://hub.test/x", "https:///x", "https://h .test/", "hub.test", ""]
)
def test_a_webhook_is_not_made_for_what_is_no_url(serve, api_of, url):
    hub = serve(HUB)
    with pytest.raises(ValueError, match=r"cannot be called.*pass a whole URL, as https://example\.com/hook"):
        api_of(hub).create_webhook(url=url, watched=[{"type": "user", "name": "ann"}])
    assert hub.heard == []


# No redirects from https to http


class Encrypted:
    """A Hub at https://hub.test that responds with the result of a function and records the requests."""

    def __init__(self, answer):
        self.sent = []
        self._answer = answer

    def send(self, request, *, sink=None, timeout, cancellation=None):
        body = b"".join(request.body.open()) if isinstance(request.body, Source) else request.body or b""
        path = request.path.removeprefix("https://hub.test")
        self.sent.append(request.path)
        status, headers, body = self._answer(Heard(request.method, path, dict(request.headers), body))
        return Response(status=status, headers=headers, body=body, url=request.path)

    def close(self):
        """Do nothing."""

    @property
    def in_the_clear(self):
        return [path for path in self.sent if path.startswith("http://")]


@pytest.mark.parametrize("host", ["hub.test", "store.test"])
@pytest.mark.parametrize("place", ["upload", "verify", "part"])
def test_an_upload_to_an_https_hub_is_not_sent_in_the_clear(place, host):
    hub = Encrypted(hub_of_lfs(lambda: actions_with(place, f"http://{host}/x?sig=SIGNED", "https://store.test")))
    api = HfApi("https://hub.test", token=TOKEN, transport=hub)
    with pytest.raises(ProtocolError, match="not encrypted") as caught:
        api.upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="a/b")
    assert "SIGNED" not in str(caught.value)
    assert all(path.startswith("https://hub.test/") for path in hub.sent)


@pytest.mark.parametrize(
    "call",
    [
        lfs.lfs_verify("http://hub.test/v", oid=OID, size=1),
        lfs.lfs_upload("http://store.test/u", body=DATA),
        lfs.lfs_complete("http://store.test/u", oid=OID, parts=[]),
    ],
    ids=["verify", "upload", "complete"],
)
def test_no_operation_of_an_https_hub_writes_in_the_clear(call):
    hub = Encrypted(lambda heard: said({}))
    with pytest.raises(ProtocolError, match="not encrypted"):
        HfApi("https://hub.test", token=TOKEN, transport=hub).call(call)
    assert hub.sent == []


@pytest.mark.parametrize("host", ["hub.test", "other.test", "hub.test:443"])
def test_lists_redirects_and_metadata_of_an_https_hub_do_not_lead_into_the_clear(host):
    target = f"http://{host}/x"
    hub = Encrypted(lambda heard: said([{"_id": "1", "id": "a/b"}], link=f'<{target}>; rel="next"'))
    with pytest.raises(ProtocolError, match="not encrypted"):
        list(HfApi("https://hub.test", token=TOKEN, transport=hub).list_models())
    away = Encrypted(lambda heard: sends_to(target, x_linked_etag='"1"'))
    api = HfApi("https://hub.test", token=TOKEN, transport=away)
    with pytest.raises(ProtocolError, match="not encrypted"):
        api.model_info("a/b")
    with pytest.raises(ProtocolError, match="not encrypted"):
        api.get_hf_file_metadata("https://hub.test/a/b/resolve/main/f")
    assert (hub.in_the_clear, away.in_the_clear) == ([], [])


def test_a_chain_of_redirects_does_not_come_back_from_https_to_http():
    def answer(heard):
        return sends_to("http://hub.test/x" if "store" in heard.path else "https://store.test/x")

    hub = Encrypted(answer)
    with pytest.raises(ProtocolError, match="not encrypted"):
        HfApi("https://hub.test", token=TOKEN, transport=hub).model_info("a/b")
    assert hub.in_the_clear == []


def test_the_embedded_hub_is_an_https_hub_where_its_client_takes_it_for_one(tmp_path):
    with LocalHub() as hub, HfApi(transport=hub.transport, token=hub.token) as api:
        assert api.endpoint == DEFAULT_ENDPOINT
        api.create_repo("local-user/thing")
        api.upload_file(path_or_fileobj=DATA, path_in_repo="x.bin", repo_id="local-user/thing")
        path = api.hf_hub_download("local-user/thing", "x.bin", cache_dir=tmp_path)
        with open(path, "rb") as file:
            assert file.read() == DATA


# Endpoints


@pytest.mark.parametrize(
    "endpoint", ["hub.test", "localhost:8080", "ftp://hub.test", "//hub.test", "http://h\\@b", "/x"]
)
@pytest.mark.parametrize("client", [HfApi, AsyncHfApi])
def test_an_endpoint_that_is_no_url_is_refused_when_the_client_is_built(monkeypatch, client, endpoint):
    with pytest.raises(ValueError, match=r"https://huggingface\.co"):
        client(endpoint)
    with pytest.raises(SettingsError):
        Settings(endpoint=endpoint)
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(SettingsError, match="HF_ENDPOINT"):
        client()


def with_account(server):
    return type("", (), {"url": server.url.replace("//", "//user:p%40SECRET@")})


def test_the_account_of_an_endpoint_is_sent_to_it_where_no_token_is_and_never_shown(serve, api_of):
    evil = serve(EVIL, lambda heard: said([], link=""))

    def answer(heard):
        return sends_to(f"{evil.url}/x") if "models" in heard.path else said({"_id": "1", "id": "a/b"})

    hub = serve(HUB, answer)
    api = api_of(with_account(hub), token=False)
    api.dataset_info("a/b")
    assert hub.heard[0].headers["authorization"] == "Basic dXNlcjpwQFNFQ1JFVA=="
    list(api.list_models())
    assert "authorization" not in evil.heard[0].headers
    api_of(with_account(hub)).dataset_info("a/b")
    assert hub.heard[-1].headers["authorization"] == f"Bearer {TOKEN}"
    url = hf_hub_url("a/b", "f", endpoint=with_account(hub).url)
    assert url == f"{hub.url}/a/b/resolve/main/f"
    assert "SECRET" not in f"{api.endpoint} {api.settings!r} {RepoUrl('a/b', with_account(hub).url)!r}"


def test_the_account_of_an_endpoint_is_not_in_errors(serve, api_of):
    hub = serve(HUB, lambda heard: (404, {}, b""))
    with pytest.raises(HubError) as caught:
        api_of(with_account(hub)).model_info("a/b")
    assert "SECRET" not in f"{caught.value} {caught.value!r} {caught.value.context}"
    with pytest.raises(TransportError) as caught:
        HfApi("http://user:SECRET@127.0.0.1:9", settings=Settings(attempts=1)).model_info("a/b")
    assert "SECRET" not in f"{caught.value} {caught.value!r}"


def test_a_url_with_the_account_of_the_endpoint_may_be_asked_about_and_no_other(serve, api_of):
    hub = serve(HUB, lambda heard: (200, {"etag": '"1"', "x-repo-commit": COMMIT}, b"x"))
    url = f"{with_account(hub).url}/a/b/resolve/main/f"
    found = api_of(with_account(hub)).get_hf_file_metadata(url)
    assert (found.etag, "SECRET" in f"{found}") == ("1", False)
    for other in (api_of(hub), api_of(type("", (), {"url": hub.url.replace("//", "//user:other@")}))):
        with pytest.raises(ValueError, match="user name or password") as caught:
            other.get_hf_file_metadata(url)
        assert "SECRET" not in str(caught.value)


def test_clients_of_different_accounts_are_different():
    one, other = (Settings(endpoint=f"http://user:{word}@hub.test") for word in ("a", "b"))
    assert one != other
    assert one.endpoint == other.endpoint == "http://hub.test"
    assert one == Settings(endpoint="http://user:a@hub.test/")


def test_a_client_for_another_endpoint_leaves_the_account_behind():
    given = Settings(endpoint="http://user:SECRET@hub.test")
    assert HfApi("http://other.test", settings=given).settings.endpoint.account is None
