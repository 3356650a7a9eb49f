"""Requests: preparation, redirects, retries, responses and pages."""

from __future__ import annotations

import logging
from email.utils import formatdate

import pytest

from hub_typed.errors import (
    HfHubHTTPError,
    HubError,
    HubTimeoutError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    ProtocolError,
    SettingsError,
    TransportError,
)
from hub_typed.http.io import drive, drive_all
from hub_typed.http.pages import items, page, pages
from hub_typed.http.redirects import redirect_request
from hub_typed.http.requests import hub_url, prepare_request
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute, send_request
from hub_typed.settings import DEFAULT_ENDPOINT, INFERENCE_ENDPOINTS, Settings
from hub_typed_api.wire import Call, Paged, Request, Response, Source, by_cursor, by_page

NOW = 1_700_000_000.0
HEADERS = {"user-agent": "test/1"}
HUB = Settings(endpoint="https://hub.test")
MIRROR = Settings(endpoint="https://mirror.test:8443/hf")


def get(path: str = "/api/models/o/n", **more: object) -> Request:
    return Request(operation="models.model_info", method="GET", path=path, **more)


def post(path: str = "/api/repos/create", **more: object) -> Request:
    return Request(operation="repos.create_repo", path=path, **{"method": "POST", "retry": False, **more})


# Preparation


def test_a_path_lies_below_the_endpoint_whatever_the_endpoint_is():
    assert prepare_request(get(), HUB, False, HEADERS).path == "https://hub.test/api/models/o/n"
    assert prepare_request(get(), MIRROR, False, HEADERS).path == "https://mirror.test:8443/hf/api/models/o/n"


def test_the_query_is_encoded_and_joined_to_one_that_is_there():
    asked = get(query=(("filter", "a b"), ("filter", "c&d")))
    assert prepare_request(asked, HUB, False, HEADERS).path.endswith("/o/n?filter=a+b&filter=c%26d")
    asked = get("https://hub.test/api/models?cursor=x", query=(("limit", "1"),))
    assert prepare_request(asked, HUB, False, HEADERS).path == "https://hub.test/api/models?cursor=x&limit=1"


def test_a_url_of_the_default_host_goes_to_the_mirror():
    assert hub_url(f"{DEFAULT_ENDPOINT}/api/models?x=1", MIRROR) == "https://mirror.test:8443/hf/api/models?x=1"
    assert hub_url(f"{DEFAULT_ENDPOINT}.evil.test/x", MIRROR) == f"{DEFAULT_ENDPOINT}.evil.test/x"
    assert hub_url("https://cdn.test/x", MIRROR) == "https://cdn.test/x"
    assert hub_url(f"{DEFAULT_ENDPOINT}/x", Settings()) == f"{DEFAULT_ENDPOINT}/x"


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.test/x",
        "http://hub.test/x",
        "https://hub.test:444/x",
        "https://hub.test.evil.test/x",
        "https://evil.test/https://hub.test/x",
    ],
)
def test_nothing_of_the_client_goes_to_another_origin(url):
    asked = get(url, headers={"authorization": "Bearer operation", "range": "bytes=0-"})
    sent = prepare_request(asked, HUB, "hf_secret", {**HEADERS, "cookie": "session", "authorization": "Bearer client"})
    assert sent.headers == {"user-agent": "test/1", "range": "bytes=0-"}


@pytest.mark.parametrize("url", ["/x", "https://hub.test/x", "https://HUB.test/x", "https://hub.test:443/x"])
def test_the_token_goes_to_the_endpoints_own_origin(url):
    assert prepare_request(get(url), HUB, "hf_secret", HEADERS).headers["authorization"] == "Bearer hf_secret"


def test_a_server_of_the_default_hub_receives_no_token_of_another_one_unless_it_is_named():
    asked = get("/v2/endpoint/ann", server=INFERENCE_ENDPOINTS)
    with pytest.raises(SettingsError, match=r"token of https://hub\.test") as caught:
        prepare_request(asked, HUB, "hf_secret", HEADERS)
    assert "hf_secret" not in str(caught.value)
    assert "authorization" not in prepare_request(asked, HUB, False, HEADERS).headers
    named = Settings(endpoint="https://hub.test", servers={INFERENCE_ENDPOINTS: INFERENCE_ENDPOINTS})
    for settings in (named, Settings()):
        sent = prepare_request(asked, settings, "hf_secret", HEADERS)
        assert sent.path == f"{INFERENCE_ENDPOINTS}/v2/endpoint/ann"
        assert sent.headers["authorization"] == "Bearer hf_secret"


