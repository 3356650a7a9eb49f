"""URLs from outside, parsed once into a value that trust checks and connections share.

Parsers differ on odd URLs: with a backslash before an ``@``, one sees a host where another sees a password. So a URL on
which two of them could differ is refused, and what is left is sent as the text rebuilt from the parsed value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import attrs

__all__ = ["InvalidUrlError", "Url", "basic_auth", "joined_url", "no_proxy_matches", "parse_url", "shown"]

LONGEST_SHOWN: Final = 1000
LONGEST_HOST: Final = 253
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PARTS: Final = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.ASCII)
_HOST_AND_PORT: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_OCTET: Final = re.compile(r"25[0-5]|2[0-4][0-9]|1?[0-9]{1,2}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)
_PLAIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]*\]|[^@:/?#\\\[\]]*)(?::[0-9]*)?(?![^/?#])|(?![^/?#])(?!//)", re.IGNORECASE
)
"""A URL, or a path, that certainly holds no account."""


class InvalidUrlError(ValueError):
    """A URL is refused; the message has the reason and does not repeat the URL."""


@attrs.frozen
class Url:
    """An absolute http or https URL. Only `parse_url` creates it.

    Attributes:
        text: The URL as it is sent, without account and fragment.
        scheme: ``http`` or ``https``.
        host: In lower case; an IPv6 address is in brackets.
        port: That of the scheme where the URL names none.
        path: Percent-encoded; empty, or beginning with a slash.
        query: Percent-encoded, without the question mark; ``None`` if there is none.
        account: User and password, percent-encoded, where the caller allows them.
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
        """Scheme, host and port, which decide about the token."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=128)
def parse_url(text: str, *, account: bool = False) -> Url:
    """Parse an absolute URL.

    Args:
        account: Whether it may hold a user and a password.

    Raises:
        InvalidUrlError: It is no http or https URL, or parsers could differ on its host.
    """
    _check_characters(text)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise InvalidUrlError("it does not begin with https:// or http://")
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    user, at, host_and_port = authority.rpartition("@")
    if at and not account:
        raise InvalidUrlError("it holds a user name or password")
    if "@" in user:
        raise InvalidUrlError("its user name or password holds an '@', which must be written %40")
    if not host_and_port.isascii():  # some letters become others in lower case
        raise InvalidUrlError("its host is not ASCII: an international name is written as 'xn--...'")
    host, port = _host_and_port(host_and_port.lower())

    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url as parse_as_connected

    try:
        found = parse_as_connected(f"{scheme}://{host_and_port}{rest}")
    except LocationParseError:
        raise InvalidUrlError("it is malformed") from None
    if (found.scheme, found.auth, found.host, found.port) != (scheme, None, host, port):
        raise InvalidUrlError("its host is ambiguous")
    path = found.path or ("/" if found.query is not None else "")
    whole = f"{scheme}://{found.netloc}{path}" + ("" if found.query is None else f"?{found.query}")
    return Url(whole, scheme, host, port or _DEFAULT_PORTS[scheme], path, found.query, user or None)


def joined_url(base: Url, reference: str) -> Url:
    """Resolve a reference of a response, as in ``Location`` and ``Link``.

    Args:
        base: Where the answer came from.
        reference: A whole URL, or one that is relative to that.

    Raises:
        InvalidUrlError: It is no http or https URL, or parsers could differ on its host.
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
    if not isinstance(text, str):  # a member of an answer may be anything
        raise InvalidUrlError("it is no text")
    if "\\" in text:
        raise InvalidUrlError("it holds a backslash")
    if not text.isprintable() or " " in text:
        raise InvalidUrlError("it holds a blank, a control character or another that is not printable")


def _host_and_port(text: str) -> tuple[str, int | None]:
    """Parse host and port, in lower case."""
    if not text:
        raise InvalidUrlError("it names no host")
    parts = _HOST_AND_PORT.fullmatch(text)
    if parts is None:
        raise InvalidUrlError(
            "its host or port is malformed: a host is an IP address or a name of letters, digits, '-', '_' and '.', "
            "a port a number from 1 to 65535"
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
            raise InvalidUrlError("its host is no IPv6 address") from None
    else:
        if len(host) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
            raise InvalidUrlError("its host has an empty part, ends with a dot or is too long")
        # `127.1`, `0x7f.0.0.1` and `2130706433` are names to parsers and 127.0.0.1 to the system.
        if _NUMBER.fullmatch(labels[-1]) and not (len(labels) == 4 and all(map(_octet, labels))):
            raise InvalidUrlError("its host is an IPv4 address that is not written as four decimal numbers")
    return host, port


def _octet(label: str) -> bool:
    return _OCTET.fullmatch(label) is not None and (label == "0" or label[0] != "0")


def basic_auth(account: str) -> str:
    """Return the value of ``Authorization`` or ``Proxy-Authorization`` for the account of a URL."""
    from base64 import b64encode
    from urllib.parse import unquote

    user, _, password = account.partition(":")
    return f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


def no_proxy_matches(url: Url, no_proxy: str) -> bool:
    """Whether ``no_proxy`` names the host of a URL.

    Args:
        no_proxy: Separated by commas: hosts, with or without port; domains, which name all hosts below them; IP
            addresses; networks, as ``10.0.0.0/8``; ``*``, which names all.
    """
    host = url.host.strip("[]")
    names = (host, url.host, f"{url.host}:{url.port}")
    for word in no_proxy.split(","):
        entry = word.strip().lower()
        domain = entry.lstrip(".")
        if not domain:
            continue
        if domain == "*" or domain in names or host.endswith(f".{domain}") or _within(host, entry):
            return True
    return False


def _within(host: str, network: str) -> bool:
    """Whether a host is an IP address in a network, or the same IP address in another notation."""
    if host[-1].isalpha() and ":" not in host:  # a name: most are none of an address
        return False
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False


def shown(url: str) -> str:
    """Return a URL for messages: without user, password and query, which may be a signature.

    It is total: what is no URL is shown as far as it surely holds no secret.
    """
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    query = "?..." if "?" in url else ""
    if "@" in url and not _PLAIN.match(url):
        # Where the account ends depends on the parser, so all up to the last "@" is left out.
        scheme, mark, rest = head.partition("://")
        start = scheme + mark if mark and _SCHEME.fullmatch(f"{scheme}:") else ""
        hidden, at, left = (rest if start else head).rpartition("@")
        clear = at and not ("/" in hidden or "\\" in hidden or "@" in url[len(head) :])
        head = start + (left if clear else f"...@{left}" if "@" not in url[len(head) :] else "...")
    if len(head) > LONGEST_SHOWN:
        head = head[:LONGEST_SHOWN] + "..."
    if not head.isprintable():
        head = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)
    return head + query
