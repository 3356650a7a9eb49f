"""What a record of an exchange contains: no secrets, and nothing that differs from run to run."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Final, TypeAlias, cast

from hub_typed.logs.redaction import PLACEHOLDER, is_secret_member, is_secret_name, redact_query, redact_secrets
from hub_typed_api.wire import Body, Source

__all__ = ["is_secret_of_response", "request_key", "scrubbed_body", "scrubbed_headers", "scrubbed_url", "stored_body"]

Stored: TypeAlias = dict[str, object]
"""A body in the file: ``json``, ``text`` or ``base64``, its value; or ``omitted``, its size."""
SecretMember: TypeAlias = Callable[[str, bool], bool]
"""Whether a member of an object holds a secret: its name, and whether the object is one."""

DROPPED_HEADERS: Final = ("ratelimit", "ratelimit-policy", "transfer-encoding", "content-encoding", "connection")
"""Headers of the connection, and quotas, for which a replay would wait."""
_TOKEN = re.compile(r"\bhf_(?:[a-z]+_)?[A-Za-z0-9]{20,}[\w.-]*|(?<=Bearer )[\w.~+/-]{5,}=*")
_URL = re.compile(r"https?://[^\s\"'<>\\]+")


def scrubbed_text(text: str, secrets: Iterable[str]) -> str:
    """Return text without tokens, the secrets of its request, and secret parameters of URLs."""
    return _TOKEN.sub(PLACEHOLDER, _URL.sub(lambda url: scrubbed_url(url[0], secrets), redact_secrets(text, secrets)))


def scrubbed_url(url: str, secrets: Iterable[str]) -> str:
    """Return a URL without an account, and without the values of secret parameters."""
    base, mark, query = url.partition("?")
    scheme, separator, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    shown = f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" if separator else base
    return redact_secrets(shown, secrets) + (f"?{redact_query(query, secrets)}" if mark else "")


def scrubbed_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of a response without secret ones; a replay does not wait as long as they say."""
    kept = {
        name: scrubbed_text(value, secrets)
        for name, value in sorted(headers.items())
        if name not in DROPPED_HEADERS and not is_secret_name(name)
    }
    return kept | ({"retry-after": "0"} if "retry-after" in kept else {})


def scrubbed_body(body: bytes, secrets: Iterable[str], is_secret: SecretMember | None) -> Stored:
    """Return a body as the file has it: JSON as such, so that its secret members are found and changes can be read.

    Args:
        body: The body.
        secrets: The secrets of the request.
        is_secret: Whether a member of JSON is secret; ``None`` for a file, in which no name tells that.
    """
    try:
        text = body.decode()
    except UnicodeError:
        return {"base64": b64encode(redact_secrets(body.decode("latin-1"), secrets).encode("latin-1")).decode()}
    if is_secret is not None and text.startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            scrubbed = _scrubbed_value(value, secrets, is_secret, within=False)
            if scrubbed != value or _compact(value) == text:  # else its bytes may matter
                return {"json": scrubbed}
    return {"text": scrubbed_text(text, secrets)}


def _scrubbed_value(value: object, secrets: Iterable[str], is_secret: SecretMember, *, within: bool) -> object:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return {
            scrubbed_text(name, secrets): _scrubbed_value(member, secrets, is_secret, within=is_secret(name, within))
            for name, member in members
        }
    if isinstance(value, list):
        return [_scrubbed_value(item, secrets, is_secret, within=within) for item in cast("list[object]", value)]
    if not isinstance(value, str):
        return value
    return PLACEHOLDER if within and value else scrubbed_text(value, secrets)


def is_secret_of_response(name: str, within: bool) -> bool:  # noqa: ARG001 (as `is_secret_member`)
    """Whether a member of a response holds a secret; each ``value`` there is that of a public variable."""
    return name != "value" and is_secret_name(name)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def stored_body(body: Stored) -> bytes:
    """Return the bytes of a body in the file."""
    if "json" in body:
        return _compact(body["json"]).encode()
    return b64decode(str(body["base64"])) if "base64" in body else str(body["text"]).encode()


def request_key(
    method: str, url: str, headers: Mapping[str, str], body: Body | None, secrets: Iterable[str]
) -> dict[str, object]:
    """Return what a request of the same meaning has in common with this one: method, URL, range and body."""
    key: dict[str, object] = {"method": method, "url": scrubbed_url(url, secrets)}
    if "range" in headers:
        key["range"] = headers["range"]
    if isinstance(body, Source):
        digest = sha256()
        for piece in body.open():
            digest.update(piece)
        key["sha256"] = digest.hexdigest()
    elif body:
        key["body"] = scrubbed_body(body, secrets, is_secret_member)
    return key
