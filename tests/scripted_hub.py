"""Fixtures of the HTTP tests: a transport with scripted responses, and an `Io` whose clock stands still."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

import attrs
import pytest

from hub_typed.auth.tokens import Token
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.io import Sink, drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response

T = TypeVar("T")
ENDPOINT = "https://hub.test"
NOW = 1_700_000_000.0


class ScriptedHub:
    """A transport that returns scripted responses in order and records the requests.

    Attributes:
        asked: The requests as they were sent.
        timeouts: Timeout of each request in seconds.
        waited: Duration of each requested sleep in seconds; none really sleeps.
        chance: Return value of `Io.random`.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.timeouts: list[float] = []
        self.waited: list[float] = []
        self.chance = 1.0
        self._script: deque[Response | Exception] = deque()

    def says(self, status: int = 200, body: object = b"", **headers: str) -> ScriptedHub:
        """Add a response; a body that is not bytes is sent as JSON, underscores in header names become hyphens."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            known.setdefault("content-type", "application/json")
        self._script.append(Response(status=status, headers=known, body=body))
        return self

    def breaks(self, error: Exception) -> ScriptedHub:
        """Add an error that is raised instead of a response."""
        self._script.append(error)
        return self

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        self.asked.append(request)
        self.timeouts.append(timeout)
        assert self._script, f"unexpected request: {request.method} {request.path}"
        answer = self._script.popleft()
        if isinstance(answer, Exception):
            raise answer
        answer = attrs.evolve(answer, url=request.path)
        if sink is not None and sink.begin(answer):
            sink.write(answer.body)
            return attrs.evolve(answer, body=b"")
        return answer

    def close(self) -> None:
        """Do nothing."""

    @property
    def exhausted(self) -> bool:
        """Whether all scripted responses were used."""
        return not self._script

    def io(self, *, token: Token = False, headers: dict[str, str] | None = None, **settings: Any) -> ThreadIo:
        """Return an `Io` that sends its requests to this transport."""
        known = Settings(**{"endpoint": ENDPOINT, **settings})
        return StillIo(known, self, token, {"user-agent": "test/1", **(headers or {})})

    def run(self, flow: Coroutine[Any, Any, T]) -> T:
        """Run a flow, and check that it used all scripted responses."""
        result = drive(flow)
        assert self.exhausted
        return result


class StillIo(ThreadIo):
    """`ThreadIo` whose clock stands still; it records sleeps instead of sleeping."""

    transport: ScriptedHub

    async def sleep(self, seconds: float) -> None:
        self.transport.waited.append(seconds)

    def now(self) -> float:
        return NOW

    def random(self) -> float:
        return self.transport.chance


@pytest.fixture
def hub() -> ScriptedHub:
    return ScriptedHub()
