"""Work on foreign text takes time that is linear in its length: 10 times the text costs at most 15 times the time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator

ATTEMPTS = 5
"""Other processes only make a measurement longer; quadratic work is 100 times as long in every attempt."""


def assert_linear(prepare: Callable[[int], Callable[[], object]], length: int, *, least: float = 0.005) -> None:
    """Fail where work on a text of ten times the length never takes less than 15 times as long.

    Args:
        prepare: Makes the work on a text of a length; making it is not measured.
        length: Characters of the longer text.
        least: Seconds below which the shorter work is too short to be measured.
    """
    gc.disable()  # what it costs depends on all that other tests left
    try:
        ratios: list[float] = []
        for _ in range(ATTEMPTS):
            shorter = max(min(_times(prepare, length // 10)), least)
            for seconds in _times(prepare, length):
                ratios.append(seconds / shorter)
                if ratios[-1] <= 15:
                    return
    finally:
        gc.enable()
    raise AssertionError(f"ten times the text took {', '.join(f'{ratio:.1f}' for ratio in ratios)} times as long")


def _times(prepare: Callable[[int], Callable[[], object]], length: int) -> Iterator[float]:
    """Yield the seconds of a few runs, each on a text of its own, as a text that was seen before may be cached."""
    for _ in range(3):
        work = prepare(length)
        began = time.process_time()
        work()
        taken = time.process_time() - began
        yield taken
        if taken < 0.001:
            return
