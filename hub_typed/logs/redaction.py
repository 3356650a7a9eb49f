"""Redaction of secrets and escaping of control characters in text from elsewhere.

Secrets are matched by value, not by pattern: a server that receives a token may echo it anywhere, in another encoding,
in another case, or truncated.
"""

from __future__ import annotations

import json
import os
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, unquote

import attrs

if TYPE_CHECKING:
    from hub_typed_api.wire import Request

__all__ = [
    "account_secrets",
    "contains_secret",
    "escape_control_characters",
    "redact_query",
    "redact_secrets",
    "remember_secrets",
    "request_secrets",
    "sanitize",
    "sanitize_line",
    "url_credentials",
]

PLACEHOLDER = "..."
MIN_SECRET_LENGTH = 5
"""Characters of the shortest secret that is redacted; shorter ones would match ordinary words."""
MIN_SPLIT_LENGTH = 16
"""Characters of the shortest secret whose pieces are redacted, too."""
PIECE_LENGTH = 8
SEARCH_STEP = 4
"""Characters between two lookups in a text: of any 11 characters of a form, one lookup matches 8."""
MAX_PIECES = 512
"""Indexed pieces of one form, up to twice as many; of longer forms, only some pieces are indexed."""
MAX_REMEMBERED = 32
_BLANKS = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
_BASE64 = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As ``html.escape``, whose module loads the names of all characters; and at the limit of open files, none loads."""
_SECRET_NAME = re.compile(
    r"secret|password|passwd|token|credential|cookie|authorization|signature|policy|key-pair-id|x-amz-|x-goog-|^sig$"
    r"|accesskeyid|api[-_]?key|device_code|^value$",
    re.IGNORECASE,
)
_AUTHORITY_END = re.compile(r"[/?#\\]")


class _Registry:
    """Secrets that this process sends.

    Attributes:
        secrets: The most recent secrets; replaced, never modified, so threads can read them without the lock.
    """

    def __init__(self) -> None:
        self.secrets: dict[str, None] = {}
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset_lock)

    def _reset_lock(self) -> None:
        self._lock = threading.Lock()  # a thread of the parent may have held the old one

    def add(self, secret: str) -> None:
        with self._lock:
            self.secrets = dict.fromkeys([*self.secrets, secret][-MAX_REMEMBERED:])


_registry = _Registry()


def remember_secrets(*secrets: str) -> None:
    """Redact these secrets from now on; only the most recent ones are remembered."""
    for secret in secrets:
        if secret not in _registry.secrets and len(secret) >= MIN_SECRET_LENGTH:
            _registry.add(secret)


def escape_control_characters(text: str, keep: str = "\n\t") -> str:
    r"""Escape control and invisible characters, for example ``\x1b`` and ``\u202e``.

    Args:
        text: Any text.
        keep: Control characters that are not escaped.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep or char in _BLANKS else char.encode("unicode_escape").decode()
        for char in text
    )


def sanitize(text: str) -> str:
    """Redact known secrets and escape control characters except line breaks and tabs, as for errors."""
    return escape_control_characters(redact_secrets(text))


def sanitize_line(text: str) -> str:
    """Redact known secrets and escape all control characters, as for logs, progress bars and tables."""
    return escape_control_characters(redact_secrets(text), keep="")


def redact_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Redact secrets, in all usual encodings and also if truncated.

    Args:
        text: Any text.
        secrets: Secrets in addition to the remembered ones.
    """
    known = _registry.secrets
    more = tuple(
        secret for secret in dict.fromkeys(secrets) if secret not in known and len(secret) >= MIN_SECRET_LENGTH
    )
    if not text or not (known or more):
        return text
    lower = _lower_case(text)
    indexes = [_index(tuple(known))] if known else []
    if more:
        indexes.append(_index(more))
    spans = [span for index in indexes for span in _find_secrets(lower, index)]
    return _replace_spans(text, spans) if spans else text


def redact_query(query: str, secrets: Iterable[str] = ()) -> str:
    """Return the query of a URL, in which the values of parameters with secret names are redacted, too.

    Args:
        query: The query as it is sent.
        secrets: Secrets in addition to the remembered ones.
    """
    pairs = [pair.partition("=") for pair in query.split("&")]
    shown = (f"{name}{mark}{PLACEHOLDER if value and is_secret_name(name) else value}" for name, mark, value in pairs)
    return redact_secrets("&".join(shown), secrets)


def is_secret_name(name: str) -> bool:
    """Whether a header, a parameter or a member of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def is_secret_member(name: str, within: bool) -> bool:
    """Whether a member of the body of a request holds a secret.

    Args:
        name: Name of the member.
        within: Whether its object is a secret, such as the members of ``secrets``.
    """
    return (within and name not in ("key", "name", "description", "type")) or is_secret_name(name)


