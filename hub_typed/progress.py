"""Progress of transfers: a stream of events."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import ClassVar, Literal, Self, TypeAlias

import attrs

__all__ = ["Observer", "TransferEvent"]


TransferKind: TypeAlias = Literal["upload", "download", "hash", "commit"]


@attrs.frozen(kw_only=True)
class TransferEvent:
    """An event of a transfer.

    Attributes:
        transfer: Number of the transfer, the same in all its events.
        kind: ``upload`` and ``download`` of a file; ``hash``: a file is read to compute its hash before an upload;
            ``commit``: the request of a commit is sent, with the contents of regular files in it.
        name: Path of the file in the repository; of a commit, the name of the repository.
        state: ``started`` is the first event, ``finished`` or ``failed`` the last; ``advanced`` is repeated in between.
        done: Bytes transferred so far, including those of an earlier run.
        total: Size in bytes; ``None`` if unknown.
        sent: In the event ``finished`` of an upload to Xet storage: bytes that the storage did not have, before
            compression; otherwise ``None``.
    """

    transfer: int
    kind: TransferKind
    name: str
    state: Literal["started", "advanced", "finished", "failed"]
    done: int
    total: int | None
    sent: int | None = None


Observer: TypeAlias = Callable[[TransferEvent], None]


class Transfer:
    """A transfer that reports its progress; several threads may transfer parts of it."""

    _last_number = 0
    number_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        observer: Observer | None,
        kind: TransferKind,
        name: str,
        total: int | None,
        done: int = 0,
    ) -> None:
        with Transfer.number_lock:
            Transfer._last_number += 1
            self._number = Transfer._last_number
        self._observer = observer
        self._kind: TransferKind = kind
        self._name = name
        self._total = total
        self._done = done
        self._lock = threading.Lock()
        self._notify("started")

    def _notify(self, state: Literal["started", "advanced", "finished", "failed"], *, sent: int | None = None) -> None:
        if self._observer is not None:
            self._observer(
                TransferEvent(
                    transfer=self._number,
                    kind=self._kind,
                    name=self._name,
                    state=state,
                    done=self._done,
                    total=self._total,
                    sent=sent,
                )
            )

    def set_done(self, done: int) -> None:
        """Set the number of bytes done; it decreases when a transfer restarts."""
        with self._lock:
            self._done = done
            self._notify("advanced")

    def advance(self, count: int) -> None:
        """Add to the number of bytes done."""
        with self._lock:
            self._done += count
            self._notify("advanced")

    def finish(self, *, sent: int | None = None) -> None:
        """Report success.

        Args:
            sent: Bytes of an upload that the storage did not have.
        """
        self._notify("finished", sent=sent)

    def fail(self) -> None:
        """Report failure."""
        self._notify("failed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Report success, or failure if an error was raised."""
        if error is None:
            self.finish()
        else:
            self.fail()


def _after_fork() -> None:
    """Reset the lock, which another thread of the parent may have held."""
    Transfer.number_lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
