"""Default client, used by the functions of `hub_typed`."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub_typed.client import HfApi


__all__ = ["default_client", "reset_default_client"]

_lock = threading.Lock()
_default: tuple[object, HfApi] | None = None


def _in_child() -> None:
    """Reset after a fork: the lock may be held, and the client uses sockets of the parent."""
    global _lock, _default
    _lock, _default = threading.Lock(), None


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
        return _default[1]


def reset_default_client() -> None:
    """Close the default client; the next call creates a new one."""
    global _default
    with _lock:
        previous, _default = _default, None
    if previous is not None:
        previous[1].close()