def test_a_header_of_the_client_wins_over_the_token_and_over_the_operation():
    asked = get(headers={"Accept": "text/plain"})
    sent = prepare_request(asked, HUB, "hf_secret", {**HEADERS, "authorization": "Basic x", "accept": "*/*"})
    assert (sent.headers["authorization"], sent.headers["accept"]) == ("Basic x", "*/*")


def test_an_operation_that_takes_no_token_gets_none():
    sent = prepare_request(get(authenticated=False), HUB, "hf_secret", {**HEADERS, "authorization": "Basic x"})
    assert "authorization" not in sent.headers


def test_a_token_that_is_demanded_and_missing_stops_the_request(monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with pytest.raises(LocalTokenNotFoundError, match="HF_TOKEN"):
        prepare_request(get(), Settings(token_path=str(tmp_path / "none")), True, HEADERS)


def test_every_request_has_an_id_of_its_own_or_the_one_that_was_given():
    first, second = (prepare_request(get(), HUB, False, HEADERS).headers["x-amzn-trace-id"] for _ in range(2))
    assert first != second
    given = prepare_request(get(), HUB, False, {**HEADERS, "x-request-id": "mine"})
    assert given.headers["x-amzn-trace-id"] == "mine"


# Redirects


def redirect(location: str, status: int = 307, url: str = "https://hub.test/api/models/old/n") -> Response:
    return Response(status=status, headers={"location": location}, url=url)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/api/models/o/n?expand=sha", "https://hub.test/api/models/o/n?expand=sha"),
        ("https://cdn.test/x?sig=1", "https://cdn.test/x?sig=1"),
        ("//cdn.test/x", "https://cdn.test/x"),
        ("n2", "https://hub.test/api/models/old/n2"),
    ],
)
def test_a_redirect_is_followed_relative_or_absolute(location, target):
    onward = redirect_request(get(query=(("expand", "sha"),)), redirect(location))
    assert (onward.path, onward.query, onward.method) == (target, (), "GET")


def test_the_body_goes_on_with_the_redirect_but_not_with_a_303():
    asked = post(body=b"{}")
    assert (redirect_request(asked, redirect("/x")).method, redirect_request(asked, redirect("/x")).body) == (
        "POST",
        b"{}",
    )
    seen = redirect_request(asked, redirect("/x", 303))
    assert (seen.method, seen.body) == ("GET", None)


def test_a_question_for_the_head_stays_one():
    asked = Request(operation="files.head", method="HEAD", path="/x")
    assert redirect_request(asked, redirect("/x", 303)).method == "HEAD"


@pytest.mark.parametrize("location", ["https://cdn.test/x", "//cdn.test/x"])
def test_a_request_that_wants_relative_redirects_alone_takes_others_as_the_answer(location):
    assert redirect_request(get(redirect="relative"), redirect(location, 302)) is None
    assert redirect_request(get(redirect="relative"), redirect("/x", 302)) is not None


HERE = "https://hub.test/x"


@pytest.mark.parametrize(
    ("method", "location", "headers", "followed"),
    [
        ("HEAD", HERE, {}, True),
        ("HEAD", HERE, {"x-repo-commit": "a" * 40}, True),
        ("HEAD", "//hub.test/x", {}, True),
        ("HEAD", f"{DEFAULT_ENDPOINT}/x", {}, True),
        ("HEAD", HERE, {"x-linked-etag": '"1"'}, False),
        ("HEAD", "/x?to=https://hub.test/", {"x-linked-etag": '"1"'}, True),
        ("HEAD", "https://hub.test:444/x", {}, False),
        ("POST", HERE, {}, False),
    ],
)
def test_a_question_for_metadata_goes_on_within_the_hub_until_it_is_answered(method, location, headers, followed):
    asked = Request(operation="files.resolve_head", method=method, path="/x", redirect="relative")
    answered = redirect(location, 302)
    answered.headers.update(headers)
    assert (redirect_request(asked, answered) is not None) is followed


@pytest.mark.parametrize(("status", "location"), [(200, "/x"), (304, "/x"), (302, "")])
def test_what_is_no_redirect_is_not_followed(status, location):
    assert redirect_request(get(), redirect(location, status)) is None


