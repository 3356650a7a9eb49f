"""Exceptions of error responses: class, message and attributes."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from hub_typed import errors
from hub_typed.errors import (
    BadRequestError,
    CommitConflictError,
    CommitRejectedError,
    DisabledRepoError,
    EntryNotFoundError,
    ErrorContext,
    GatedRepoError,
    HfHubHTTPError,
    HubError,
    HubResponse,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.http.error_responses import display_url, error_for_response, redact_text
from hub_typed_api.wire import Request, Response

API = "https://hub.test/api/models/o/n"
RESOLVE = "https://hub.test/o/n/resolve/main/config.json"
DISABLED = "Access to this resource is disabled."
BAD_TOKEN = "Invalid credentials in Authorization header"


def failed(
    status: int, url: str = API, body: bytes = b"", *, signed: bool = False, **headers: str
) -> HfHubHTTPError | None:
    asked = Request(operation="models.model_info", method="GET", path="/api/models/o/n", repo_id="o/n")
    sent = Request(
        operation=asked.operation,
        method="GET",
        path=url,
        headers={"authorization": "Bearer hf_secret"} if signed else {},
    )
    known = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_for_response(asked, sent, Response(status=status, headers=known, body=body, url=url))


@pytest.mark.parametrize("status", [200, 204, 206, 304, 307])
def test_only_400_and_above_is_an_error(status):
    assert failed(status, x_error_code="RepoNotFound") is None


@pytest.mark.parametrize(
    ("status", "headers", "url", "kind"),
    [
        # The Hub's error code takes precedence over the status.
        (404, {"x_error_code": "RevisionNotFound"}, API, RevisionNotFoundError),
        (404, {"x_error_code": "EntryNotFound"}, RESOLVE, RemoteEntryNotFoundError),
        (404, {"x_error_code": "RepoNotFound"}, API, RepositoryNotFoundError),
        (404, {"x_error_code": "RepoNotFound"}, "https://hub.test/api/repos/delete", RepositoryNotFoundError),
        (401, {"x_error_code": "GatedRepo"}, RESOLVE, GatedRepoError),
        (403, {"x_error_code": "GatedRepo"}, API, GatedRepoError),
        (401, {"x_error_code": "RepoNotFound"}, API, RepositoryNotFoundError),
        (400, {"x_error_code": "RepoNotGated"}, API, BadRequestError),
        (400, {"x_error_code": "RevisionNotFound"}, API, RevisionNotFoundError),
        (403, {"x_error_message": DISABLED}, API, DisabledRepoError),
        # A 401 without a code means an inaccessible repository, but only for paths of repositories.
        (401, {}, API, RepositoryNotFoundError),
        (401, {}, "http://127.0.0.1:8000/api/datasets/o/n/tree/main", RepositoryNotFoundError),
        (401, {}, "https://mirror.test/hf/api/spaces/o/n", RepositoryNotFoundError),
        (401, {}, RESOLVE, RepositoryNotFoundError),
        (401, {}, "https://hub.test/datasets/o/n/resolve/main/a/b.csv", RepositoryNotFoundError),
        (401, {"x_error_message": BAD_TOKEN}, API, HfHubHTTPError),
        (401, {"x_error_message": BAD_TOKEN}, RESOLVE, HfHubHTTPError),
        (401, {}, "https://hub.test/api/whoami-v2", HfHubHTTPError),
        (401, {}, "https://hub.test/api/models", HfHubHTTPError),
        (401, {}, "https://hub.test/api/repos/create", HfHubHTTPError),
        # Otherwise, the status decides.
        (400, {}, API, BadRequestError),
        (403, {}, API, HfHubHTTPError),
        (404, {}, API, HfHubHTTPError),
        (409, {}, API, HfHubHTTPError),
        (412, {}, API, HfHubHTTPError),
        (416, {}, RESOLVE, HfHubHTTPError),
        (429, {}, API, HfHubHTTPError),
        (500, {}, API, HfHubHTTPError),
        (504, {"x_error_code": "SomethingNew"}, API, HfHubHTTPError),
    ],
)
def test_code_status_and_url_make_the_class(status, headers, url, kind):
    assert type(failed(status, url, **headers)) is kind


def test_callers_of_the_reference_catch_what_they_used_to():
    assert issubclass(GatedRepoError, RepositoryNotFoundError)
    assert issubclass(RemoteEntryNotFoundError, EntryNotFoundError)
    assert LocalEntryNotFoundError.__bases__ == (EntryNotFoundError, FileNotFoundError)
    assert issubclass(RemoteEntryNotFoundError, HfHubHTTPError)
    assert issubclass(CommitRejectedError, (CommitConflictError, HfHubHTTPError))
    assert issubclass(BadRequestError, ValueError)
    assert issubclass(HfHubHTTPError, OSError)
    error = failed(
        404,
        body=b'{"error": "gone"}',
        content_type="application/json",
        x_error_code="RepoNotFound",
        x_request_id="Root=1-a;b",
    )
    assert error.response.status_code == 404
    assert error.response.headers["X-Error-Code"] == error.response.headers["x-error-code"] == "RepoNotFound"
    assert "X-Error-Code" in error.response.headers
    assert error.response.headers.get("X-Absent", "no") == "no"
    assert error.response.json() == {"error": "gone"}
    assert error.response.text == '{"error": "gone"}'
    assert (error.request_id, error.server_message) == ("Root=1-a;b", "gone")


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (b'{"error": "one"}', {}, "one"),
        (b'{"error": ["one", "two"]}', {}, "one; two"),
        (b'{"status": "error", "error": {"code": "gone", "message": "one"}}', {}, "one"),
        (b'{"error": {"code": "gone"}}', {}, "{'code': 'gone'}"),
        (b'{"error": "one", "error_description": "two"}', {}, "one; two"),
        (b'{"errors": [{"message": "one"}, {"line": 3}, "odd", {"message": "two"}]}', {}, "one; two"),
        (b'{"error": "one"}', {"x_error_message": "one"}, "one"),
        (b'{"error": "two"}', {"x_error_message": "one"}, "one; two"),
        (b'{"error": "one\\n  two", "errors": [{"message": "two"}]}', {"x_error_message": "one two"}, "one\n  two"),
        (b'{"error": "one"}', {"x_error_message": "one, and more"}, "one, and more"),
        (b'{"error": ', {"x_error_message": "one"}, "one"),
        (b'["one"]', {}, None),
        pytest.param(b"[" * 200_000, {}, None, id="deep"),
        (b"{}", {}, None),
        (b"Entry not found", {"content_type": "text/plain"}, "Entry not found"),
        pytest.param(b"x" * 5000, {"content_type": "text/plain"}, "x" * 1000, id="long"),
        (b"<html><h1>Bad gateway</h1>", {"content_type": "text/html; charset=utf-8"}, None),
        (
            b"<Error><Code>NoMatch</Code><Message>It differs.</Message><StringToSign>secret</StringToSign></Error>",
            {"content_type": "application/xml"},
            "It differs.",
        ),
        (b"<Error><SignatureProvided>secret</SignatureProvided></Error>", {"content_type": "application/xml"}, None),
        (b"\xff\xfe", {"content_type": "text/plain"}, "\ufffd\ufffd"),
        (b"", {"content_type": "text/plain"}, None),
    ],
)
def test_what_the_server_says_is_found_wherever_it_says_it(body, headers, message):
    error = failed(500, body=body, **{"content_type": "application/json", **headers})
    assert error.server_message == message
    assert (message or "the Hub reported no reason") in str(error)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x_request_id": "a", "x_amzn_trace_id": "b", "x_amz_cf_id": "c"}, "a"),
        ({"x_request_id": "", "x_amzn_trace_id": "b", "x_amz_cf_id": "c"}, "b"),
        ({"x_amz_cf_id": "c"}, "c"),
        ({}, None),
    ],
)
def test_the_request_id_is_the_best_there_is(headers, found):
    error = failed(500, **headers)
    assert error.request_id == found
    assert (f"Request ID: {found}" in str(error)) == (found is not None)


@pytest.mark.parametrize(
    ("status", "headers", "signed", "advice"),
    [
        (404, {"x_error_code": "RevisionNotFound"}, False, "list_repo_refs()"),
        (404, {"x_error_code": "EntryNotFound"}, False, "list_repo_files()"),
        (404, {"x_error_code": "RepoNotFound"}, False, "pass a token"),
        (404, {"x_error_code": "RepoNotFound"}, True, "the token must have read access to it"),
        (401, {"x_error_code": "GatedRepo"}, False, "then pass a token"),
        (403, {"x_error_code": "GatedRepo"}, True, "with the account of the token"),
        (401, {"x_error_message": BAD_TOKEN}, True, "HF_TOKEN"),
        (401, {"x_error_message": BAD_TOKEN}, False, "No token was sent"),
        (403, {}, True, "lacks the permission"),
        (409, {}, True, "already exists"),
        (412, {}, True, "parent_commit"),
        (429, {}, False, "wait"),
    ],
)
def test_an_error_says_what_to_do(status, headers, signed, advice):
    assert advice in str(failed(status, signed=signed, **headers))


def test_an_error_has_all_details_and_no_secret():
    error = failed(
        404,
        "https://user:pass@hub.test/o/n/resolve/main/a?X-Amz-Signature=secret&Expires=1",
        b'{"error": "see https://s3.test/x?sig=secret for hf_secretsecret, Authorization: Bearer opaque"}',
        signed=True,
        content_type="application/json",
        x_error_code="EntryNotFound",
        x_request_id="Root=1-a;b",
    )
    assert str(error).splitlines() == [
        "404 EntryNotFound: see https://s3.test/x?... for ..., Authorization: Bearer ...",
        "Repository: o/n",
        "Request: GET https://hub.test/o/n/resolve/main/a?... (models.model_info)",
        "Request ID: Root=1-a;b",
        "Check the path and the revision: list_repo_files() lists the files.",
    ]
    for text in (str(error), repr(error), repr(error.context), repr(error.response), error.response.url):
        assert "secret" not in text
        assert "pass@" not in text
        assert "opaque" not in text


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("https://hub.test/a/b", "https://hub.test/a/b"),
        ("https://hub.test:8443/a?x=1#frag", "https://hub.test:8443/a?..."),
        ("https://user:pass@hub.test/a", "https://hub.test/a"),
        ("/api/models?x=1", "/api/models?..."),
    ],
)
def test_a_url_is_shown_without_its_secrets(url, printed):
    assert display_url(url) == printed


def test_ordinary_text_is_not_redacted():
    text = "Is it there? See https://hub.test/docs, or ask hf_hub. 100% (a?b)"
    assert redact_text(text) == text


# Pickling and copying

CONTEXT = ErrorContext(operation="o", method="GET", url="u", status=404, code="RepoNotFound", repo_id="o/n")
EVERY_ERROR = [
    kind for name in errors.__all__ if inspect.isclass(kind := getattr(errors, name)) and issubclass(kind, Exception)
]


def test_every_error_but_the_refusal_of_a_name_is_a_hub_error():
    assert {kind.__name__ for kind in EVERY_ERROR if not issubclass(kind, HubError)} == {
        "HFValidationError",
        "HfUriError",
    }


@pytest.mark.parametrize("copied", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_survives_a_pickle_and_a_copy(kind, copied):
    known = {}
    if issubclass(kind, HfHubHTTPError):
        known = {"response": HubResponse(404, {"X-Error-Code": "RepoNotFound"}, b"{}", "u"), "context": CONTEXT}
    error = kind("what happened", **known)
    again = copied(error)
    assert type(again) is kind
    assert str(again) == "what happened"
    if known:
        assert again.context == CONTEXT
        assert (again.response.status_code, again.response.content, again.response.url) == (404, b"{}", "u")
        assert again.response.headers["x-error-code"] == "RepoNotFound"


def test_an_error_of_the_local_side_has_no_answer():
    error = LocalEntryNotFoundError("not in the cache")
    assert not isinstance(error, HfHubHTTPError)
    assert not hasattr(error, "response")


def test_more_can_be_said_later():
    error = failed(429)
    error.append_to_message("\nMore.")
    assert str(pickle.loads(pickle.dumps(error))).endswith("\nMore.")
