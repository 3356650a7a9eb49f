"""What may be shown of text from elsewhere: none of the secrets that this process sends, no control characters.

Secrets are matched as they are, not by their look: the server that gets a token may echo it anywhere, in another
encoding, in another case or cut short.
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
    from hub_typed.settings import Settings
    from hub_typed_api.wire import Request

__all__ = [
    "accounts",
    "cleaned",
    "cleaned_line",
    "escaped",
    "hold_secret",
    "remember",
    "request_secrets",
    "settings_secrets",
    "without_secrets",
]

HIDDEN = "..."
SHORTEST = 5
"""Characters of the shortest secret; what is shorter would be found in ordinary words."""
CUTTABLE = 16
"""Characters of the shortest secret of which pieces are looked for, too."""
PIECE = 8
STEP = 4
"""Characters from one look at a text to the next: of every 11 characters of a form, one look finds 8."""
MOST_PIECES = 512
"""Pieces of one form that are looked for, up to twice as many; of a longer form, only some of its pieces are."""
MOST_KNOWN = 32
_BLANKS = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
_BASE64 = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_SECRET_NAME = re.compile(
    r"secret|password|passwd|token|credential|cookie|authorization|signature|policy|key-pair-id|x-amz-|x-goog-|^sig$"
    r"|accesskeyid|api[-_]?key|device_code|^value$",
    re.IGNORECASE,
)
_AUTHORITY_END = re.compile(r"[/?#\\]")


class _Registry:
    """The secrets that this process sends.

    Attributes:
        secrets: The latest ones; replaced, never changed, so that threads may read them at any time.
    """

    def __init__(self) -> None:
        self.secrets: dict[str, None] = {}
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()  # which a thread of the parent may have held

    def add(self, secret: str) -> None:
        with self._lock:
            self.secrets = dict.fromkeys([*self.secrets, secret][-MOST_KNOWN:])


_registry = _Registry()


def remember(*secrets: str) -> None:
    """Hide these secrets in whatever is shown from now on; the latest ones are kept."""
    for secret in secrets:
        if secret not in _registry.secrets and len(secret) >= SHORTEST:
            _registry.add(secret)


# --- control characters


def escaped(text: str, keep: str = "\n\t") -> str:
    r"""Text with each character escaped that is invisible or that a terminal acts on, as ``\x1b`` and ``\u202e``.

    Args:
        text: Any text.
        keep: Such characters that stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep or char in _BLANKS else char.encode("unicode_escape").decode()
        for char in text
    )


def cleaned(text: str) -> str:
    """Text as an error may show it: without known secrets, with control characters escaped."""
    return escaped(without_secrets(text))


def cleaned_line(text: str) -> str:
    """The same in one line, as logs, bars and tables may show it."""
    return escaped(without_secrets(text), keep="")


