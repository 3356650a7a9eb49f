"""Progress of transfers: a stream of events."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import ClassVar, Literal, TypeAlias

import attrs

__all__ = ["Observer", "TransferEvent"]


@attrs.frozen(kw_only=True)
class TransferEvent:
    """An event of a transfer.

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
    """One transfer that reports its progress; several threads may move its parts."""

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
        """Set the number of bytes done; it decreases when a transfer restarts."""
        with self._moving:
            self._done = done
            self._tell("advanced")

    def advance(self, count: int) -> None:
        """Add to the number of bytes done."""
        with self._moving:
            self._done += count
            self._tell("advanced")

    def finish(self) -> None:
        """Report success."""
        self._tell("finished")

    def fail(self) -> None:
        """Report failure."""
        self._tell("failed")


def _after_fork() -> None:
    """Reset the lock, which another thread of the parent may have held."""
    Transfer.counting = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
