"""Errors, logs and output contain no secrets and no control characters of a server."""

from __future__ import annotations

import base64
import html
import io as streams
import json
import logging
import pickle
import random
import socket
import string
import threading
import traceback
from contextlib import contextmanager, suppress
from urllib.parse import quote

import attrs
import pytest
import urllib3
from hypothesis import given, strategies as st

from hub_typed import AsyncHfApi, HfApi, HubError, RepoUrl, Settings
from hub_typed.errors import HfHubHTTPError, HubResponse, HubTimeoutError, InvalidTokenError, TransportError
from hub_typed.flows.files.formatting import format_table
from hub_typed.http.error_responses import redact_text
from hub_typed.http.event_streams import events
from hub_typed.http.pages import items
from hub_typed.http.requests import prepare_request
from hub_typed.http.send import execute, send_request
from hub_typed.http.transport import Urllib3Transport
from hub_typed.local import LocalHub
from hub_typed.logs.redaction import (
    account_secrets,
    escape_control_characters,
    redact_secrets,
    remember_secrets,
    request_secrets,
    sanitize,
    sanitize_line,
)
from hub_typed.progress import TransferEvent
from hub_typed.progress_bars.class_bars import ClassBars
from hub_typed.progress_bars.layout import Line
from hub_typed_api.models import SpaceSecretInput
from hub_typed_api.operations import models, repos, space_settings
from hub_typed_api.path import HFValidationError, checked_revision
from hub_typed_api.wire import Call, Paged, Request, Response, Source, Stream
from tests.scripted_hub import ScriptedHub

TOKEN = "hf_kLmNoPqRsTuVwXyZaBcDeFgHiJkLmNo"
PASSWORD = "Pa55w0rdOfTheProxy"
GET = Request(operation="models.model_info", method="GET", path="/api/models/o/n", repo_id="o/n")
CALL = Call(GET, lambda response: models.model_info("o/n").parse(response))


@contextmanager
def everything_logged():
    """Capture the output of all loggers at the lowest level."""
    stream = streams.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def all_shown(error: BaseException) -> str:
    """Return every text of an error: its message, its repr, its traceback and its pickle."""
    texts = [str(error), repr(error), "".join(traceback.format_exception(error))]
    texts.append(pickle.dumps(error).decode("latin-1"))
    if isinstance(error, HfHubHTTPError) and error.response is not None:
        texts += [repr(error.response), repr(error.context), repr(dict(error.response.headers)), error.response.text]
    return "\n".join(texts)


