"""What runs tasks on workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, Protocol, TypeVar

__all__ = ["Executor"]

P = ParamSpec("P")
T = TypeVar("T")


class Executor(Protocol):
    """Runs functions on workers, as the executors of `concurrent.futures` and ``distributed.Client.get_executor()``.

    A function may run more than once: Dask runs it again if its worker dies. All tasks of this package allow that.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function on a worker and return the future of its result."""
        ...