def contains_secret(texts: Iterable[str], secrets: Iterable[str] = ()) -> bool:
    """Whether any of the texts contains a secret."""
    known = tuple(secrets)
    return any(redact_secrets(text, known) != text for text in texts)


@attrs.frozen
class _Form:
    """One encoding of a secret, in lower case.

    Attributes:
        is_base64: Whether it is base64, where the surrounding characters also encode some bits of the secret.
    """

    text: str
    is_base64: bool = False


@attrs.frozen
class _Index:
    """Search index of secrets.

    Attributes:
        short: Forms that are matched as a whole.
        pieces: Pieces of the longer forms, each with these forms and its offsets in them.
    """

    short: tuple[_Form, ...]
    pieces: dict[str, list[tuple[_Form, int]]]


@lru_cache(maxsize=8)
def _index(secrets: tuple[str, ...]) -> _Index:
    forms = dict.fromkeys(form for secret in secrets for form in _forms(secret))
    pieces: dict[str, list[tuple[_Form, int]]] = {}
    for form in forms:
        length = len(form.text)
        if length < MIN_SPLIT_LENGTH:
            continue
        own: set[str] = set()
        stride = length // MAX_PIECES | 1  # odd, so that a search every `SEARCH_STEP` characters meets a piece
        for at in range(0, length - PIECE_LENGTH + 1, stride):
            piece = form.text[at : at + PIECE_LENGTH]
            if piece not in own:
                own.add(piece)
                pieces.setdefault(piece, []).append((form, at))
    return _Index(tuple(form for form in forms if len(form.text) < MIN_SPLIT_LENGTH), pieces)


