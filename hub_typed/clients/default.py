"""Default client, used by the functions of `hub_typed`."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub_typed.client import HfApi


__all__ = ["default_client", "reset_default_client"]

_making = threading.Lock()
_default: tuple[object, HfApi] | None = None


def _in_child() -> None:
    """Reset after a fork: the lock may be held, and the client has the parent's sockets."""
    global _making, _default
    _making, _default = threading.Lock(), None


os.register_at_fork(after_in_child=_in_child)


def default_client() -> HfApi:
    """Return the default client; it is replaced when the environment changes and after a fork."""
    global _default
    from hub_typed.settings import Settings

    made_for = (os.getpid(), Settings.from_environment())
    with _making:
        if _default is None or _default[0] != made_for:
            from hub_typed.client import HfApi

            _default = (made_for, HfApi())
        return _default[1]


def reset_default_client() -> None:
    """Close the default client; the next call creates a new one."""
    global _default
    with _making:
        forgotten, _default = _default, None
    if forgotten is not None:
        forgotten[1].close()
