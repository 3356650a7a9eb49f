"""Allowed ``Host`` headers, and origins of web pages that may send requests.

Every web page that is opened on this machine can send requests to 127.0.0.1, and a browser lets the page read responses
from its own origin. An attacker can therefore resolve their own host name to 127.0.0.1 (DNS rebinding); the ``Host``
header of such a request contains that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from hub_typed.local.errors import HubResponseError, bad_request, forbidden

__all__ = ["Hosts", "is_origin_of"]

_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
_SAFE: Final = ("GET", "HEAD", "OPTIONS")


class Hosts:
    """Allowed hosts of a Hub: the loopback names of this machine, and further names.

    Args:
        names: Further names or addresses, without a port.

    Raises:
        ValueError: A name is not a valid host.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(_check_name(name) for name in names)
        self._allows = lru_cache(maxsize=256)(self._is_allowed)

    def check(self, method: str, target: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Check host and origin of a request.

        Args:
            target: Request target, from the first line of the request.
            headers: All headers, with names in lower case.

        Raises:
            HubResponseError: 400, the target is not a path, or the ``Host`` header is missing or repeated; 421, the
                host is not allowed; 403, a web page of another origin sends an unsafe method.
        """
        if not target.startswith("/"):
            raise bad_request("The request target must be a path: this server is not a proxy")
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            raise bad_request("A request needs exactly one Host header")
        host = hosts[0].decode("latin-1")
        if not self._allows(host):
            raise HubResponseError(
                421,
                "This Hub accepts only the names of this machine (127.0.0.1, localhost) as host. To allow another "
                "name, start it with LocalHub(hosts=[...]), or with --host on the command line",
            )
        if method not in _SAFE:
            _check_origin(host, {name: value.decode("latin-1") for name, value in headers})

    def _is_allowed(self, host: str) -> bool:
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found["name"].removesuffix(".")
        return name in self._names or name == "localhost" or name.endswith(".localhost") or _is_loopback(name)


def _check_origin(host: str, headers: Mapping[bytes, str]) -> None:
    # A page of another origin can submit a form, and the browser adds a remembered password for this Hub. The page
    # cannot add a token: that requires a CORS preflight request, which this Hub never grants.
    if headers.get(b"authorization", "").lower().startswith("bearer "):
        return
    origin = headers.get(b"origin")
    other = origin is not None and not is_origin_of(origin, host)
    if other or headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
        raise forbidden("Web pages of another origin cannot change anything on this Hub")


def is_origin_of(origin: str, host: str) -> bool:
    """Whether the pages of this origin come from the server that the ``Host`` header names."""
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _is_loopback(name: str) -> bool:
    try:
        return IPv6Address(name[1:-1]).is_loopback if name.startswith("[") else IPv4Address(name).is_loopback
    except AddressValueError:
        return False


def _is_ipv6(name: str) -> bool:
    try:
        IPv6Address(name[1:-1])
    except AddressValueError:
        return False
    return True


def _check_name(name: str) -> str:
    lowered = name.lower().removesuffix(".")
    lowered = f"[{lowered}]" if ":" in lowered and not lowered.startswith("[") else lowered
    found = _HOST.fullmatch(lowered)
    if found is None or found["name"] != lowered or (lowered.startswith("[") and not _is_ipv6(lowered)):
        raise ValueError(f"Invalid host: {name!r}, it must be a name or an address without a port")
    return lowered