ENCODINGS = {
    "raw": lambda token: token,
    "bearer": lambda token: f"Authorization: bEaReR {token}",
    "upper": lambda token: token.upper(),
    "lower": lambda token: token.lower(),
    "quoted": lambda token: quote(token, safe=""),
    "quoted_twice": lambda token: quote(quote(token, safe=""), safe=""),
    "json": lambda token: json.dumps({"t": token}),
    "html": lambda token: f"<b>{html.escape(token)}</b>",
    "basic": lambda token: "Basic " + base64.b64encode(f"hf_user:{token}".encode()).decode(),
    "basic_of_token": lambda token: base64.urlsafe_b64encode(f"{token}:x".encode()).decode(),
    "hex": lambda token: token.encode().hex(),
    "hex_with_blanks": lambda token: token.encode().hex(" "),
    "hex_with_colons": lambda token: token.encode().hex(":").upper(),
    "each_quoted": lambda token: "".join(f"%{byte:02X}" for byte in token.encode()),
    "each_escaped": lambda token: "".join(f"\\u{ord(char):04X}" for char in token),
    "each_byte_escaped": lambda token: "".join(f"\\x{byte:02x}" for byte in token.encode()),
    "html_decimal": lambda token: "".join(f"&#{ord(char)};" for char in token),
    "html_hexadecimal": lambda token: "".join(f"&#x{ord(char):X};" for char in token),
    "beginning": lambda token: f"the token {token[:-4]}... is wrong",
    "end": lambda token: f"the token ...{token[4:]} is wrong",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("token", [TOKEN, "secret/with+odd=letters&%more<here>\"'\\", "api-token-that-looks-like-none"])
def test_a_secret_is_found_in_whatever_encoding(token, encoding):
    echo = ENCODINGS[encoding](token)
    shown = redact_secrets(f"before {echo} after", [token])
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert_hidden(token, shown)


@pytest.mark.parametrize("size", [257, 512, 513, 768, 1024, 1280, 2048, 4096, 8192])
@pytest.mark.parametrize("encoding", ["raw", "hex", "each_quoted"])
def test_a_long_token_is_found_wherever_it_begins(size, encoding):
    token = "".join(random.Random(size).choices(string.ascii_letters + string.digits, k=size))
    for blanks in range(9):
        for part in (token, token[size // 3 :], token[: -size // 3]):
            shown = redact_secrets(" " * blanks + ENCODINGS[encoding](part), [token]).strip(" ")
            assert len(shown.replace("...", "")) < 4, shown  # part of the escape of one letter


def assert_hidden(token: str, text: str) -> None:
    folded = text.lower()
    forms = (token, quote(token, safe=""), json.dumps(token)[1:-1], html.escape(token), token.encode().hex())
    for form in map(str.lower, forms):
        pieces = {form[at : at + 12] for at in range(max(1, len(form) - 11))}
        assert not [piece for piece in pieces if piece in folded], text
    core = base64.b64encode(token.encode()).decode()[: len(token) * 4 // 3 - 2]
    assert core not in text


def test_text_without_a_secret_stays_as_it_is():
    text = "Is it there? \u0130 See https://hub.test/docs (a?b), \u3000 100 %"
    assert redact_secrets(text, [TOKEN, PASSWORD]) == text
    assert redact_secrets("this is a test", ["is a"]) == "this is a test"  # too short to be one


@pytest.mark.parametrize("size", [1 << 16, 1 << 20])
def test_long_texts_take_one_pass(size):
    from time import process_time

    began = process_time()
    for filler in ("a", "hf_", TOKEN[:8], TOKEN):
        redact_secrets(filler * (size // len(filler)), [TOKEN, "a" * 300])
    assert process_time() - began < 20


tokens = st.from_regex(r"[A-Za-z0-9]{6}[!-~]{8,40}", fullmatch=True)


@given(token=tokens, encoding=st.sampled_from(sorted(ENCODINGS)), place=st.sampled_from(range(12)))
def test_a_token_that_is_echoed_anywhere_is_shown_nowhere(token, encoding, place):
    echo = ENCODINGS[encoding](token)
    hub = ScriptedHub()
    flow = _say(hub, token, echo, place)
    with everything_logged() as log, pytest.raises(HubError) as caught:
        hub.run(flow(hub.io(token=token, attempts=1)))
    assert_hidden(token, all_shown(caught.value))
    assert_hidden(token, log.getvalue())


def _say(hub: ScriptedHub, token: str, echo: str, place: int):
    """Have the Hub echo a text at one of several places; return the flow that receives it."""
    one_line = echo.replace("\n", " ")
    stream = Stream(GET, lambda data: data["absent"])

    def asked(io):
        return execute(io, CALL)

    if place == 0:
        hub.says(403, {"error": f"bad {echo}"})
    elif place == 1:
        hub.says(400, f"bad {echo} {'x' * 2000}".encode(), content_type="text/plain")
    elif place == 2:
        hub.says(500, f"<html>{echo}</html>".encode(), content_type="text/html")
    elif place == 3:
        hub.says(401, x_error_message=one_line, x_error_code=one_line, x_request_id=one_line)
    elif place == 4:
        hub.says(200, f"{'y' * 60}{echo}".encode(), content_type=f"text/{one_line}")
    elif place == 5:
        hub.says(200, [echo], x_hf_warning=f"topic{one_line}; {one_line}")
    elif place == 6:
        hub.says(302, location=f"http://elsewhere.test/{quote(one_line)}")
    elif place == 7:
        hub.says(200, [], link=f'<http://elsewhere.test/{quote(one_line)}>; rel="next"')
        return lambda io: _all(items(io, Paged(GET, lambda response: response.json())))
    elif place == 8:
        hub.says(200, b"data: " + json.dumps({"is": echo}).encode() + b"\n\n")
        return lambda io: _all(events(io, stream))
    elif place == 9:
        hub.says(422, {"errors": [{"message": echo}], "error": [echo, "x"]})
    elif place == 10:
        hub.says(403, f"<Error><Message>{echo}</Message></Error>".encode(), content_type="application/xml")
    else:  # remembered here, since the error is created before the flow sends the token
        remember_secrets(token)
        hub.breaks(TransportError(f"a proxy says {echo}"))
    return asked


async def _all(flow):
    return [item async for item in flow]


def test_what_a_body_is_to_keep_secret_is_not_echoed(hub):
    for call, secret in (
        (space_settings.add_space_secret("o/n", key="KEY", value="the-value-of-it"), "the-value-of-it"),
        (repos.create_repo(name="n", secrets=[SpaceSecretInput(key="K", value="another-value")]), "another-value"),
    ):
        assert secret.encode() in call.request.body
        hub.says(400, {"error": f"{secret} is no good"})
        with pytest.raises(HfHubHTTPError) as caught:
            hub.run(execute(hub.io(token=TOKEN), call))
        assert "is no good" in str(caught.value)
        assert secret not in all_shown(caught.value)
        assert secret not in repr(call)


def test_a_signature_that_is_echoed_is_not_shown(hub):
    signed = attrs.evolve(GET, path="https://storage.test/f?X-Amz-Signature=0123abcdef4567&part=1")
    body = b"<Error><Message>0123abcdef4567 differs</Message><Provided>0123abcdef4567</Provided></Error>"
    hub.says(403, body, content_type="application/xml", set_cookie="session=opaque", x_xet_access_token="opaque")
    with pytest.raises(HfHubHTTPError) as caught:
        hub.run(send_request(hub.io(token=False), signed))
    assert "0123abcdef4567" not in all_shown(caught.value)
    assert "opaque" not in all_shown(caught.value)
    assert (
        redact_text("GET /f?part=1&Signature=0123abcdef&Key-Pair-Id=K123456")
        == "GET /f?part=1&Signature=...&Key-Pair-Id=..."
    )


def test_a_repr_shows_no_secret():
    settings = Settings(
        endpoint=f"https://user:{PASSWORD}@hub.test/hf",
        proxies={"https": f"http://user:{PASSWORD}@proxy.test:8080", "all": f"user:{PASSWORD}@proxy.test"},
    )
    sent = prepare_request(
        models.list_models(search="words").request, settings, TOKEN, {"user-agent": "x", "cookie": PASSWORD}
    )
    response = Response(
        status=200, headers={"x-xet-access-token": TOKEN}, body=TOKEN.encode(), url=f"https://h/?{TOKEN}"
    )
    signed = attrs.evolve(sent, path=f"https://user:{PASSWORD}@h.test/f?X-Amz-Signature={TOKEN}", body=TOKEN.encode())
    shown = [
        *map(repr, (settings, sent, signed, response, Call(signed, repr), Paged(signed, list), Stream(signed, repr))),
        repr(Source(lambda secret=TOKEN: [secret.encode()])),
        repr(HfApi(settings=settings, token=TOKEN)),
        repr(AsyncHfApi(settings=settings, token=TOKEN)),
        repr(RepoUrl("o/n", endpoint=f"https://user:{PASSWORD}@hub.test")),
    ]
    for text in shown:
        assert TOKEN not in text
        assert PASSWORD not in text
    assert "endpoint='https://hub.test/hf'" in shown[0]
    assert "'https': 'http://proxy.test:8080', 'all': 'proxy.test'" in shown[0]
    assert f"<{len(TOKEN)} bytes>" in shown[2]
    assert "https://h.test/f?..." in shown[2]


def test_accounts_are_secrets_as_written_and_as_decoded():
    found = account_secrets(None, ["http://me:p%40ssw0rd@proxy"])
    assert set(found) == {"me:p%40ssw0rd", "me:p@ssw0rd", "p%40ssw0rd", "p@ssw0rd"}
    basic = attrs.evolve(GET, headers={"Authorization": "Basic " + base64.b64encode(b"me:password1").decode()})
    assert "password1" in request_secrets(basic)


def test_a_whole_download_is_logged_without_a_secret(tmp_path):
    with LocalHub() as hub, everything_logged() as log:
        api = HfApi(endpoint=hub.endpoint, token=hub.token)
        repo = f"{hub.user}/n"
        api.create_repo(repo)
        content = b"x" * 100_000
        api.upload_file(path_or_fileobj=content, path_in_repo="model.safetensors", repo_id=repo)
        for name in ("model.safetensors", "absent"):
            with suppress(HubError):
                api.hf_hub_download(repo, name, cache_dir=tmp_path)
        api.close()
    assert "?... HTTP/1.1" in log.getvalue()
    assert "ignature" not in log.getvalue()
    assert hub.token not in log.getvalue()


@pytest.fixture
def served():
    """A server that sends the same response to every client."""
    listener = socket.create_server(("127.0.0.1", 0))
    replies = [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(replies[0])

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", replies
    listener.close()


def test_a_signed_query_stays_out_of_all_logs_and_others_log_as_before(served, monkeypatch, capsys):
    import http.client

    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    url, replies = served
    replies[0] = b"HTTP/1.1 200 OK\r\nbroken header line\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    transport = Urllib3Transport(Settings())
    path = f"{url}/file?X-Amz-Signature=0123abcdef&Expires=9"
    signed = attrs.evolve(GET, path=path, headers={"authorization": f"Bearer {TOKEN}"})
    with everything_logged() as log:
        assert transport.send(signed, timeout=5).status == 200
    transport.close()
    assert '"GET /file?... HTTP/1.1" 200' in log.getvalue()
    out = capsys.readouterr()
    for text in (log.getvalue(), out.out, out.err):
        assert "0123abcdef" not in text
        assert TOKEN not in text
    monkeypatch.undo()
    with everything_logged() as log:
        urllib3.request("GET", f"{url}/file?mine=1", retries=False)
    assert '"GET /file?mine=1 HTTP/1.1" 200' in log.getvalue()


@pytest.mark.parametrize(
    "proxy",
    [
        f"http://u:{PASSWORD}@127.0.0.1:9",
        f"http://u:{PASSWORD}@127.0.0.1:99999",
        f"odd://u:{PASSWORD}@127.0.0.1:9",
        f"http://u:{PASSWORD}/x@[bad",
        f"u:{PASSWORD}\u20ac@127.0.0.1:9",
    ],
)
def test_the_password_of_a_proxy_is_not_shown_when_it_fails(proxy):
    def ask():
        settings = Settings(endpoint="http://10.255.255.1", proxies={"http": proxy}, attempts=1)
        HfApi(settings=settings, token=False).model_info("o/n")

    with everything_logged() as log, pytest.raises((HubError, ValueError)) as caught:
        ask()
    assert PASSWORD not in all_shown(caught.value)
    assert PASSWORD not in log.getvalue()


def test_an_answer_that_is_no_http_shows_no_token(served):
    url, replies = served
    replies[0] = f"{TOKEN} \x1b[2J\r\n\r\n".encode()
    with pytest.raises(TransportError) as caught:
        HfApi(endpoint=url, settings=Settings(attempts=1), token=TOKEN).model_info("o/n")
    assert not isinstance(caught.value, HubTimeoutError)
    assert_hidden(TOKEN, all_shown(caught.value))
    assert "\x1b" not in all_shown(caught.value)


@pytest.mark.parametrize("headers", [{"authorization": "Bearer hf_secret\u20ac"}, {"x-mine": "hf_secret\r\nx: y"}])
def test_a_header_that_cannot_be_sent_is_refused_by_name(hub, headers):
    with pytest.raises(HFValidationError, match=next(iter(headers))) as caught:
        hub.run(send_request(hub.io(token=False, headers=headers), GET))
    assert "hf_secret" not in all_shown(caught.value)


BAD_TOKENS = [
    "hf_sec ret",
    "hf_sec\nret",
    "hf_sec\x00ret",
    "hf_sec\u20acret",
    "hf_sec\x7fret",
    "hf_sec\u200bret",
    "hf_" * 4000,
]


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_a_token_is_checked_where_it_is_set(token, monkeypatch, tmp_path):
    token_file = tmp_path / "token"
    settings = Settings(token_path=str(token_file), offline=True)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    online = attrs.evolve(settings, offline=False)
    silent = ScriptedHub()

    def from_file():
        token_file.write_text(token, encoding="utf-8")
        HfApi(settings=online, transport=silent).whoami()

    def from_variable():
        monkeypatch.setattr("os.environ", {"HF_TOKEN": token})
        HfApi(settings=online, transport=silent).whoami()

    for place in (
        lambda: HfApi(token=token),
        lambda: AsyncHfApi(token=token),
        lambda: HfApi(settings=settings).model_info("o/n", token=token),
        from_file,
        from_variable,
    ):
        with pytest.raises(InvalidTokenError) as caught:
            place()
        assert isinstance(caught.value, ValueError)
        for piece in ("hf_sec", "hf_hf_"):
            assert piece not in all_shown(caught.value)
    assert not silent.asked


def test_what_surrounds_a_token_does_not_belong_to_it():
    assert HfApi(token="\ufeff hf_abc\r\n").token == "hf_abc"
    assert HfApi(token=" \n").token == ""
    assert HfApi(token=True).token is True


CONTROLS = "\x1b[31m\x00\x07\x08\x7f\x85\x9b\u200b\u202e\u2066\u2028\ufeff\ud800\U000e0001"


@given(st.text(max_size=200))
def test_escaped_text_is_harmless_and_stays_what_it_is(text):
    shown = escape_control_characters(text)
    assert escape_control_characters(shown) == shown
    assert all(char.isprintable() or char in "\n\t" or char.isspace() for char in shown)
    assert "\n" not in escape_control_characters(text, keep="")
    shown.encode()
    if text.isprintable():
        assert shown == text


def test_control_characters_of_a_server_reach_no_error(hub):
    hub.says(400, {"error": f"line 1\nline 2 {CONTROLS}"}, x_error_code="A\x1bB", x_request_id="a\u202eb")
    with pytest.raises(HfHubHTTPError) as caught:
        hub.run(send_request(hub.io(), GET))
    assert "line 1\nline 2 \\x1b[31m\\x00" in str(caught.value)
    assert caught.value.context.code == "A\\x1bB"
    assert caught.value.request_id == "a\\u202eb"
    for text in (str(caught.value), caught.value.server_message):
        assert not set(CONTROLS) & set(text) - set("[31m")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_a_warning_of_the_hub_is_one_line_of_the_log(hub, caplog):
    hub.says(200, b"{}", x_hf_warning=f"{TOKEN[:5]} unique; hear\nERROR forged {TOKEN} {CONTROLS}")
    hub.run(send_request(hub.io(token=TOKEN), GET))
    (record,) = [one for one in caplog.records if "hear" in one.getMessage()]
    assert "hear\\nERROR forged ... \\x1b[31m" in record.getMessage()
    assert_hidden(TOKEN, record.getMessage())


def test_a_bar_shows_a_name_in_one_line():
    drawn = []

    def bar(**known):
        drawn.append(known["desc"])

    name = "a\r\x1b[2Jb\nc"
    ClassBars(bar)(TransferEvent(transfer=1, kind="download", name=name, state="started", done=0, total=1))
    line = Line(name, None, ())
    assert [*drawn, line.label, str(line).removesuffix(": ")] == ["a\\r\\x1b[2Jb\\nc"] * 3


def test_a_table_shows_each_cell_in_one_line():
    shown = format_table(("NAME", "REFS"), ("a\x1b[2J\nb", "\u202emain"))
    assert shown.splitlines()[2] == "a\\x1b[2J\\nb \\u202emain"


def test_any_error_cleans_what_it_is_given():
    remember_secrets(TOKEN)
    made = f"{TOKEN} \x1b[2J\nnext"
    for error in (HubError(made), TransportError(made), HfHubHTTPError(made, HubResponse(500, {}, b"", "u"))):
        assert str(error) == "... \\x1b[2J\nnext"
        assert TOKEN not in all_shown(error)
    with pytest.raises(HFValidationError, match=r"Bearer \.\.\.") as caught:
        checked_revision(f"Bearer {TOKEN} \x1b[2J")
    assert TOKEN not in all_shown(caught.value)
    assert sanitize("a\tb\nc\x1b") == "a\tb\nc\\x1b"
    assert sanitize_line("a\nb") == "a\\nb"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"retry_after": "301"}, "delay of 301 s"),
        ({"retry_after": "7200"}, "delay of 7200 s (2 hours)"),
        ({"retry_after": "900"}, "delay of 900 s (15 minutes)"),
        ({"ratelimit": '"api";r=0;t=172799'}, "delay of 172800 s (2 days)"),
        ({"retry_after": "9" * 4000}, "more than 30 years"),
    ],
)
def test_a_wait_beyond_the_cap_is_told_with_what_allows_it(hub, headers, told):
    hub.says(429, **headers)
    with pytest.raises(HfHubHTTPError, match="longest_wait") as caught:
        hub.run(send_request(hub.io(), GET))
    assert told in str(caught.value)
    assert caught.value.context.retry_after > 300
    assert hub.waited == []


def test_a_wait_is_told_also_where_the_sum_of_the_waits_is_used_up(hub):
    hub.says(429, retry_after="7").says(429, retry_after="7").says(429, retry_after="7")
    with pytest.raises(HfHubHTTPError, match="delay of 7 s before") as caught:
        hub.run(send_request(hub.io(attempts=2, longest_wait=10), GET))
    assert hub.waited == [7, 7]
    assert caught.value.context.retry_after == 7
    assert "longest_wait" not in str(caught.value)
