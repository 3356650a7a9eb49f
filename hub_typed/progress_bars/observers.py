"""Who receives the events of transfers and jobs: the caller's function, bars, lines, or nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from hub_typed.progress import Job, JobEvent, JobKind, JobObserver, Observer, TransferEvent
from hub_typed.progress_bars.switches import are_progress_bars_disabled

if TYPE_CHECKING:
    from hub_typed.settings import Settings

__all__: list[str] = []


class Scope(Protocol):
    """What is known of the flow that begins a job; an `Io`."""

    @property
    def settings(self) -> Settings:
        """Settings of the client."""
        ...

    @property
    def job(self) -> Job | None:
        """Job that the flow is a part of."""
        ...


@contextmanager
def job_of(
    io: Scope, kind: JobKind, name: str, bar_class: Callable[..., Any] | None = None
) -> Generator[Job | None, None, None]:
    """Run a block as a job; within another one, as a part of it.

    Args:
        name: Name of the repository.
        bar_class: Class of the bars; see `observer_for`.

    Yields:
        The job; ``None`` if nobody receives its events.
    """
    if io.job is not None:
        yield io.job
        return
    observer = observer_for(io.settings, kind, bar_class)
    if observer is None:
        yield None
        return
    with Job(observer, kind, name) as job:
        yield job


def observer_for(settings: Settings, kind: JobKind, bar_class: Callable[..., Any] | None = None) -> Observer | None:
    """Return the observer of transfers for the settings: the caller's function, a display, or ``None``.

    Args:
        kind: Which group of bars may be switched off.
        bar_class: Class of the bars; if given, bars are created in any case.
    """
    progress = settings.progress
    given = progress if callable(progress) else None
    if bar_class is not None:
        from hub_typed.progress_bars.class_bars import ClassBars

        bars = ClassBars(bar_class)
        return bars if given is None else _Both(given, bars)
    if given is not None:
        return given
    if progress is False or are_progress_bars_disabled(f"hub_typed.{kind}"):
        return None
    if sys.stderr is not None and sys.stderr.isatty():
        from hub_typed.progress_bars.screen import Screen

        return Screen()
    if is_in_notebook():
        from hub_typed.progress_bars.screen import Screen

        return Screen(in_notebook=True)
    if progress:
        from hub_typed.progress_bars.log_lines import LogLines

        return LogLines()
    return None


def is_in_notebook() -> bool:
    """Return whether the program runs in a notebook, which shows widgets."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if callable(get_ipython) else None
    return "IPKernelApp" in getattr(shell, "config", ())


class _Both:
    """Observer that passes each event to two others."""

    def __init__(self, first: Observer, second: Observer) -> None:
        self._observers = first, second

    def __call__(self, event: TransferEvent) -> None:
        for observer in self._observers:
            observer(event)

    def on_job(self, event: JobEvent) -> None:
        for observer in self._observers:
            if isinstance(observer, JobObserver):
                observer.on_job(event)
