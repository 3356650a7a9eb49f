"""Clients of the workers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import attrs

from hub_typed.client import HfApi
from hub_typed.http.io import Io

__all__: list[str] = []

T = TypeVar("T")


def worker_client(client: HfApi, *, send_token: bool) -> HfApi:
    """Return the client that is pickled for the workers; its ``repr`` has no secrets.

    Args:
        send_token: Include the token and the headers of the client.
    """
    made = copy.copy(client)  # without connections
    made.settings = attrs.evolve(client.settings, progress=False)
    if not send_token:
        made.headers = None
        made.token = None if isinstance(client.token, str) else client.token
    return made


def run_flow(client: HfApi, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
    """Run a flow with a client."""
    return client._run(flow(client._io(None)))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as its methods do


def run_on_worker(client: HfApi, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
    """Run a flow with a client of its own; a pool of threads gives the same one to several tasks."""
    with copy.copy(client) as own:
        return run_flow(own, flow)
