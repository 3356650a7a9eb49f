"""Calls of `hf_xet` on the main thread, which Ctrl-C interrupts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Final, TypeVar

from hub_typed.http.cancellation import current_cancellation

__all__: list[str] = []

T = TypeVar("T")
CHECK_SECONDS: Final = 0.1
"""Seconds between two checks for signals, which Windows needs."""
STOP_SECONDS: Final = 0.2
"""Seconds in which an aborted function should end."""


def interruptible(do: Callable[[], T], abort: Callable[[], None]) -> T:
    """Run a function that may block in `hf_xet`, and return its result.

    Python handles signals on the main thread, and only between two of its own instructions. There, the function
    therefore runs on another thread. Ctrl-C cancels it; the caller does not wait for a function that does not notice,
    such as one that reads a slow file object.

    Args:
        abort: Called on Ctrl-C; ends the calls of `hf_xet`.
    """
    if threading.current_thread() is not threading.main_thread():
        return do()
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(do())
        except BaseException as error:  # noqa: BLE001  # raised by the waiting thread
            failures.append(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), name="hub-typed-xet", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # at interpreter shutdown, as in atexit handlers, no thread can be started
        return do()
    try:
        while thread.is_alive():
            thread.join(CHECK_SECONDS)
    except BaseException:
        if (cancellation := current_cancellation.get()) is not None:
            cancellation.stop()
        abort()
        thread.join(STOP_SECONDS)
        raise
    if failures:
        raise failures[0]
    return results[0]
