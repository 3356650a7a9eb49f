"""Exceptions of error responses: class and message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, cast

from hub_typed.errors import (
    BadRequestError,
    BucketNotFoundError,
    DisabledRepoError,
    ErrorContext,
    GatedRepoError,
    HfHubHTTPError,
    HubRequest,
    HubResponse,
    JobNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.http.hub_response import any_case
from hub_typed.logs.redaction import contains_secret, escape_control_characters, redact_secrets, request_secrets
from hub_typed.urls.url import display_url
from hub_typed_api.wire import Request, Response

__all__ = ["describe_response", "display_url", "error_for_response", "excerpt", "redact_text", "secret_free_cause"]

DISABLED_MESSAGE = "Access to this resource is disabled."
INVALID_TOKEN_MESSAGE = "Invalid credentials in Authorization header"
_TOKEN = re.compile(r"\bhf_[\w.-]{6,}|(?<=Bearer )\S+", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'<>]++")  # possessive, so each character is read once
_SECRET_PARAMETER = re.compile(
    r"\b((?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|signature|key-pair-id|policy"
    r"|awsaccesskeyid|access_token|token|sig)=)[^\s&\"'<>]{4,}",
    re.IGNORECASE,
)
_SECRET_HEADER = re.compile(r"cookie|authorization|token|secret|signature|password|credential", re.IGNORECASE)
MAX_TEXT_LENGTH = 1000
MAX_MESSAGES = 100
"""Maximum number of messages of one response that are quoted."""
_XML_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
_JOB_PATH = re.compile(r"/api/(?:scheduled-)?jobs/[^/]+/[^/]+")
_REPO_API_PATHS = ("/api/models/", "/api/datasets/", "/api/spaces/", "/api/kernels/", "/api/buckets/")
_ACCOUNT_API_PATHS = ("/api/spaces/zero-gpu/",)
_BUCKET_PATH = re.compile(r".*?/(?:api/buckets/([^/]+/[^/]+)|buckets/([^/]+/[^/]+)/resolve/).*", re.DOTALL)


def redact_text(text: str) -> str:
    """Return untrusted text for messages, without tokens, secrets and queries of URLs."""
    return _TOKEN.sub("...", _SECRET_PARAMETER.sub(r"\1...", _URL.sub(_strip_query, redact_secrets(text))))


def _strip_query(url: re.Match[str]) -> str:
    start, _, query = url[0].partition("?")
    return f"{start}?..." if query else url[0]


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """Quote the beginning of a response body for an error message.

    Args:
        text: The body, or a part of it from its beginning.
        secrets: Secrets of the request.
    """
    return repr(redact_text(redact_secrets(text, secrets))[:80])


def secret_free_cause(error: BaseException, secrets: Iterable[str] = ()) -> BaseException | None:
    """Return an error for use as ``__cause__``; ``None`` if it or one of its own causes contains a secret.

    Args:
        error: The error.
        secrets: Secrets of the request.
    """
    known = tuple(secrets)
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        texts = [str(current), repr(current), str(getattr(current, "doc", "")), *getattr(current, "__notes__", ())]
        if (
            contains_secret(texts, known)
            or any(redact_text(text) != text for text in texts)
            or escape_control_characters(texts[0]) != texts[0]
        ):
            return None
        pending += (current.__cause__, current.__context__)
    return error


def error_for_response(request: Request, sent: Request, response: Response) -> HfHubHTTPError | None:
    """Return the exception of an error response; ``None`` if the response is not an error.

    Args:
        request: Request of the operation.
        sent: The same request as it was sent.
        response: The response.
    """
    if response.status < 400:
        return None
    context, hub_response = describe_response(request, sent, response)
    code, message = context.code, context.server_message
    kind, advice = _class_and_advice(context, signed="authorization" in sent.headers)
    lines = [f"{context.status} {code or kind.__name__}: {message or 'the Hub reported no reason'}"]
    if context.repo_id:
        lines.append(f"Repository: {context.repo_id}")
    lines.append(f"Request: {context.method} {context.url} ({context.operation})")
    if context.request_id:
        lines.append(f"Request ID: {context.request_id}")
    if advice:
        lines.append(advice)
    error = kind("\n".join(lines), hub_response, context=context)
    if isinstance(error, BucketNotFoundError):
        error.bucket_id = _bucket_of(context)
    return error


def describe_response(request: Request, sent: Request, response: Response) -> tuple[ErrorContext, HubResponse]:
    """Return what an error says of a response, without secrets.

    Args:
        request: Request of the operation.
        sent: The same request as it was sent.
        response: The response.
    """
    headers = response.headers
    secrets = request_secrets(sent)

    def line(text: str) -> str:
        return escape_control_characters(redact_text(redact_secrets(text, secrets)), keep="")

    context = ErrorContext(
        operation=request.operation,
        method=request.method,
        url=line(display_url(response.url or sent.path)),
        status=response.status,
        code=line(headers.get("x-error-code", "")) or None,
        server_message=_server_message(response, secrets),
        request_id=next(
            (line(headers[n]) for n in ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id") if headers.get(n)), None
        ),
        repo_id=request.repo_id,
    )
    return context, HubResponse(
        response.status,
        redacted_headers(headers, secrets),
        redact_secrets(response.body.decode("latin-1"), secrets).encode("latin-1"),
        context.url,
        HubRequest(context.method, context.url, any_case(redacted_headers(sent.headers, secrets))),
    )


def redacted_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """Return headers without secrets."""
    return {
        name: "..." if _SECRET_HEADER.search(name) else redact_text(redact_secrets(value, secrets))
        for name, value in headers.items()
    }


def _class_and_advice(context: ErrorContext, *, signed: bool) -> tuple[type[HfHubHTTPError], str]:
    """Return the class and the advice for an error response, by the Hub's error code, then by status."""
    status, code, message = context.status, context.code, context.server_message or ""
    if code == "RevisionNotFound":
        return (
            RevisionNotFoundError,
            "Check the branch, tag or commit: list_repo_refs() and list_repo_commits() list them.",
        )
    if code == "EntryNotFound":
        return RemoteEntryNotFoundError, "Check the path and the revision: list_repo_files() lists the files."
    if code == "GatedRepo":
        if signed:
            return (
                GatedRepoError,
                "Request access on the repository's page, with the account of the token.",
            )
        return GatedRepoError, "Request access on the repository's page, then pass a token of that account."
    if DISABLED_MESSAGE in message:
        return DisabledRepoError, ""
    may_be_hidden = status == 401 and INVALID_TOKEN_MESSAGE not in message and _is_repo_path(_path(context.url))
    is_missing = code == "RepoNotFound" or may_be_hidden
    if is_missing and _bucket_of(context) is not None:
        return BucketNotFoundError, "Check the name of the bucket. If it is private, " + (
            "the token must have read access to it." if signed else "pass a token."
        )
    if is_missing:
        advice = "Check the repo id and the repo type."
        advice += " If the repository is private or gated, " + (
            "the token must have read access to it." if signed else "pass a token."
        )
        return RepositoryNotFoundError, advice
    if status == 404 and _JOB_PATH.search(_path(context.url)):
        return JobNotFoundError, "Check the id and the namespace: list_jobs() and list_scheduled_jobs() list them."
    if status == 400:
        return BadRequestError, ""
    if status == 401:
        if signed:
            return (
                HfHubHTTPError,
                "The token is invalid: check HF_TOKEN, the token file, or the token= that was passed.",
            )
        return HfHubHTTPError, "No token was sent: set HF_TOKEN, store a token with login(), or pass token=."
    if status == 403 and signed:
        return HfHubHTTPError, "The token lacks the permission: it may be read-only, or its account not a member."
    if status == 409:
        return HfHubHTTPError, "It already exists, or another operation is in progress."
    if status == 412:
        return HfHubHTTPError, (
            "The branch has changed since parent_commit: read its current commit, then retry; or pass "
            "on_conflict='rebase' to commit on top of it unless the same paths were changed."
        )
    if status == 429:
        return HfHubHTTPError, "Too many requests: wait, or pass a token, which raises the limit."
    return HfHubHTTPError, ""


