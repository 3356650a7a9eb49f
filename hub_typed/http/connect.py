"""TCP connections that can be cancelled while connecting, including name resolution."""

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

SLICE: Final = 0.1
"""Seconds after which a wait looks whether it was given up."""
Address = tuple[int, int, int, str, tuple[object, ...]]


def connect(
    host: str,
    port: int,
    *,
    seconds: float | None,
    options: Sequence[tuple[int, int, int | bytes]],
    check: Callable[[], None],
) -> socket.socket:
    """Connect to the first address of a host that accepts.

    Args:
        seconds: How long it may take in all.
        options: Socket options, as of `socket.socket.setsockopt`.
        check: Called again and again while this waits; what it raises ends the wait.

    Raises:
        TimeoutError: Nothing accepted in time.
        OSError: The name is unknown, or every address refused.
    """
    ends = None if seconds is None else time.monotonic() + seconds
    failed: OSError | None = None
    for family, kind, protocol, _, address in _resolved(host, port, ends, check):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            _connect(sock, address, ends, check)
        except OSError as error:
            sock.close()
            failed = error
            if isinstance(error, TimeoutError) and ends is not None and time.monotonic() >= ends:
                break
        except BaseException:
            sock.close()
            raise
        else:
            sock.settimeout(seconds)
            return sock
    raise failed or OSError(f"{host} has no address")


def _connect(sock: socket.socket, address: tuple[object, ...], ends: float | None, check: Callable[[], None]) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code == errno.EINPROGRESS:
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        while True:
            check()
            left = _left(ends)
            if poll.poll(min(SLICE, left) * 1000):
                break
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _left(ends: float | None) -> float:
    if ends is None:
        return SLICE
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _resolved(host: str, port: int, ends: float | None, check: Callable[[], None]) -> list[Address]:
    """Resolve a host on a thread of its own, since a lookup cannot be interrupted."""
    host = host.strip("[]")
    try:
        return _looked_up(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    found: list[Address] = []
    failed: list[OSError] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            found.extend(_looked_up(host, port, 0))
        except OSError as error:
            failed.append(error)
        finally:
            done.set()

    try:
        threading.Thread(target=look_up, name="hub-typed-resolver", daemon=True).start()
    except RuntimeError:  # the interpreter is ending
        look_up()
    while not done.wait(min(SLICE, _left(ends))):
        check()
    if failed:
        raise failed[0]
    return found


def _looked_up(host: str, port: int, flags: int) -> list[Address]:
    try:
        return list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags))
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is no host name") from None
