"""Scenarios written once with ``await`` and run four times: with both clients and both transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import attrs
import pytest

from hub_typed import AsyncHfApi, HfApi, Settings
from hub_typed.local import LocalHub
from hub_typed.settings import DATASET_VIEWER, INFERENCE_CATALOG, INFERENCE_ENDPOINTS

Scenario = Callable[..., Awaitable[None]]


class Awaited:
    """The synchronous client under the names of the asynchronous one."""

    def __init__(self, api: HfApi) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._api, name)
        if not callable(method):
            return method

        def called(*args: Any, **kwargs: Any) -> Any:
            try:
                result = method(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  # handed on to who awaits it
                return _raising(error)
            return _each(result) if isinstance(result, Iterator) else _given(result)

        return called


async def _given(result: Any) -> Any:
    return result


async def _raising(error: Exception) -> Any:
    raise error


async def _each(items: Iterator[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


@attrs.frozen
class Side:
    """A client of an embedded Hub, with what a scenario wants to know of it."""

    api: Any
    hub: LocalHub
    make: Callable[..., Any]

    @property
    def repo(self) -> str:
        """Name of a repository for this scenario."""
        return f"{self.hub.user}/thing"


@pytest.fixture(params=["in-process", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def play(way: str, kind: str, tmp_path: Any) -> Iterator[Callable[[Scenario], None]]:
    """Plays a scenario: ``play(scenario)``."""
    with LocalHub(xet=False) as hub:
        yield player(hub, way, kind, cache_dir=str(tmp_path / "cache"))


def player(hub: LocalHub, way: str, kind: str, **changed_settings: Any) -> Callable[[Scenario], None]:
    """What plays scenarios with a Hub."""
    settings = attrs.evolve(Settings.from_environment(), backoff=0.01, **changed_settings)

    def client(token: str | bool | None = hub.token, **changed: Any) -> HfApi | AsyncHfApi:
        where = hub.endpoint if way == "socket" else "http://hub.localhost"
        servers = dict.fromkeys((INFERENCE_ENDPOINTS, INFERENCE_CATALOG, DATASET_VIEWER), where)
        known = attrs.evolve(settings, **{"servers": servers, **changed})
        made = HfApi if kind == "sync" else AsyncHfApi
        if way == "socket":
            return made(hub.endpoint, token, settings=known)
        return made("http://hub.localhost", token, settings=known, transport=hub.transport)

    def make(*args: Any, **kwargs: Any) -> Any:
        api = client(*args, **kwargs)
        return Awaited(api) if isinstance(api, HfApi) else api

    def play(scenario: Scenario) -> None:
        async def course() -> None:
            side = Side(make(), hub, make)
            try:
                await scenario(side)
            finally:
                closing = side.api.close() if kind == "sync" else side.api.aclose()
                await closing

        asyncio.run(course())

    return play
