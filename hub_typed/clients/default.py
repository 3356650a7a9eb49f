"""Default client, used by the functions of `hub_typed`, and clients with other options."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub_typed.client import HfApi


__all__ = ["client_with", "default_client", "reset_default_client"]

MAX_CLIENTS: Final = 8
_lock = threading.Lock()
_default: tuple[object, HfApi] | None = None
_clients: dict[str, HfApi] = {}


def _in_child() -> None:
    """Reset after a fork: the lock may be held, and the client uses sockets of the parent."""
    global _lock, _default
    _lock, _default = threading.Lock(), None
    _clients.clear()


os.register_at_fork(after_in_child=_in_child)


def default_client() -> HfApi:
    """Return the default client; it is replaced when the environment changes and after a fork."""
    global _default
    from hub_typed.settings import Settings

    key = (os.getpid(), Settings.from_environment())
    with _lock:
        if _default is None or _default[0] != key:
            from hub_typed.client import HfApi

            _default = (key, HfApi())
            _clients.clear()
        return _default[1]


def client_with(
    *,
    endpoint: str | None,
    library_name: str | None,
    library_version: str | None,
    user_agent: Mapping[str, object] | str | None,
    headers: Mapping[str, str] | None,
) -> HfApi:
    """Return a client with options of a function call; the default client if there are none.

    The clients of the last `MAX_CLIENTS` combinations of options are kept, so that their connections are reused.
    """
    options = (endpoint, library_name, library_version, user_agent, headers)
    default = default_client()
    if options == (None, None, None, None, None):
        return default
    from hub_typed.client import HfApi

    key = repr((id(default), options))
    with _lock:
        client = _clients.pop(key, None) or HfApi(
            endpoint,
            library_name=library_name,
            library_version=library_version,
            user_agent=user_agent,
            headers=headers,
        )
        _clients[key] = client
        dropped = [_clients.pop(old) for old in list(_clients)[:-MAX_CLIENTS]]
    for one in dropped:
        one.close()
    return client


def reset_default_client() -> None:
    """Close the default client; the next call creates a new one."""
    global _default
    with _lock:
        previous, _default = _default, None
        clients = [*_clients.values(), *([previous[1]] if previous else [])]
        _clients.clear()
    for client in clients:
        client.close()