@pytest.mark.parametrize("location", ["http://hub.test/x?sig=secret", "ftp://hub.test/x?sig=secret"])
def test_a_redirect_to_what_is_not_encrypted_is_refused(location):
    with pytest.raises(ProtocolError, match=r"not encrypted|does not begin with https://") as caught:
        redirect_request(get(), redirect(location))
    assert "secret" not in str(caught.value)


def test_a_redirect_that_is_no_url_is_refused():
    with pytest.raises(ProtocolError, match=r"models\.model_info"):
        redirect_request(get(), redirect("https://[broken"))


def test_a_redirect_is_prepared_anew_so_that_the_token_stays_at_home(hub):
    hub.says(302, location="https://cdn.test/x").says(200, b"bytes")
    got = hub.run(send_request(hub.io(token="hf_secret"), get()))
    assert (got.body, got.url) == (b"bytes", "https://cdn.test/x")
    assert [("authorization" in asked.headers) for asked in hub.asked] == [True, False]


@pytest.mark.parametrize("path", ["/api/models/o/n", "/api/models/new/n"])
@pytest.mark.parametrize("account", ["", "user:password@"])
def test_a_redirect_of_a_mirror_to_the_default_host_is_followed_without_the_token(hub, path, account):
    hub.says(307, location=f"{DEFAULT_ENDPOINT}{path}").says(302, location="/there").says(200)
    token = False if account else "hf_secret"
    hub.run(send_request(hub.io(endpoint=f"https://{account}hub.test", token=token, headers={"cookie": "1"}), get()))
    assert [asked.path for asked in hub.asked[1:]] == [f"{DEFAULT_ENDPOINT}{path}", f"{DEFAULT_ENDPOINT}/there"]
    assert [("authorization" in asked.headers, "cookie" in asked.headers) for asked in hub.asked] == [
        (True, True),
        (False, False),
        (False, False),
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_redirect_of_a_mirror_to_the_default_host_takes_no_write_there(hub, method):
    hub.says(308, location=f"{DEFAULT_ENDPOINT}/api/models/o/n")
    with pytest.raises(ProtocolError, match="another origin"):
        hub.run(send_request(hub.io(token="hf_secret"), Request(operation="x.y", method=method, path="/x")))


def test_redirects_end_somewhere_and_the_error_keeps_signatures_to_itself(hub):
    for _ in range(11):
        hub.says(302, location="/round?sig=secret")
    with pytest.raises(ProtocolError, match="more than 10 redirects") as caught:
        hub.run(send_request(hub.io(), get()))
    assert "secret" not in str(caught.value)
    assert hub.exhausted


# Retries


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again_with_growing_waits(hub, status):
    for _ in range(3):
        hub.says(status)
    hub.says(200, b"there")
    assert hub.run(send_request(hub.io(), get())).body == b"there"
    assert hub.waited == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 416, 422, 501])
def test_what_would_fail_again_is_not_tried_again(hub, status):
    with pytest.raises(HfHubHTTPError):
        hub.run(send_request(hub.says(status).io(), get()))
    assert (len(hub.asked), hub.waited) == (1, [])


def test_attempts_end_with_the_last_error(hub):
    hub.says(503).says(502).says(500)
    with pytest.raises(HfHubHTTPError, match=r"^500 "):
        hub.run(send_request(hub.io(attempts=3), get()))
    assert len(hub.asked) == 3


def test_a_request_that_changes_something_is_not_repeated_unless_it_was_turned_away(hub):
    with pytest.raises(HfHubHTTPError):
        hub.run(send_request(hub.says(503).io(), post()))
    with pytest.raises(TransportError):
        hub.run(send_request(hub.breaks(TransportError("reset")).io(), post()))
    hub.says(429).says(200)
    hub.run(send_request(hub.io(), post()))
    assert len(hub.asked) == 4


def test_a_broken_connection_is_tried_again(hub):
    hub.breaks(TransportError("reset")).breaks(TransportError("reset")).says(200, b"there")
    assert hub.run(send_request(hub.io(), get())).body == b"there"
    with pytest.raises(TransportError, match="last"):
        hub.breaks(TransportError("first")).breaks(TransportError("last")).run(send_request(hub.io(attempts=2), get()))


class Gathered:
    """A sink that accepts the bodies of 2xx responses."""

    def __init__(self):
        self.body = b""

    def begin(self, response):
        return response.status < 300

    def write(self, piece):
        self.body += piece


