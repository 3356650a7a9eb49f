"""Connections through SOCKS proxies. They need PySocks, so this module is imported only for them."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import unquote

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection, SOCKSProxyManager

from hub_typed.http.connections import StoppableConnection, StoppableTlsConnection
from hub_typed.http.proxies import Proxy

__all__: list[str] = []


class _SocksConnection(StoppableConnection, SOCKSConnection):
    """Connection through a SOCKS proxy; the connection attempt ends with its timeout, not when it is cancelled."""

    def _new_conn(self) -> socket.socket:  # pyright: ignore[reportIncompatibleMethodOverride]  # PySocks has no types
        sock: socket.socket = SOCKSConnection._new_conn(self)  # noqa: SLF001 (of a base class, but not of the first)
        return sock


class _SocksTlsConnection(StoppableTlsConnection, _SocksConnection, SOCKSHTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]  # likewise
    """The same over TLS."""


class _SocksPool(HTTPConnectionPool):
    ConnectionCls = _SocksConnection  # pyright: ignore[reportAssignmentType]  # as in `hub_typed.http.connections`


class _SocksTlsPool(HTTPSConnectionPool):
    ConnectionCls = _SocksTlsConnection  # pyright: ignore[reportAssignmentType]  # likewise


def socks_manager(proxy: Proxy, options: dict[str, Any]) -> SOCKSProxyManager:
    """Return the connection pools for a SOCKS proxy."""
    user, _, password = (proxy.url.account or "").partition(":")
    manager = SOCKSProxyManager(
        proxy.text, username=unquote(user) or None, password=unquote(password) if user else None, **options
    )
    # PySocks wants the address of an IPv6 proxy without brackets.
    manager.connection_pool_kw["_socks_options"]["proxy_host"] = proxy.url.host.strip("[]")
    manager.pool_classes_by_scheme = {"http": _SocksPool, "https": _SocksTlsPool}  # pyright: ignore[reportAttributeAccessIssue]  # a dict is invariant
    return manager