@lru_cache(maxsize=2 * MAX_REMEMBERED)
def _forms(secret: str) -> tuple[_Form, ...]:
    """Return the encodings of a secret, including base64 at any offset."""
    raw = secret.encode("utf-8", "surrogatepass")
    plain = [
        secret,
        quote(raw, safe=""),
        quote(quote(raw, safe=""), safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        repr(secret)[1:-1],
        secret.translate(_HTML),
        raw.decode("latin-1"),  # bodies are searched as latin-1
        raw.hex(),
        raw.hex(" "),
        raw.hex(":"),
        "".join(f"%{byte:02x}" for byte in raw),
        "".join(f"\\x{byte:02x}" for byte in raw),
        "".join(f"\\u{ord(char):04x}" for char in secret),
        "".join(f"&#{ord(char)};" for char in secret),
        "".join(f"&#x{ord(char):x};" for char in secret),
    ]
    encoded: list[str] = []
    for shift in range(3):  # its offset in a group of three bytes depends on the preceding text
        whole = b64encode(bytes(shift) + raw).decode()
        core = whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        if len(core) >= PIECE_LENGTH:
            encoded += [core, core.replace("+", "-").replace("/", "_")]
    forms = [
        *(_Form(_lower_case(text)) for text in plain),
        *(_Form(_lower_case(text), is_base64=True) for text in encoded),
    ]
    return tuple(dict.fromkeys(forms))


def _lower_case(text: str) -> str:
    """Return the text in lower case, with the same length."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _find_secrets(text: str, index: _Index) -> Iterator[tuple[int, int]]:
    """Find the spans of secrets, in one pass over the text for all long forms and one for each short form."""
    for form in index.short:
        start = text.find(form.text)
        while start >= 0:
            end = start + len(form.text)
            yield _extend_base64(text, start, end) if form.is_base64 else (start, end)
            start = text.find(form.text, end)
    if not index.pieces:
        return
    done = at = 0
    last = len(text) - PIECE_LENGTH
    while at <= last:
        hits = index.pieces.get(text[at : at + PIECE_LENGTH])
        if hits is None:
            at += SEARCH_STEP
            continue
        first, end = at, at + PIECE_LENGTH
        for form, offset in hits:
            start, stop = _extend_match(text, at, done, form.text, offset)
            first, end = (min(first, start), max(end, stop))
            if form.is_base64:
                start, stop = _extend_base64(text, start, stop)
                first, end = (min(first, start), max(end, stop))
        yield first, end
        done = at = end


def _extend_match(text: str, at: int, done: int, form: str, offset: int) -> tuple[int, int]:
    """Extend a matching piece to as much of the form as the text contains."""
    start, before = at, offset
    while before > 0 and start > done and text[start - 1] == form[before - 1]:
        start -= 1
        before -= 1
    end, after = at + PIECE_LENGTH, offset + PIECE_LENGTH
    while after < len(form) and end < len(text) and text[end] == form[after]:
        end += 1
        after += 1
    return start, end


def _extend_base64(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a match to the surrounding base64 characters, which may encode some bits of the secret."""
    first, last = max(0, start - 400), min(len(text), end + 400)
    while start > first and text[start - 1] in _BASE64:
        start -= 1
    while end < last and text[end] in _BASE64:
        end += 1
    return start, end


def _replace_spans(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if start > done or not parts:
            parts += (text[done:start], PLACEHOLDER)
        done = end
    return "".join((*parts, text[done:]))


def account_secrets(account: str | None, urls: Iterable[str]) -> list[str]:
    """Return the user names and passwords of an account and of URLs.

    Args:
        account: ``user:password``, as written in a URL.
        urls: URLs, as of proxies.
    """
    secrets = [secret for url in urls for secret in url_credentials(url)]
    return [*secrets, *_split_userinfo(account)] if account else secrets


def url_credentials(url: str) -> Iterator[str]:
    """Yield the user and the password of a URL, as written and decoded; the URL may be invalid."""
    if userinfo := _userinfo(url):
        yield from _split_userinfo(userinfo)


def _split_userinfo(userinfo: str) -> Iterator[str]:
    user, _, password = userinfo.partition(":")
    for text in (userinfo, password) if password and len(user) < MIN_SPLIT_LENGTH else (userinfo, user, password):
        yield text
        yield unquote(text)


def _userinfo(url: str) -> str:
    rest = url.partition("://")[2] or url
    if "@" not in rest:
        return ""
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rpartition("@")[0]
    # An invalid password may contain "/", "?" or "#". A path may contain "@", too, but only after a host or a port.
    port = authority.rpartition("]")[2].partition(":")[2]
    return rest.rpartition("@")[0] if port and not port.isdecimal() else ""


def request_secrets(request: Request) -> list[str]:
    """Return the secrets of one request: credentials, signatures, and secret members of its body."""
    secrets = list(url_credentials(request.path))
    for name, value in request.headers.items():
        if is_secret_name(name):
            scheme, _, credentials = value.partition(" ")
            secrets.append(credentials or scheme)
            if scheme.lower() == "basic":
                with suppress(ValueError):  # invalid base64 or UTF-8
                    pair = b64decode(credentials).decode()
                    secrets += (pair, pair.partition(":")[2])
    _, _, query = request.path.partition("?")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if is_secret_name(name):
            secrets += (value, unquote(value))
    secrets += (value for name, value in request.query if is_secret_name(name))
    if isinstance(request.body, bytes) and request.body:
        secrets += _body_secrets(request.body)
    return [text for text in dict.fromkeys(secrets) if len(text) >= MIN_SECRET_LENGTH]


def _body_secrets(body: bytes) -> Iterator[str]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        for name, value in parse_qsl(body[: 1 << 20].decode("latin-1")):
            if is_secret_name(name):
                yield value
        return
    stack: list[tuple[Any, bool]] = [(members, False)]
    while stack:
        one, secret = stack.pop()
        if isinstance(one, str):
            if secret:
                yield one
        elif isinstance(one, dict):
            for name, value in cast("dict[str, Any]", one).items():
                stack.append((value, is_secret_member(name, secret)))
        elif isinstance(one, list):
            stack += ((item, secret) for item in cast("Iterable[Any]", one))
