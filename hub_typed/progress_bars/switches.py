"""Progress bars switched off and on by the program, in all or by group."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from hub_typed.logs.warnings import warn
from hub_typed.settings import is_true, process_environment

__all__ = ["are_progress_bars_disabled", "disable_progress_bars", "enable_progress_bars"]

VARIABLE: Final = "HF_HUB_DISABLE_PROGRESS_BARS"
ALL: Final = ""
"""Name that stands for all groups."""
_disabled: dict[str, bool] = {}


def disable_progress_bars(name: str | None = None) -> AbstractContextManager[None]:
    """Switch off the progress bars of this process, of all clients.

    With ``HF_HUB_DISABLE_PROGRESS_BARS=0``, which takes precedence, there is only a warning.

    Args:
        name: Group of bars, such as ``hub_typed.download``, with the groups below it; all bars if not given. Bars of
            this library are those of the groups ``hub_typed.download`` and ``hub_typed.upload``.

    Returns:
        A context manager that switches them on again at the end of its block; it need not be used.
    """
    if _from_environment() is False:
        warn(f"The progress bars stay: the environment variable {VARIABLE}=0 takes precedence.")
        return _Restored(name, needed=False)
    restored = _Restored(name, needed=not are_progress_bars_disabled(name))
    _set(name, disabled=True)
    return restored


def enable_progress_bars(name: str | None = None) -> None:
    """Switch on the progress bars that `disable_progress_bars` has switched off.

    With ``HF_HUB_DISABLE_PROGRESS_BARS=1``, which takes precedence, there is only a warning.

    Args:
        name: Group of bars, with the groups below it; all bars if not given.
    """
    if _from_environment():
        warn(f"The progress bars stay switched off: the environment variable {VARIABLE}=1 takes precedence.")
        return
    _set(name, disabled=False)


def are_progress_bars_disabled(name: str | None = None) -> bool:
    """Return whether progress bars are switched off, by the program or by ``HF_HUB_DISABLE_PROGRESS_BARS``.

    Args:
        name: Group of bars; a group that was not named itself follows the one above it. All bars if not given.
    """
    if _from_environment():
        return True
    group = name or ALL
    while group and group not in _disabled:
        group = group.rpartition(".")[0]
    return _disabled.get(group, False)


def _set(name: str | None, *, disabled: bool) -> None:
    for known in list(_disabled):
        if name is None or known.startswith(f"{name}."):
            _disabled.pop(known, None)
    _disabled[name or ALL] = disabled


def _from_environment() -> bool | None:
    """Return whether the environment switches progress bars off; ``None`` if it does not say."""
    value = process_environment().get(VARIABLE)
    return is_true(value) if value else None


class _Restored(AbstractContextManager[None]):
    """Switches progress bars on again at the end of its block."""

    def __init__(self, name: str | None, *, needed: bool) -> None:
        self._name = name
        self._needed = needed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._needed:
            enable_progress_bars(self._name)
