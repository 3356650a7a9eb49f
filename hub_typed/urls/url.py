"""Untrusted URLs, parsed once into a value that both trust checks and connections use.

Parsers disagree on malformed URLs: with a backslash before an ``@``, one finds a host where another finds a password.
URLs on which parsers could disagree are refused; all others are sent as the text rebuilt from the parsed value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import attrs

__all__ = ["InvalidUrlError", "Url", "basic_auth", "display_url", "join_url", "no_proxy_matches", "parse_url"]

MAX_DISPLAYED_LENGTH: Final = 1000
MAX_HOST_LENGTH: Final = 253
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PARTS: Final = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.ASCII)
_HOST_AND_PORT: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_OCTET: Final = re.compile(r"25[0-5]|2[0-4][0-9]|1?[0-9]{1,2}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)
_PLAIN: Final = re.compile(
    r"(https?://[a-z0-9.-]+(?::[0-9]+)?)((?:/(?:[\w~-]|%[0-9A-F]{2})(?:[\w.~-]|%[0-9A-F]{2})*)+)", re.ASCII
)
"""A URL without query whose path needs no normalization: only its origin has to be parsed."""
_WITHOUT_ACCOUNT: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]*\]|[^@:/?#\\\[\]]*)(?::[0-9]*)?(?![^/?#])|(?![^/?#])(?!//)", re.IGNORECASE
)
"""A URL or path that certainly contains no user and password."""


class InvalidUrlError(ValueError):
    """A URL is refused; the message contains the reason, but not the URL."""


@attrs.frozen
class Url:
    """An absolute http or https URL. Only `parse_url` creates it.

    Attributes:
        text: URL to send, without account and fragment.
        scheme: ``http`` or ``https``.
        host: Host in lower case; an IPv6 address is in brackets.
        port: Port; the default of the scheme if the URL has none.
        path: Path, percent-encoded; empty, or with a leading slash.
        query: Query, percent-encoded, without the question mark; ``None`` if the URL has none.
        account: User and password, percent-encoded, if the caller allows them.
    """

    text: str
    scheme: str
    host: str
    port: int
    path: str
    query: str | None
    account: str | None = attrs.field(default=None, repr=False)

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port, which determine whether the token is sent."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=128)
def parse_url(text: str, *, account: bool = False) -> Url:
    """Parse an absolute URL.

    Args:
        account: Whether the URL may contain user and password.

    Raises:
        InvalidUrlError: The URL is not an http or https URL, or parsers could disagree on its host.
    """
    _check_characters(text)
    if plain := _PLAIN.fullmatch(text):
        origin, path = plain.groups()
        base = _parse_any(origin, account=False)
        return Url(base.text + path, base.scheme, base.host, base.port, path, None)
    return _parse_any(text, account=account)


@lru_cache(maxsize=128)
def _parse_any(text: str, *, account: bool) -> Url:
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise InvalidUrlError("it does not begin with https:// or http://")
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    user, at, host_and_port = authority.rpartition("@")
    if at and not account:
        raise InvalidUrlError("it contains a user name or password")
    if "@" in user:
        raise InvalidUrlError("its user name or password contains an '@', which must be encoded as %40")
    if not host_and_port.isascii():  # some non-ASCII letters become ASCII in lower case
        raise InvalidUrlError("its host is not ASCII: international names must be encoded as 'xn--...'")
    host, port = _host_and_port(host_and_port.lower())

    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url as parse_with_urllib3

    try:
        found = parse_with_urllib3(f"{scheme}://{host_and_port}{rest}")
    except LocationParseError:
        raise InvalidUrlError("it is malformed") from None
    if (found.scheme, found.auth, found.host, found.port) != (scheme, None, host, port):
        raise InvalidUrlError("its host is ambiguous")
    path = found.path or ("/" if found.query is not None else "")
    text_to_send = f"{scheme}://{found.netloc}{path}" + ("" if found.query is None else f"?{found.query}")
    return Url(text_to_send, scheme, host, port or _DEFAULT_PORTS[scheme], path, found.query, user or None)


def join_url(base: Url, reference: str) -> Url:
    """Resolve a URL reference of a response, such as ``Location`` or ``Link``.

    Args:
        base: URL of the response.
        reference: Absolute URL, or one relative to ``base``.

    Raises:
        InvalidUrlError: The result is not an http or https URL, or parsers could disagree on its host.
    """
    _check_characters(reference)
    if _SCHEME.match(reference):
        return parse_url(reference)
    if reference.startswith("//"):
        return parse_url(f"{base.scheme}:{reference}")
    from urllib.parse import urljoin

    found = parse_url(urljoin(base.text, reference))
    if found.origin != base.origin:
        raise InvalidUrlError("its host is ambiguous")
    return found


def _check_characters(text: object) -> None:
    if not isinstance(text, str):  # a member of a JSON body may have any type
        raise InvalidUrlError("it is not a string")
    if "\\" in text:
        raise InvalidUrlError("it contains a backslash")
    if not text.isprintable() or " " in text:
        raise InvalidUrlError("it contains a space, a control character or another unprintable character")


def _host_and_port(text: str) -> tuple[str, int | None]:
    """Parse host and port; the text is in lower case."""
    if not text:
        raise InvalidUrlError("it has no host")
    parts = _HOST_AND_PORT.fullmatch(text)
    if parts is None:
        raise InvalidUrlError(
            "its host or port is malformed: the host must be an IP address or a name of letters, digits, '-', '_' and "
            "'.', the port a number from 1 to 65535"
        )
    host, port = parts[1], int(parts[2]) if parts[2] else None
    if port is not None and port > 65535:
        raise InvalidUrlError("its port is greater than 65535")
    labels = host.split(".")
    if host[0] == "[":
        from ipaddress import AddressValueError, IPv6Address

        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            raise InvalidUrlError("its host is not an IPv6 address") from None
    else:
        if len(host) > MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
            raise InvalidUrlError("its host has an empty label, ends with a dot or is too long")
        # Parsers take `127.1`, `0x7f.0.0.1` and `2130706433` for names; the system resolves them to 127.0.0.1.
        if _NUMBER.fullmatch(labels[-1]) and not (len(labels) == 4 and all(map(_is_octet, labels))):
            raise InvalidUrlError("its host is an IPv4 address that is not written as four decimal numbers")
    return host, port


def _is_octet(label: str) -> bool:
    return _OCTET.fullmatch(label) is not None and (label == "0" or label[0] != "0")


def basic_auth(account: str) -> str:
    """Return the value of ``Authorization`` or ``Proxy-Authorization`` for user and password of a URL."""
    from base64 import b64encode
    from urllib.parse import unquote

    user, _, password = account.partition(":")
    return f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


def no_proxy_matches(url: Url, no_proxy: str) -> bool:
    """Whether the host of a URL is excluded from the proxy.

    Args:
        no_proxy: Entries separated by commas: hosts, with or without port; domains, including their subdomains; IP
            addresses; networks, such as ``10.0.0.0/8``; ``*`` for all hosts.
    """
    host = url.host.strip("[]")
    names = (host, url.host, f"{url.host}:{url.port}")
    for word in no_proxy.split(","):
        entry = word.strip().lower()
        domain = entry.lstrip(".")
        if not domain:
            continue
        if domain == "*" or domain in names or host.endswith(f".{domain}") or _is_in_network(host, entry):
            return True
    return False


def _is_in_network(host: str, network: str) -> bool:
    """Whether a host is an IP address in a network, or the same address in another notation."""
    if host[-1].isalpha() and ":" not in host:  # a name; checked first, since most hosts are names
        return False
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False


def display_url(url: str) -> str:
    """Return a URL for messages, without user, password and query, which may contain a signature.

    Accepts any text: of a malformed URL, only parts that certainly contain no secret are returned.
    """
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    query = "?..." if "?" in url else ""
    if "@" in url and not _WITHOUT_ACCOUNT.match(url):
        # Parsers disagree on where the account ends, so everything up to the last "@" is omitted.
        scheme, mark, rest = head.partition("://")
        start = scheme + mark if mark and _SCHEME.fullmatch(f"{scheme}:") else ""
        hidden, at, visible = (rest if start else head).rpartition("@")
        is_safe = at and not ("/" in hidden or "\\" in hidden or "@" in url[len(head) :])
        head = start + (visible if is_safe else f"...@{visible}" if "@" not in url[len(head) :] else "...")
    if len(head) > MAX_DISPLAYED_LENGTH:
        head = head[:MAX_DISPLAYED_LENGTH] + "..."
    if not head.isprintable():
        head = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)
    return head + query
