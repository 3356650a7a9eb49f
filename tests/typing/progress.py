"""Observers of progress: a function of transfers alone, and one of jobs, too."""

from __future__ import annotations

from typing import assert_type

from hub_typed import HfApi, JobEvent, JobObserver, Observer, Settings, TransferEvent, disable_progress_bars


def observe(event: TransferEvent) -> None:
    assert_type(event.done, int)
    assert_type(event.job, int | None)


class Progress:
    def __call__(self, event: TransferEvent) -> None:
        assert_type(event.name, str)

    def on_job(self, event: JobEvent) -> None:
        assert_type(event.done_bytes / event.total_bytes, float)


def clients() -> list[HfApi]:
    function: Observer = observe
    both: JobObserver = Progress()
    with disable_progress_bars("hub_typed.download"):
        return [HfApi(settings=Settings(progress=one)) for one in (function, both, Progress(), None, True)]
