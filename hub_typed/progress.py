"""The event stream of transfers, and the bars that are drawn from it on a terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

import attrs

from hub_typed.logs.redaction import cleaned_line

if TYPE_CHECKING:
    from hub_typed.settings import Settings

__all__ = ["Observer", "TransferEvent"]


@attrs.frozen(kw_only=True)
class TransferEvent:
    """Something happened to a transfer.

    Attributes:
        transfer: Number of the transfer, the same in all its events.
        kind: Which way the bytes go.
        name: What is moved, as a path in the repository.
        state: ``advanced`` comes as often as bytes do; ``finished`` or ``failed`` comes once, last.
        done: Bytes that are there, those of an earlier run included.
        total: Bytes in all; ``None`` if not known.
    """

    transfer: int
    kind: Literal["upload", "download"]
    name: str
    state: Literal["started", "advanced", "finished", "failed"]
    done: int
    total: int | None


Observer: TypeAlias = Callable[[TransferEvent], None]


class Transfer:
    """One transfer that tells an observer how far it is; its parts may be moved by several threads."""

    _last = 0
    counting: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        observer: Observer | None,
        kind: Literal["upload", "download"],
        name: str,
        total: int | None,
        done: int = 0,
    ) -> None:
        with Transfer.counting:
            Transfer._last += 1
            self._number = Transfer._last
        self._observer = observer
        self._kind: Literal["upload", "download"] = kind
        self._name = name
        self._total = total
        self._done = done
        self._moving = threading.Lock()
        self._tell("started")

    def _tell(self, state: Literal["started", "advanced", "finished", "failed"]) -> None:
        if self._observer is not None:
            self._observer(
                TransferEvent(
                    transfer=self._number,
                    kind=self._kind,
                    name=self._name,
                    state=state,
                    done=self._done,
                    total=self._total,
                )
            )

    def reach(self, done: int) -> None:
        """So many bytes are there; fewer than before where a transfer begins anew."""
        with self._moving:
            self._done = done
            self._tell("advanced")

    def advance(self, count: int) -> None:
        """So many more bytes are there."""
        with self._moving:
            self._done += count
            self._tell("advanced")

    def finish(self) -> None:
        """All is there."""
        self._tell("finished")

    def fail(self) -> None:
        """It will not be."""
        self._tell("failed")


class Bar(Protocol):
    """What draws a transfer; tqdm and its like."""

    n: float

    def update(self, n: float) -> object: ...

    def refresh(self) -> object: ...

    def close(self) -> object: ...


class Bars:
    """Draws one bar a transfer with tqdm."""

    def __init__(self, bar_class: Callable[..., Bar] | None = None) -> None:
        self._bar_class = bar_class
        self._bars: dict[int, Bar] = {}
        self._drawing = threading.Lock()

    def _new(self, event: TransferEvent) -> Bar:
        if self._bar_class is None:
            from tqdm import tqdm

            self._bar_class = tqdm
        name = cleaned_line(event.name)
        return self._bar_class(total=event.total, initial=event.done, desc=name, unit="B", unit_scale=True, leave=False)

    def __call__(self, event: TransferEvent) -> None:
        with self._drawing:
            if event.state == "started":
                self._bars[event.transfer] = self._new(event)
            elif event.state == "advanced":
                _move(self._bars[event.transfer], event.done)
            else:
                self._bars.pop(event.transfer).close()


def _in_child() -> None:
    """In a forked child: locks that another thread of the parent held, tqdm's own among them, are never released."""
    Transfer.counting = threading.Lock()
    bars = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    locks: list[object] = getattr(getattr(bars, "_lock", None), "locks", [])
    locks[:] = [threading.RLock() if isinstance(lock, type(threading.RLock())) else lock for lock in locks]


os.register_at_fork(after_in_child=_in_child)


def _move(bar: Bar, done: int) -> None:
    if done >= bar.n:
        bar.update(done - bar.n)  # tqdm limits how often this draws
    else:
        bar.n = done
        bar.refresh()


def observer_for(settings: Settings, bar_class: Callable[..., Bar] | None = None) -> Observer | None:
    """Who is told of transfers: the caller's function, bars on a terminal, or nobody."""
    wish = settings.progress
    if callable(wish):
        return wish
    if wish is None:
        wish = sys.stderr is not None and sys.stderr.isatty()
    return Bars(bar_class) if wish else None