def test_a_body_that_a_sink_receives_is_not_requested_again(hub):
    """Only the caller knows from which byte to resume."""
    with pytest.raises(TransportError):
        hub.run(send_request(hub.breaks(TransportError("reset")).io(), get(), sink=Gathered()))
    assert len(hub.asked) == 1


def test_an_answer_that_the_sink_did_not_want_may_be_asked_for_again(hub):
    sink = Gathered()
    hub.says(503).says(206, b"bytes")
    got = hub.run(send_request(hub.io(), get(), sink=sink))
    assert (got.status, got.body, sink.body) == (206, b"", b"bytes")


def test_each_attempt_is_a_request_of_its_own(hub):
    hub.says(503).says(200)
    hub.run(send_request(hub.io(), get()))
    first, second = (asked.headers["x-amzn-trace-id"] for asked in hub.asked)
    assert first != second


def test_the_time_out_is_that_of_the_caller_or_of_the_settings(hub):
    hub.run(execute(hub.says(200).io(read_timeout=7), CALL, timeout=3))
    hub.run(execute(hub.says(200).io(read_timeout=7), CALL))
    assert hub.timeouts == [3, 7]


def test_offline_nothing_is_sent(hub):
    with pytest.raises(OfflineModeIsEnabled, match="HF_HUB_OFFLINE") as caught:
        hub.run(send_request(hub.io(offline=True), get("/x?sig=secret")))
    assert hub.asked == []
    assert "secret" not in str(caught.value)


# Delays


def wait(attempt: int = 1, chance: float = 1.0, status: int = 429, **headers: str) -> float | None:
    known = {name.replace("_", "-"): value for name, value in headers.items()}
    return retry_delay(Response(status=status, headers=known), attempt, HUB, chance, NOW)


def test_waits_double_up_to_a_ceiling_and_are_shortened_by_chance():
    assert [retry_delay(None, attempt, HUB, 1.0, NOW) for attempt in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 20, 20]
    assert retry_delay(None, 3, HUB, 0.25, NOW) == 0.5
    assert wait(chance=0.0) == 0


@pytest.mark.parametrize("status", [429, 503])
def test_the_hub_may_ask_for_a_wait_in_seconds_or_until_a_moment(status):
    assert wait(status=status, retry_after="7") == 7
    assert wait(status=status, retry_after=formatdate(NOW + 9, usegmt=True)) == 9
    assert wait(status=status, retry_after=formatdate(NOW - 9, usegmt=True)) == 0


@pytest.mark.parametrize("text", ["soon", "1.5", "-3", "²", "Thu, 01 Jan 99999999999 00:00:00 GMT"])
def test_a_wait_that_makes_no_sense_is_left_out(text):
    assert wait(retry_after=text) == 0.5


def test_an_exhausted_rate_limit_gives_the_seconds_until_its_reset():
    assert wait(ratelimit='"api";r=0;t=55') == 56
    assert wait(ratelimit='"api";r=0;t=55', retry_after="7") == 56
    assert wait(ratelimit='"api";r=12;t=55') == 0.5
    assert wait(status=503, ratelimit='"api";r=0;t=55') == 0.5


@pytest.mark.parametrize(
    "headers", [{"retry_after": "301"}, {"retry_after": "9" * 40}, {"ratelimit": '"api";r=0;t=300'}]
)
def test_a_wait_longer_than_allowed_is_an_error_at_once(hub, headers):
    assert wait(**headers) is None
    with pytest.raises(HfHubHTTPError, match="longer than the 300 s allowed"):
        hub.run(send_request(hub.says(429, **headers).io(), get()))
    assert (hub.waited, len(hub.asked)) == ([], 1)


def test_the_wait_the_hub_asks_for_is_kept(hub):
    hub.says(429, retry_after="7").says(200)
    hub.run(send_request(hub.io(), get()))
    assert hub.waited == [7]


@pytest.mark.parametrize("request_", [get(), post(), post(body=Source(lambda: [b"x"], 1), method="PUT")])
def test_waits_the_hub_asks_for_use_up_no_attempt(hub, request_):
    for _ in range(20):
        hub.says(429, retry_after="7")
    hub.says(200)
    hub.run(send_request(hub.io(attempts=2), request_))
    assert hub.waited == [7] * 20


