"""Exception of an error response: its class and its message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

from hub_typed.errors import (
    BadRequestError,
    DisabledRepoError,
    ErrorContext,
    GatedRepoError,
    HfHubHTTPError,
    HubResponse,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.logs.redaction import contains_secret, escape_control_characters, redact_secrets, request_secrets
from hub_typed.urls.url import display_url
from hub_typed_api.wire import Request, Response

__all__ = ["error_for_response", "excerpt", "redact_text", "secret_free_cause", "display_url"]

DISABLED = "Access to this resource is disabled."
BAD_TOKEN = "Invalid credentials in Authorization header"
_TOKEN = re.compile(r"\bhf_[\w.-]{6,}|(?<=Bearer )\S+", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'<>]++")  # possessive: a run of them is read once
_SIGNED = re.compile(
    r"\b((?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|signature|key-pair-id|policy"
    r"|awsaccesskeyid|access_token|token|sig)=)[^\s&\"'<>]{4,}",
    re.IGNORECASE,
)
_SECRET_HEADER = re.compile(r"cookie|authorization|token|secret|signature|password|credential", re.IGNORECASE)
MESSAGE_OF_A_TEXT = 1000
_IN_XML = re.compile(r"<Message>([^<]*)</Message>")
_OF_A_REPO = ("/api/models/", "/api/datasets/", "/api/spaces/")


def redact_text(text: str) -> str:
    """Sanitize foreign text for messages: no tokens, and no queries of URLs."""
    return _TOKEN.sub("...", _SIGNED.sub(r"\1...", _URL.sub(_without_query, redact_secrets(text))))


def _without_query(url: re.Match[str]) -> str:
    start, _, query = url[0].partition("?")
    return f"{start}?..." if query else url[0]


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """Quote the beginning of a response for an error message.

    Args:
        text: The answer, or more than its beginning.
        secrets: Secrets of the request.
    """
    return repr(redact_text(redact_secrets(text, secrets))[:80])


def secret_free_cause(error: BaseException, secrets: Iterable[str] = ()) -> BaseException | None:
    """Return an error as the cause of another one; ``None`` if it, or its own cause, contains a secret.

    Args:
        error: The cause.
        secrets: Secrets of the request.
    """
    known = tuple(secrets)
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts = [str(one), repr(one), str(getattr(one, "doc", "")), *getattr(one, "__notes__", ())]
        if (
            contains_secret(texts, known)
            or any(redact_text(text) != text for text in texts)
            or escape_control_characters(texts[0]) != texts[0]
        ):
            return None
        left += (one.__cause__, one.__context__)
    return error


def error_for_response(request: Request, sent: Request, response: Response) -> HfHubHTTPError | None:
    """Return the exception of an error response; ``None`` if it is no error.

    Args:
        request: What was asked.
        sent: The same as it went out.
        response: The answer.
    """
    if response.status < 400:
        return None
    headers = response.headers
    secrets = request_secrets(sent)

    def line(text: str) -> str:
        return escape_control_characters(redact_text(redact_secrets(text, secrets)), keep="")

    code = line(headers.get("x-error-code", "")) or None
    message = _server_message(response, secrets)
    context = ErrorContext(
        operation=request.operation,
        method=request.method,
        url=line(display_url(response.url or sent.path)),
        status=response.status,
        code=code,
        server_message=message,
        request_id=next(
            (line(headers[n]) for n in ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id") if headers.get(n)), None
        ),
        repo_id=request.repo_id,
    )
    kind, advice = _kind(context, signed="authorization" in sent.headers)
    lines = [f"{context.status} {code or kind.__name__}: {message or 'the Hub gives no reason'}"]
    if context.repo_id:
        lines.append(f"Repository: {context.repo_id}")
    lines.append(f"Request: {context.method} {context.url} ({context.operation})")
    if context.request_id:
        lines.append(f"Request ID: {context.request_id}")
    if advice:
        lines.append(advice)
    answer = HubResponse(
        response.status,
        {
            name: "..." if _SECRET_HEADER.search(name) else redact_text(redact_secrets(value, secrets))
            for name, value in headers.items()
        },
        redact_secrets(response.body.decode("latin-1"), secrets).encode("latin-1"),
        context.url,
    )
    return kind("\n".join(lines), answer, context=context)


def _kind(context: ErrorContext, *, signed: bool) -> tuple[type[HfHubHTTPError], str]:
    """Return the class and the advice for an error response, by the Hub's error code, then by status."""
    status, code, message = context.status, context.code, context.server_message or ""
    if code == "RevisionNotFound":
        return (
            RevisionNotFoundError,
            "Check the branch, tag or commit: list_repo_refs() and list_repo_commits() show them.",
        )
    if code == "EntryNotFound":
        return RemoteEntryNotFoundError, "Check path and revision: list_repo_files() shows what is there."
    if code == "GatedRepo":
        if signed:
            return (
                GatedRepoError,
                "Ask for access on the repository's page, with the account that the token belongs to.",
            )
        return GatedRepoError, "Ask for access on the repository's page, then pass a token of that account."
    if DISABLED in message:
        return DisabledRepoError, ""
    hidden = status == 401 and BAD_TOKEN not in message and _of_a_repo(_path(context.url))
    if code == "RepoNotFound" or hidden:
        advice = "Check the repo id and the repo type."
        advice += " If it is private or gated, " + (
            "the token must be allowed to read it." if signed else "pass a token."
        )
        return RepositoryNotFoundError, advice
    if status == 400:
        return BadRequestError, ""
    if status == 401:
        if signed:
            return (
                HfHubHTTPError,
                "The token is not valid: check HF_TOKEN, the token file, or the token= that was passed.",
            )
        return HfHubHTTPError, "No token was sent: set HF_TOKEN, write the token file, or pass token=."
    if status == 403 and signed:
        return HfHubHTTPError, "The token lacks the right to do this: it may be read-only, or not of a member."
    if status == 409:
        return HfHubHTTPError, "It is there already, or another operation is under way."
    if status == 412:
        return HfHubHTTPError, "The branch has moved since parent_commit: read it again, then commit anew."
    if status == 429:
        return HfHubHTTPError, "Too many requests in a short time: wait, or pass a token, which raises the limit."
    return HfHubHTTPError, ""


