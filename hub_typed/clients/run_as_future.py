"""Function ``run_as_future``."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import hub_typed
from hub_typed.clients.default import default_client

__all__ = ["run_as_future"]

P = ParamSpec("P")
R = TypeVar("R")


def run_as_future(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> hub_typed.Future[R]:
    """Call a function in the background, after all calls submitted before, and return a future of its result.

    Args:
        fn: Function to call, such as `hub_typed.upload_file`.
        *args: Positional arguments of the function.
        **kwargs: Keyword arguments of the function.
    """
    return default_client().run_as_future(fn, *args, **kwargs)
