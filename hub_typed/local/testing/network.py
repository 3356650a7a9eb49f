"""Refusal of connections that leave this machine."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

__all__ = ["NetworkRefusedError", "loopback_only"]


class NetworkRefusedError(RuntimeError):
    """A test would connect to another machine. It is no OSError, so that no client tries again."""


@contextmanager
def loopback_only() -> Generator[None]:
    """Refuse to connect this process to other machines, and to resolve their names.

    Raises:
        NetworkRefusedError: Within the block, where a socket is connected or a name is resolved.
    """
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any, /) -> None:
        _check_address(self, address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any, /) -> int:
        _check_address(self, address)
        return connect_ex(self, address)

    def checked_getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        _check_host(host)
        return getaddrinfo(host, *arguments, **named)

    changes: tuple[tuple[object, str, object, object], ...] = (
        (socket.socket, "connect", connect, checked_connect),
        (socket.socket, "connect_ex", connect_ex, checked_connect_ex),
        (socket, "getaddrinfo", getaddrinfo, checked_getaddrinfo),
    )
    for owner, name, _, checked in changes:
        setattr(owner, name, checked)
    try:
        yield
    finally:
        for owner, name, original, _ in changes:
            setattr(owner, name, original)


def _check_address(connected: socket.socket, address: Any) -> None:
    if connected.family in (socket.AF_INET, socket.AF_INET6):
        _check_host(address[0])


def _check_host(host: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "localhost")
    name = name.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return
    try:
        allowed = ip_address(name).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise NetworkRefusedError(
            f"This test may connect to this machine only, not to {name!r}: use the embedded Hub (HF_ENDPOINT), or do "
            "without `loopback_only`"
        )