def _is_repo_path(path: str) -> bool:
    owner, resolved, file = path.partition("/resolve/")
    if any(start in path for start in _ACCOUNT_API_PATHS):
        return False
    return any(start in path for start in _REPO_API_PATHS) or bool(resolved and file and len(owner) > 1)


def _bucket_of(context: ErrorContext) -> str | None:
    """Return the bucket in the URL of a request; ``None`` if it is not about one."""
    match = _BUCKET_PATH.fullmatch(_path(context.url))
    return match and (match[1] or match[2])


def _path(url: str) -> str:
    """Return the path of a URL returned by `display_url`."""
    return "/" + url.partition("?")[0].partition("://")[2].partition("/")[2]


def _server_message(response: Response, secrets: Iterable[str]) -> str | None:
    """Return the messages of the Hub from headers and body, without repetitions."""
    found = [response.headers.get("x-error-message", "")]
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        with suppress(ValueError, RecursionError):
            found += _messages(json.loads(response.body))
    elif "xml" in kind:  # of a storage server, which also quotes the signature
        found += _XML_MESSAGE.findall(response.body.decode(errors="replace"))
    elif "html" not in kind:
        # Redact before truncating, since a truncated secret would not be found.
        found.append(redact_secrets(response.body.decode(errors="replace"), secrets)[:MAX_TEXT_LENGTH])
    unique = _without_repetitions([text.strip() for text in found if text and text.strip()])
    return escape_control_characters(redact_text(redact_secrets("; ".join(unique), secrets))) or None


def _without_repetitions(texts: Iterable[str]) -> list[str]:
    """Leave out texts that another one contains, whatever the white space; of equal ones, the last stays."""
    kept: dict[str, str] = {}
    for text in islice(dict.fromkeys(texts), MAX_MESSAGES):
        words = " ".join(text.split())
        if not any(words in other for other in kept if words != other):
            kept = {other: said for other, said in kept.items() if other not in words} | {words: text}
    return list(kept.values())


def _messages(body: Any) -> list[str]:
    """Return the texts of ``error`` or ``error.message``, ``error_description`` and ``errors[].message``."""
    members = _as_object(body)
    error = members.get("error")
    texts = [_as_object(error).get("message", error), members.get("error_description")]
    texts += [_as_object(item).get("message") for item in _as_list(members.get("errors"))]
    return [str(text) for value in texts for text in _as_list(value) if text]


def _as_object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _as_list(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else [value]