# --- secrets


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Text in which no secret is found, in none of its usual encodings, also where it is cut.

    Args:
        text: Any text.
        secrets: Secrets beside those that are remembered.
    """
    known = _registry.secrets
    more = tuple(secret for secret in dict.fromkeys(secrets) if secret not in known and len(secret) >= SHORTEST)
    if not text or not (known or more):
        return text
    folded = _folded(text)
    indexes = [_index(tuple(known))] if known else []
    if more:
        indexes.append(_index(more))
    spans = [span for index in indexes for span in _found(folded, index)]
    return _hidden(text, spans) if spans else text


def hold_secret(texts: Iterable[str], secrets: Iterable[str] = ()) -> bool:
    """Whether any of the texts holds a secret."""
    known = tuple(secrets)
    return any(without_secrets(text, known) != text for text in texts)


@attrs.frozen
class _Form:
    """One way in which a secret may stand in a text, without regard to case.

    Attributes:
        wide: Whether the characters around it belong to it, as in base64, where they tell some bits of it.
    """

    text: str
    wide: bool = False


@attrs.frozen
class _Index:
    """Secrets as they are looked for.

    Attributes:
        short: Forms that are looked for as a whole.
        pieces: Where pieces of the others stand in these.
    """

    short: tuple[_Form, ...]
    pieces: dict[str, list[tuple[_Form, int]]]


@lru_cache(maxsize=8)
def _index(secrets: tuple[str, ...]) -> _Index:
    forms = dict.fromkeys(form for secret in secrets for form in _forms(secret))
    pieces: dict[str, list[tuple[_Form, int]]] = {}
    for form in forms:
        length = len(form.text)
        if length < CUTTABLE:
            continue
        own: set[str] = set()
        stride = length // MOST_PIECES | 1  # odd, so that looks every `STEP` characters come upon a piece
        for at in range(0, length - PIECE + 1, stride):
            piece = form.text[at : at + PIECE]
            if piece not in own:
                own.add(piece)
                pieces.setdefault(piece, []).append((form, at))
    return _Index(tuple(form for form in forms if len(form.text) < CUTTABLE), pieces)


@lru_cache(maxsize=2 * MOST_KNOWN)
def _forms(secret: str) -> tuple[_Form, ...]:
    """How a secret may stand in a text: in usual encodings, and in base64 with anything before it."""
    from html import escape as html_escape  # which loads the names of all characters

    raw = secret.encode("utf-8", "surrogatepass")
    plain = [
        secret,
        quote(raw, safe=""),
        quote(quote(raw, safe=""), safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        repr(secret)[1:-1],
        html_escape(secret),
        raw.decode("latin-1"),  # bytes are searched as latin-1
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
    for shift in range(3):  # where in the group of three bytes it begins depends on what comes before
        whole = b64encode(bytes(shift) + raw).decode()
        core = whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        if len(core) >= PIECE:
            encoded += [core, core.replace("+", "-").replace("/", "_")]
    forms = [*(_Form(_folded(text)) for text in plain), *(_Form(_folded(text), wide=True) for text in encoded)]
    return tuple(dict.fromkeys(forms))


def _folded(text: str) -> str:
    """Text in lower case, each character at its place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _found(text: str, index: _Index) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a text, in one pass over it for all that are long, and one for each that is short."""
    for form in index.short:
        start = text.find(form.text)
        while start >= 0:
            end = start + len(form.text)
            yield _widened(text, start, end) if form.wide else (start, end)
            start = text.find(form.text, end)
    if not index.pieces:
        return
    done = at = 0
    last = len(text) - PIECE
    while at <= last:
        hits = index.pieces.get(text[at : at + PIECE])
        if hits is None:
            at += STEP
            continue
        first, end = at, at + PIECE
        for form, offset in hits:
            start, stop = _extended(text, at, done, form.text, offset)
            first, end = (min(first, start), max(end, stop))
            if form.wide:
                start, stop = _widened(text, start, stop)
                first, end = (min(first, start), max(end, stop))
        yield first, end
        done = at = end


def _extended(text: str, at: int, done: int, form: str, offset: int) -> tuple[int, int]:
    """As much of a form as stands in a text around one of its pieces."""
    start, before = at, offset
    while before > 0 and start > done and text[start - 1] == form[before - 1]:
        start -= 1
        before -= 1
    end, after = at + PIECE, offset + PIECE
    while after < len(form) and end < len(text) and text[end] == form[after]:
        end += 1
        after += 1
    return start, end


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """All of the base64 that a piece lies in, of which its first and last characters tell a few bits, too."""
    first, last = max(0, start - 400), min(len(text), end + 400)
    while start > first and text[start - 1] in _BASE64:
        start -= 1
    while end < last and text[end] in _BASE64:
        end += 1
    return start, end


def _hidden(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if start > done or not parts:
            parts += (text[done:start], HIDDEN)
        done = end
    return "".join((*parts, text[done:]))


# --- where secrets are


def settings_secrets(settings: Settings) -> list[str]:
    """The accounts that the URLs of the endpoint and of the proxies name."""
    found = [secret for url in (settings.proxies or {}).values() for secret in accounts(url)]
    if account := settings.endpoint.account:
        found += _parts_of_account(account)
    return found


def accounts(url: str) -> Iterator[str]:
    """User and password that a URL holds, as written and decoded; also of one that cannot be parsed."""
    if account := _account(url):
        yield from _parts_of_account(account)


def _parts_of_account(account: str) -> Iterator[str]:
    user, _, password = account.partition(":")
    for text in (account, password) if password and len(user) < CUTTABLE else (account, user, password):
        yield text
        yield unquote(text)


def _account(url: str) -> str:
    rest = url.partition("://")[2] or url
    if "@" not in rest:
        return ""
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rpartition("@")[0]
    # A password may hold what ends the authority; a path may hold an "@", too, after a host and perhaps a port.
    port = authority.rpartition("]")[2].partition(":")[2]
    return rest.rpartition("@")[0] if port and not port.isdecimal() else ""


def request_secrets(request: Request) -> list[str]:
    """The secrets of one request: its credentials, its signature, and what its body is to keep secret."""
    found = list(accounts(request.path))
    for name, value in request.headers.items():
        if _SECRET_NAME.search(name):
            scheme, _, credentials = value.partition(" ")
            found.append(credentials or scheme)
            if scheme.lower() == "basic":
                with suppress(ValueError):  # which bad base64 and bad UTF-8 are
                    pair = b64decode(credentials).decode()
                    found += (pair, pair.partition(":")[2])
    _, _, query = request.path.partition("?")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if _SECRET_NAME.search(name):
            found += (value, unquote(value))
    found += (value for name, value in request.query if _SECRET_NAME.search(name))
    if isinstance(request.body, bytes) and request.body:
        found += _body_secrets(request.body)
    return [text for text in dict.fromkeys(found) if len(text) >= SHORTEST]


def _body_secrets(body: bytes) -> Iterator[str]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        for name, value in parse_qsl(body[: 1 << 20].decode("latin-1")):
            if _SECRET_NAME.search(name):
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
                named = secret and name not in ("key", "name", "description", "type")
                stack.append((value, named or bool(_SECRET_NAME.search(name))))
        elif isinstance(one, list):
            stack += ((item, secret) for item in cast("Iterable[Any]", one))