def test_waits_the_hub_asks_for_leave_the_attempts_to_other_failures(hub):
    hub.says(429, retry_after="7").says(503).says(429, retry_after="9").says(500)
    with pytest.raises(HfHubHTTPError, match=r"^500"):
        hub.run(send_request(hub.io(attempts=2, deadline=10), get()))
    assert hub.waited == [7, 0.5, 9]


def test_waits_the_hub_asks_for_come_to_an_end(hub):
    for _ in range(9):
        hub.says(429, retry_after="100")
    with pytest.raises(HfHubHTTPError, match="requested a delay of 100 s"):
        hub.run(send_request(hub.io(attempts=4, longest_wait=200), get()))
    assert hub.waited == [100] * 8


@pytest.mark.parametrize("headers", [{}, {"retry_after": "0"}, {"ratelimit": '"api";r=5;t=9'}])
def test_a_refusal_without_a_wait_uses_up_an_attempt(hub, headers):
    for _ in range(3):
        hub.says(429, **headers)
    with pytest.raises(HfHubHTTPError, match=r"^429"):
        hub.run(send_request(hub.io(attempts=3), get()))
    assert hub.exhausted


def test_a_timeout_of_the_call_limits_the_waits_the_hub_asks_for(hub):
    hub.says(429, retry_after="7").says(429, retry_after="7")
    with pytest.raises(HfHubHTTPError, match="would exceed the timeout"):
        hub.run(send_request(hub.io(), get(), timeout=10))
    assert hub.waited == [7]


# Broken connections


def broken(delivery, kind=TransportError):
    error = kind("broken")
    error.delivery = delivery
    return error


def test_what_the_server_cannot_have_received_is_sent_again_whatever_it_is(hub):
    hub.breaks(broken("none")).says(200)
    hub.run(send_request(hub.io(), post()))
    with pytest.raises(TransportError):
        hub.run(send_request(hub.breaks(broken("none")).io(), post(), single_attempt=True))


UPLOAD = Request(operation="lfs.lfs_upload", method="PUT", path="/x", body=Source(lambda: [b"x"], 1))


def test_a_body_that_was_taken_is_sent_again_unless_the_response_is_slow(hub):
    hub.breaks(broken("complete")).breaks(broken("unknown", HubTimeoutError)).says(500).says(200)
    hub.run(send_request(hub.io(), UPLOAD))
    with pytest.raises(HubTimeoutError):
        hub.run(send_request(hub.breaks(broken("complete", HubTimeoutError)).io(), UPLOAD))
    hub.breaks(broken("complete", HubTimeoutError)).says(200)
    hub.run(send_request(hub.io(), get()))


def test_the_response_to_an_upload_has_a_time_of_its_own(hub):
    hub.run(send_request(hub.says(200).io(answer_timeout=77), UPLOAD))
    hub.run(send_request(hub.says(200).io(answer_timeout=77), UPLOAD, timeout=5))
    assert hub.timeouts == [77, 5]


@pytest.mark.parametrize(("status", "unclear"), [(500, True), (504, True), (408, True), (501, False), (400, False)])
def test_an_error_says_whether_the_request_may_have_been_carried_out(hub, status, unclear):
    with pytest.raises(HfHubHTTPError) as caught:
        hub.run(send_request(hub.says(status).io(), post()))
    assert (caught.value.may_be_done, "carried out nevertheless" in str(caught.value)) == (unclear, unclear)
    with pytest.raises(HfHubHTTPError) as caught:
        hub.run(send_request(hub.says(status).io(attempts=1), get()))
    assert not caught.value.may_be_done


@pytest.mark.parametrize("delivery", ["none", "unknown", "complete"])
def test_a_broken_connection_says_whether_the_request_may_have_been_carried_out(hub, delivery):
    with pytest.raises(TransportError) as caught:
        hub.run(send_request(hub.breaks(broken(delivery)).io(attempts=1), post()))
    assert caught.value.may_be_done is (delivery != "none")


def test_the_status_of_a_repetition_means_what_the_operation_says(hub):
    deletion = Request(operation="x.y", method="DELETE", path="/x", repeated={404: "done", 409: "unclear"})
    for unclear in (lambda: hub.says(504), lambda: hub.breaks(broken("complete"))):
        hub.run(send_request(unclear().says(404).io(), deletion))
    for clear in (lambda: hub, lambda: hub.says(429), lambda: hub.breaks(broken("none"))):
        with pytest.raises(HfHubHTTPError, match=r"^404") as caught:
            hub.run(send_request(clear().says(404).io(), deletion))
        assert not caught.value.may_be_done
    with pytest.raises(HfHubHTTPError, match=r"(?s)^409.*due to an earlier attempt"):
        hub.run(send_request(hub.says(504).says(409).io(), deletion))
    with pytest.raises(HfHubHTTPError, match=r"^403") as caught:
        hub.run(send_request(hub.says(504).says(403).io(), deletion))
    assert not caught.value.may_be_done


