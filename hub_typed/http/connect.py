"""TCP connections whose name resolution and connection attempts can be cancelled."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["connect"]

CHECK_INTERVAL: Final = 0.1
"""Seconds between checks for cancellation while waiting."""
Address = tuple[int, int, int, str, tuple[object, ...]]


def connect(
    host: str,
    port: int,
    *,
    seconds: float | None,
    options: Sequence[tuple[int, int, int | bytes]],
    check: Callable[[], None],
) -> socket.socket:
    """Connect to the first address of a host that accepts the connection.

    Args:
        seconds: Time limit for all addresses; ``None`` for none.
        options: Socket options, as arguments of `socket.socket.setsockopt`.
        check: Called repeatedly while waiting; its exceptions are raised.

    Raises:
        TimeoutError: No address accepted in time.
        OSError: The host cannot be resolved, or all addresses refused the connection.
    """
    end_time = None if seconds is None else time.monotonic() + seconds
    failed: OSError | None = None
    for family, kind, protocol, _, address in _resolve(host, port, end_time, check):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            _connect(sock, address, end_time, check)
        except OSError as error:
            sock.close()
            failed = error
            if isinstance(error, TimeoutError) and end_time is not None and time.monotonic() >= end_time:
                break
        except BaseException:
            sock.close()
            raise
        else:
            sock.settimeout(seconds)
            return sock
    raise failed or OSError(f"{host} has no address")


def _connect(
    sock: socket.socket, address: tuple[object, ...], end_time: float | None, check: Callable[[], None]
) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code == errno.EINPROGRESS:
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        while True:
            check()
            remaining = _remaining(end_time)
            if poll.poll(min(CHECK_INTERVAL, remaining) * 1000):
                break
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _remaining(end_time: float | None) -> float:
    if end_time is None:
        return CHECK_INTERVAL
    remaining = end_time - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("timed out")
    return remaining


def _resolve(host: str, port: int, end_time: float | None, check: Callable[[], None]) -> list[Address]:
    """Resolve a host on a separate thread, since a lookup cannot be interrupted."""
    host = host.strip("[]")
    try:
        return _getaddrinfo(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    found: list[Address] = []
    failed: list[OSError] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            found.extend(_getaddrinfo(host, port, 0))
        except OSError as error:
            failed.append(error)
        finally:
            done.set()

    try:
        threading.Thread(target=look_up, name="hub-typed-resolver", daemon=True).start()
    except RuntimeError:  # at interpreter shutdown, no thread can be started
        look_up()
    while not done.wait(min(CHECK_INTERVAL, _remaining(end_time))):
        check()
    if failed:
        raise failed[0]
    return found


def _getaddrinfo(host: str, port: int, flags: int) -> list[Address]:
    try:
        return list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags))
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a valid host name") from None
