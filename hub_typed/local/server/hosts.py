"""Allowed ``Host`` headers, and origins of web pages that may send requests.

Every web page that a user of this machine opens may send requests to 127.0.0.1. A browser lets it read the answers only
where it believes them to come from the page's own origin: an attacker makes a name of theirs lead to 127.0.0.1 (DNS
rebinding). Such a request has that name in its header ``Host``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from hub_typed.local.errors import HubFault, bad_request, forbidden

__all__ = ["Hosts"]

_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
_SAFE: Final = ("GET", "HEAD", "OPTIONS")


class Hosts:
    """Allowed hosts of a Hub: those of this machine, and names given at start.

    Args:
        names: Further names or addresses, without a port.

    Raises:
        ValueError: One of them is no name of a host.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(_checked(name) for name in names)
        self._allows = lru_cache(maxsize=256)(self._allowed)

    def check(self, method: str, target: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Check host and origin of a request.

        Args:
            target: What is asked for, as it stands in the first line of the request.
            headers: All headers, with names in lower case.

        Raises:
            HubFault: 400, it does not say for which host it is, or more than once; 421, it is for another host;
                403, the page of another origin asks to change something.
        """
        if not target.startswith("/"):
            raise bad_request("The target of a request must be a path: this is no proxy")
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            raise bad_request("A request needs one header Host")
        host = hosts[0].decode("latin-1")
        if not self._allows(host):
            raise HubFault(
                421,
                "This Hub answers for the names of this machine alone (127.0.0.1, localhost). Give it the name that "
                "you call it by when you start it: LocalHub(hosts=[...]), or --host on the command line",
            )
        if method not in _SAFE:
            _check_origin(host, {name: value.decode("latin-1") for name, value in headers})

    def _allowed(self, host: str) -> bool:
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found["name"].removesuffix(".")
        return name in self._names or name == "localhost" or name.endswith(".localhost") or _loopback(name)


def _check_origin(host: str, headers: Mapping[bytes, str]) -> None:
    # A page of another origin can send a form, and with it a password of this Hub that the browser remembers. It
    # cannot send a token of its own: the browser asks first whether it may, and this Hub never says so.
    if headers.get(b"authorization", "").lower().startswith("bearer "):
        return
    origin = headers.get(b"origin")
    same = origin is None or origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
    if not same or headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
        raise forbidden("A web page of another origin cannot change anything here")


def _loopback(name: str) -> bool:
    try:
        return IPv6Address(name[1:-1]).is_loopback if name.startswith("[") else IPv4Address(name).is_loopback
    except AddressValueError:
        return False


def _ipv6(name: str) -> bool:
    try:
        IPv6Address(name[1:-1])
    except AddressValueError:
        return False
    return True


def _checked(name: str) -> str:
    lowered = name.lower().removesuffix(".")
    lowered = f"[{lowered}]" if ":" in lowered and not lowered.startswith("[") else lowered
    found = _HOST.fullmatch(lowered)
    if found is None or found["name"] != lowered or (lowered.startswith("[") and not _ipv6(lowered)):
        raise ValueError(f"Invalid name of a host: {name!r}, it must be a name or an address without a port")
    return lowered