# Warnings of the Hub


def test_a_warning_of_the_hub_is_logged_once_a_topic(hub, caplog, monkeypatch):
    monkeypatch.setattr("hub_typed.http.send._warned", {})
    caplog.set_level(logging.WARNING, "hub_typed")
    for _ in range(2):
        hub.says(200, x_hf_warning="Tokens; this one is old, rotate it, Limits; slow down")
        hub.run(send_request(hub.io(), get()))
    assert [record.getMessage() for record in caplog.records] == [
        "The Hub warns: this one is old, rotate it",
        "The Hub warns: slow down",
    ]


# Parsed responses

CALL = Call(get(), lambda response: response.json()["name"] if response.body else None)


def test_an_answer_is_read(hub):
    assert hub.run(execute(hub.says(200, {"name": "n"}).io(), CALL)) == "n"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>sign in</html>", "text/html"),
        (b'{"name": ', "application/json"),
        (b"{}", "application/json"),
        (b"[1]", "application/json"),
        pytest.param(b"[" * 200_000, "application/json", id="deep"),
    ],
)
def test_the_error_of_a_response_that_does_not_match_the_spec_quotes_its_beginning(hub, body, kind):
    with pytest.raises(ProtocolError) as caught:
        hub.run(execute(hub.says(200, body, content_type=kind).io(), CALL))
    text = str(caught.value)
    assert "models.model_info" in text
    assert "https://hub.test/api/models/o/n" in text
    assert "status 200" in text
    assert kind in text
    assert body[:20].decode() in text
    assert len(text) < 500


def test_the_beginning_of_an_answer_is_shown_without_its_secrets(hub):
    body = b'{"token": "hf_abcdefghijklmnop", "href": "https://s3.test/x?X-Amz-Signature=secret"'
    with pytest.raises(ProtocolError) as caught:
        hub.run(execute(hub.says(200, body).io(), CALL))
    assert "abcdefgh" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_error_of_the_library_in_a_parser_stays_what_it_is(hub):
    def refuse(response):
        raise TransportError("as it is")

    with pytest.raises(TransportError, match="as it is"):
        hub.run(execute(hub.says(200).io(), Call(get(), refuse)))


# Pages


def listed(path: str = "/api/models") -> Paged[int]:
    return Paged(get(path, query=(("limit", "2"),)), Response.json)


def test_pages_follow_the_links_and_take_them_as_they_are(hub):
    hub.says(200, [1, 2], link='<https://hub.test/api/models?limit=2&cursor=a%3D>; rel="next"').says(200, [3])
    assert list(drive_all(items(hub.io(token="hf_secret"), listed()))) == [1, 2, 3]
    assert [asked.path for asked in hub.asked] == [
        "https://hub.test/api/models?limit=2",
        "https://hub.test/api/models?limit=2&cursor=a%3D",
    ]
    assert hub.asked[1].headers["authorization"] == "Bearer hf_secret"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('<https://hub.test/a?c=1,2>; rel="next"', "https://hub.test/a?c=1,2"),
        ("<https://hub.test/a>;rel=next", "https://hub.test/a"),
        ('<https://hub.test/a>; title="x"; rel="next"', "https://hub.test/a"),
        ('<https://hub.test/z>; rel="prev", <https://hub.test/a>; rel="next"', "https://hub.test/a"),
        ("</a?c=1>; rel=next", "https://hub.test/a?c=1"),
        (f'<{DEFAULT_ENDPOINT}/a>; rel="next"', "https://hub.test/a"),
        ('<https://hub.test/z>; rel="prev"', None),
        ('<https://hub.test/z>; rel="nextdoor"', None),
        ("", None),
    ],
)
def test_the_next_page_is_found_in_the_link_header(hub, link, target):
    found = hub.run(page(hub.says(200, [], link=link).io(), listed()))
    assert (found.next.path if found.next else None) == target


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://evil.test/a?sig=secret", "another host"),
        ("http://hub.test/a?sig=secret", "not encrypted"),
        ("https://[broken?sig=secret", "is refused"),
    ],
)
def test_a_next_page_at_another_origin_is_refused(hub, target, reason):
    found = items(hub.says(200, [1], link=f'<{target}>; rel="next"').io(), listed())
    with pytest.raises(ProtocolError, match=reason) as caught:
        list(drive_all(found))
    assert "secret" not in str(caught.value)
    assert len(hub.asked) == 1


