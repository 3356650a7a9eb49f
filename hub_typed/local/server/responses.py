"""Responses of the embedded Hub to errors, and responses whose body is text."""

from __future__ import annotations

import json
import logging
import secrets
import time
import uuid
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Final

import pygit2

from hub_typed.local.errors import HubResponseError
from hub_typed_api.serve import Answer, NotServed

__all__ = ["JSON", "TEXT", "error_response", "request_id", "text_response", "to_response_error"]

JSON: Final = "application/json; charset=utf-8"
TEXT: Final = "text/plain; charset=utf-8"
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCIM_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
MAX_HEADER_MESSAGE = 2000
"""Maximum characters of an error message in a header."""
_log = logging.getLogger("hub_typed.local")


def to_response_error(error: Exception) -> HubResponseError:
    """Return the error to respond with; one that is not the client's fault is logged."""
    if isinstance(error, HubResponseError):
        return error
    if isinstance(error, NotServed):
        return HubResponseError(501, f"The embedded Hub does not serve {error} yet")
    if isinstance(error, ValueError) or _is_invalid_body(error):  # such as invalid JSON, numbers or repository names
        return HubResponseError(400, f"Invalid request: {error}")
    _log.error("A request to the embedded Hub failed", exc_info=error)
    if isinstance(error, pygit2.GitError):
        return HubResponseError(422, "The repository is damaged, or contains objects that this Hub does not support")
    return HubResponseError(500, "Internal error: see the log of the embedded Hub")


def _is_invalid_body(error: Exception) -> bool:
    """Whether generated code raised this error because the body has missing or unexpected members."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    module = str(trace.tb_frame.f_globals.get("__name__", ""))
    serializes = trace.tb_frame.f_code.co_name.startswith("unstructure_")  # a response, so the error is ours
    return module.startswith("hub_typed_api.") and not serializes


def error_response(error: HubResponseError, operation: str) -> Answer:
    """Convert an error to a response: JSON, or text for files, git and redirects."""
    area = operation.partition(".")[0]
    if area == "storage":  # which is S3
        return text_response(error.status, _storage_error(error), "application/xml", error.headers)
    # A header value must be one short line of ASCII; the body contains the unchanged message.
    header_message = " ".join(error.message.split()).encode("ascii", "replace").decode()[:MAX_HEADER_MESSAGE]
    headers = dict(error.headers)
    if error.status >= 400:
        headers["x-error-message"] = header_message
    if error.code is not None:
        headers["x-error-code"] = error.code
    if error.status == 401 and area in ("git", "lfs"):  # makes git ask for a password
        headers["www-authenticate"] = 'Basic realm="Authentication required", charset="UTF-8"'
    if area in ("files", "git") or error.status < 400 or error.as_text:
        return text_response(error.status, error.message, TEXT, headers)
    members = {"error": error.message, **error.members}
    if area in ("scim", "scim_groups"):
        members |= {"schemas": [_SCIM_ERROR], "status": str(error.status), "detail": error.message}
    return text_response(error.status, json.dumps(members), JSON, headers)


def _storage_error(error: HubResponseError) -> str:
    code = error.code or HTTPStatus(error.status).phrase.replace(" ", "")
    return f"{_XML}<Error><Code>{escape(code)}</Code><Message>{escape(error.message)}</Message></Error>"


def text_response(status: int, text: str, media_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a response with text of a media type."""
    return Answer(
        status=status,
        headers={"content-type": media_type, **(headers or {})},
        body=text.encode(errors="backslashreplace"),
    )


def request_id(headers: Mapping[str, str]) -> str:
    """Build a request id like the real Hub: its own part, then the client's."""
    client_id = headers.get("x-amzn-trace-id") or headers.get("x-request-id") or str(uuid.uuid4())
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};{client_id}"
