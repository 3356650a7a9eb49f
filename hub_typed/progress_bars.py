"""Progress bars of transfers, drawn with tqdm."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from hub_typed.logs.redaction import sanitize_line

if TYPE_CHECKING:
    from hub_typed.settings import Settings
from hub_typed.progress import Observer, TransferEvent, TransferKind

__all__: list[str] = []


MIN_LABELLED_SIZE: Final = 16 << 20
"""Size in bytes from which a bar is drawn for a hash or a commit."""
_LABELS: Final[dict[TransferKind, str]] = {"upload": "", "download": "", "hash": " (hash)", "commit": " (commit)"}


class Bar(Protocol):
    """Protocol of a progress bar, as implemented by tqdm."""

    n: float

    def update(self, n: float) -> object: ...

    def refresh(self) -> object: ...

    def close(self) -> object: ...


class Bars:
    """Observer that draws one bar for each transfer, except for hashes and commits that take a moment only."""

    def __init__(self, bar_class: Callable[..., Bar] | None = None) -> None:
        self._bar_class = bar_class
        self._bars: dict[int, Bar] = {}
        self._lock = threading.Lock()

    def _new_bar(self, event: TransferEvent) -> Bar:
        if self._bar_class is None:
            from tqdm import tqdm

            self._bar_class = tqdm
        name = sanitize_line(event.name) + _LABELS[event.kind]
        return self._bar_class(total=event.total, initial=event.done, desc=name, unit="B", unit_scale=True, leave=False)

    def __call__(self, event: TransferEvent) -> None:
        with self._lock:
            if event.state == "started":
                if not _LABELS[event.kind] or event.total is None or event.total >= MIN_LABELLED_SIZE:
                    self._bars[event.transfer] = self._new_bar(event)
            elif event.transfer not in self._bars:
                return
            elif event.state == "advanced":
                _set_position(self._bars[event.transfer], event.done)
            else:
                self._bars.pop(event.transfer).close()


def _after_fork() -> None:
    """Reset the locks of tqdm, which other threads of the parent may have held."""
    bars = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    locks: list[object] = getattr(getattr(bars, "_lock", None), "locks", [])
    locks[:] = [threading.RLock() if isinstance(lock, type(threading.RLock())) else lock for lock in locks]


os.register_at_fork(after_in_child=_after_fork)


def _set_position(bar: Bar, done: int) -> None:
    if done >= bar.n:
        bar.update(done - bar.n)  # tqdm limits how often it redraws
    else:
        bar.n = done
        bar.refresh()


def observer_for(settings: Settings, bar_class: Callable[..., Bar] | None = None) -> Observer | None:
    """Return the observer of transfers for the settings: the caller's function, progress bars, or ``None``.

    Args:
        bar_class: Class of the bars; if given, bars are created in any case.
    """
    progress = settings.progress
    if callable(progress):
        return progress if bar_class is None else _Both(progress, Bars(bar_class))
    if progress is None:
        progress = sys.stderr is not None and sys.stderr.isatty()
    return Bars(bar_class) if progress or bar_class is not None else None


class _Both:
    """Observer that passes each event to two others."""

    def __init__(self, first: Observer, second: Observer) -> None:
        self._observers = first, second

    def __call__(self, event: TransferEvent) -> None:
        for observer in self._observers:
            observer(event)