def test_pages_that_repeat_are_refused(hub):
    for item, cursor in enumerate("aba"):
        hub.says(200, [item], link=f'<https://hub.test/api/models?cursor={cursor}>; rel="next"')
    with pytest.raises(ProtocolError, match="form a loop"):
        list(drive_all(items(hub.io(), listed())))
    assert len(hub.asked) == 3


def test_a_limit_ends_a_list_without_asking_for_more(hub):
    more = '<https://hub.test/a>; rel="next"'
    assert list(drive_all(items(hub.says(200, [1, 2], link=more).io(), listed(), limit=2))) == [1, 2]
    assert list(drive_all(items(hub.says(200, [1, 2], link=more).io(), listed(), limit=1))) == [1]
    assert len(hub.asked) == 2
    assert list(drive_all(items(hub.io(), listed(), limit=0))) == []
    with pytest.raises(ValueError, match="limit=-1 is negative"):
        list(drive_all(items(hub.io(), listed(), limit=-1)))
    assert len(hub.asked) == 2


def test_a_page_is_asked_for_when_it_is_wanted_and_not_before(hub):
    hub.says(200, [1], link='<https://hub.test/a>; rel="next"')
    found = drive_all(pages(hub.io(), listed()))
    assert hub.asked == []
    assert next(found).items == [1]
    assert len(hub.asked) == 1
    found.close()


def test_a_page_that_fails_for_a_while_is_asked_for_again(hub):
    hub.says(200, [1], link='<https://hub.test/a>; rel="next"').says(503).says(200, [2])
    assert list(drive_all(items(hub.io(), listed()))) == [1, 2]


def test_an_error_names_the_operation(hub):
    with pytest.raises(HubError, match=r"models\.model_info"):
        drive(page(hub.says(404).io(), listed()))


# Pages with offsets or cursors


def numbered(follow):
    request = Request(operation="x.list", method="GET", path="/api/x", query=(("limit", "2"), ("p", "0")))
    return Paged(request, lambda response: response.json()["items"], follow)


def all_items(hub, paged):
    return list(drive_all(items(hub.io(), paged)))


def test_pages_are_counted_until_all_items_were_seen(hub):
    hub.says(200, {"items": [1, 2], "count": 3}).says(200, {"items": [3], "count": 3})
    assert all_items(hub, numbered(by_page("p", "count"))) == [1, 2, 3]
    assert [request.path for request in hub.asked] == [
        "https://hub.test/api/x?limit=2&p=0",
        "https://hub.test/api/x?limit=2&p=1",
    ]


def test_pages_are_counted_until_one_is_empty(hub):
    hub.says(200, {"items": [1]}).says(200, {"items": [2]}).says(200, {"items": []})
    assert all_items(hub, numbered(by_page("p"))) == [1, 2]
    assert len(hub.asked) == 3


def test_pages_are_named_by_the_one_before(hub):
    hub.says(200, {"items": [1], "next": "a/b"}).says(200, {"items": [2], "next": None})
    assert all_items(hub, numbered(by_cursor("cursor", "next"))) == [1, 2]
    assert hub.asked[1].path.endswith("cursor=a%2Fb")


def test_a_cursor_that_stays_the_same_is_refused(hub):
    hub.says(200, {"items": [1], "next": "a"}).says(200, {"items": [2], "next": "a"})
    with pytest.raises(ProtocolError, match="form a loop"):
        all_items(hub, numbered(by_cursor("cursor", "next")))


# Other hosts


def test_an_operation_of_another_host_takes_the_token_there_and_nowhere_else(hub):
    server = "https://api.elsewhere.test"
    request = Request(operation="x.y", method="GET", path="/v2/z", server=server)
    hub.says(302, location="https://third.test/z").says(200, {})
    hub.run(send_request(hub.io(token="hf_secret", servers={server: server}), request))
    assert [asked.path for asked in hub.asked] == ["https://api.elsewhere.test/v2/z", "https://third.test/z"]
    assert ["authorization" in asked.headers for asked in hub.asked] == [True, False]
