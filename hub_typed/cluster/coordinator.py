"""Submits batches to workers, as fast as the allowance permits."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

from hub_typed.cluster.allowance import Allowance, Ledger
from hub_typed.cluster.batches import Batch
from hub_typed.cluster.executor import Executor

__all__: list[str] = []

T = TypeVar("T")


def run_batches(
    executor: Executor,
    task: Callable[[list[T]], object],
    batches: Sequence[Batch[T]],
    allowance: Allowance,
    *,
    requests: Callable[[Batch[T]], int],
) -> None:
    """Run a task for each batch, in order, and return when all have ended.

    The first error cancels the batches that no worker has begun and is raised.

    Args:
        task: Is pickled, and called with the files of the batch.
        requests: Returns the number of requests that a batch may send.
    """
    ledger = Ledger(allowance)
    waiting = deque(batches)
    running: dict[Future[object], int] = {}
    try:
        while waiting or running:
            delay = 0.0
            while waiting and not (delay := ledger.delay(needed := requests(waiting[0]), time.monotonic())):
                batch = waiting.popleft()
                ledger.begin(needed, batch.size, time.monotonic())
                running[executor.submit(task, batch.files)] = needed
            timeout = delay if waiting and delay < math.inf else None
            if not running:
                time.sleep(timeout or 0.0)
            for future in wait(running, timeout, return_when=FIRST_COMPLETED).done if running else ():
                ledger.end(running.pop(future), time.monotonic())
                future.result()
    except BaseException:
        for future in running:
            future.cancel()
        raise
