"""Programs of the ecosystem, unchanged, against the embedded Hub: with hub-typed, and with the official client."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.official import environment
from hub_typed.local import LocalHub
from tests.ecosystem.runner import Runner

if TYPE_CHECKING:
    from hub_typed.local.incoming_request import IncomingRequest
    from hub_typed.local.server.app import Admission
    from hub_typed_api.serve import Answer


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The user agent of each request to the Hub."""
    from hub_typed.local.server.app import Hub

    seen: list[str] = []
    answer = Hub.answer

    def listened(hub: Hub, incoming: IncomingRequest, *rest: Admission | None) -> Answer:
        seen.append(incoming.headers.get("user-agent", ""))
        return answer(hub, incoming, *rest)

    monkeypatch.setattr(Hub, "answer", listened)
    return seen


@pytest.fixture(params=["hub_typed", "huggingface_hub"])
def runner(
    request: pytest.FixtureRequest, repository: Path, agents: list[str], local_hub: LocalHub, tmp_path: Path
) -> Runner:
    """Runs programs with either client."""
    # huggingface_hub 1.x sends the token to every port of the host name of the Hub, and the storage refuses it. The
    # storage has another name than this one.
    endpoint = local_hub.endpoint.replace("127.0.0.1", "localhost")
    known = environment(endpoint, local_hub.token, tmp_path / "home") | {"HOME": str(tmp_path)}
    return Runner(request.param, repository, known, agents)


@pytest.fixture
def dead_endpoint() -> Iterator[str]:
    """A URL at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