def _of_a_repo(path: str) -> bool:
    owner, resolved, file = path.partition("/resolve/")
    return any(start in path for start in _OF_A_REPO) or bool(resolved and file and len(owner) > 1)


def _path(url: str) -> str:
    """Return the path of a URL for messages."""
    return "/" + url.partition("?")[0].partition("://")[2].partition("/")[2]


def _server_message(response: Response, secrets: Iterable[str]) -> str | None:
    """Return the messages of the Hub from headers and body, without duplicates."""
    found = [response.headers.get("x-error-message", "")]
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        with suppress(ValueError, RecursionError):
            found += _messages(json.loads(response.body))
    elif "xml" in kind:  # of a storage, which quotes the signature beside its message
        found += _IN_XML.findall(response.body.decode(errors="replace"))
    elif "html" not in kind:
        # Cut only after the secrets are out: the beginning of one would not be found.
        found.append(redact_secrets(response.body.decode(errors="replace"), secrets)[:MESSAGE_OF_A_TEXT])
    unique = dict.fromkeys(text.strip() for text in found if text and text.strip())
    return escape_control_characters(redact_text(redact_secrets("; ".join(unique), secrets))) or None


def _messages(body: Any) -> list[str]:
    """Texts of ``error``, ``error_description`` and ``errors[].message``."""
    members = _object(body)
    said = [members.get("error"), members.get("error_description")]
    said += [_object(item).get("message") for item in _listed(members.get("errors"))]
    return [str(text) for one in said for text in _listed(one) if text]


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else [value]
