"""What the tests of the core share: a Hub that says what a test tells it to, and a clock that stands still."""

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
    """A transport that gives its answers in the order of the script, and keeps what it was asked.

    Attributes:
        asked: The requests as they went out.
        timeouts: The time-out of each, in seconds.
        waited: How long each pause was, in seconds; none was really made.
        chance: What the next draw gives.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.timeouts: list[float] = []
        self.waited: list[float] = []
        self.chance = 1.0
        self._script: deque[Response | Exception] = deque()

    def says(self, status: int = 200, body: object = b"", **headers: str) -> ScriptedHub:
        """The next answer; a body that is no bytes goes as JSON, headers are written with underscores."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            known.setdefault("content-type", "application/json")
        self._script.append(Response(status=status, headers=known, body=body))
        return self

    def breaks(self, error: Exception) -> ScriptedHub:
        """There is no next answer."""
        self._script.append(error)
        return self

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        self.asked.append(request)
        self.timeouts.append(timeout)
        assert self._script, f"nobody expected {request.method} {request.path}"
        answer = self._script.popleft()
        if isinstance(answer, Exception):
            raise answer
        answer = attrs.evolve(answer, url=request.path)
        if sink is not None and sink.begin(answer):
            sink.write(answer.body)
            return attrs.evolve(answer, body=b"")
        return answer

    def close(self) -> None:
        """There is nothing to close."""

    @property
    def exhausted(self) -> bool:
        """Whether all of the script was used."""
        return not self._script

    def io(self, *, token: Token = False, headers: dict[str, str] | None = None, **settings: Any) -> ThreadIo:
        """A world whose only Hub is this one."""
        known = Settings(**{"endpoint": ENDPOINT, **settings})
        return StillIo(known, self, token, {"user-agent": "test/1", **(headers or {})})

    def run(self, flow: Coroutine[Any, Any, T]) -> T:
        """Run a flow, and see that it asked for all of the script."""
        result = drive(flow)
        assert self.exhausted
        return result


class StillIo(ThreadIo):
    """A thread world whose clock stands still: it keeps its pauses instead of making them."""

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
