"""Pytest fixtures of an embedded Hub; `docs/testing.md` describes them.

Pytest loads this module wherever hub-typed is installed, so it imports everything else on use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from hub_typed import HfApi
    from hub_typed.local import LocalHub
    from hub_typed.local.server.saved_states import SavedState
    from hub_typed.local.testing import HubBucketFactory, HubRepoFactory, HubUsers

__all__ = ["hub_api", "hub_repo", "hub_seed", "hub_users", "local_hub", "loopback_only", "recorded_api", "xet_hub"]

_OpenHub: TypeAlias = "Callable[[bool], LocalHub]"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `recorded_api`."""
    parser.getgroup("hub-typed").addoption(
        "--hub-record",
        action="store_true",
        help="send the requests of tests with recorded_api to the Hub and record them, instead of replaying them",
    )


@pytest.fixture(scope="session")
def hub_seed() -> Callable[[LocalHub], object] | None:
    """To override: a function that fills the Hub once for all tests of a process, each of which begins with that."""
    return None


@pytest.fixture(scope="session")
def _seeded_hub(hub_seed: Callable[[LocalHub], object] | None) -> Iterator[_OpenHub | None]:
    """A function that returns the Hub of this process in its first state, with Xet or without; none without a seed."""
    if hub_seed is None:
        yield None
        return
    from hub_typed.local import LocalHub

    states: dict[bool, tuple[LocalHub, SavedState]] = {}
    with ExitStack() as opened:

        def seeded(xet: bool) -> LocalHub:
            if xet not in states:
                hub = opened.enter_context(LocalHub(xet=xet))
                hub_seed(hub)
                states[xet] = hub, hub.save()
            hub, state = states[xet]
            hub.restore(state)
            return hub

        yield seeded


@pytest.fixture
def local_hub(
    _seeded_hub: _OpenHub | None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalHub]:
    """An embedded Hub on a socket; the environment contains its endpoint, a write token and an empty cache."""
    with _opened(_seeded_hub, tmp_path_factory.mktemp("hf-home"), monkeypatch, xet=False) as hub:
        yield hub


@pytest.fixture
def xet_hub(
    _seeded_hub: _OpenHub | None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalHub]:
    """The same as `local_hub`, which also serves Xet; this needs the packages blake3 and lz4."""
    with _opened(_seeded_hub, tmp_path_factory.mktemp("hf-home"), monkeypatch, xet=True) as hub:
        yield hub


@contextmanager
def _opened(seeded: _OpenHub | None, home: Path, monkeypatch: pytest.MonkeyPatch, *, xet: bool) -> Generator[LocalHub]:
    from hub_typed.local import LocalHub
    from hub_typed.local.testing.environment import hub_environment, variables

    with ExitStack() as opened:
        hub = seeded(xet) if seeded else opened.enter_context(LocalHub(xet=xet))
        _restore_at_end(monkeypatch, variables(hub, home))
        opened.enter_context(hub_environment(hub, home))
        yield hub


def _restore_at_end(monkeypatch: pytest.MonkeyPatch, names: Iterable[str]) -> None:
    """Let `monkeypatch` restore variables: it ends after the Hub, and a test may use it for the same ones."""
    for name in names:
        value = os.environ.get(name)
        monkeypatch.setenv(name, value or "")
        if value is None:
            del os.environ[name]


@pytest.fixture
def _hub_of_test(request: pytest.FixtureRequest) -> LocalHub:
    """The Hub that the test names, `local_hub` if none."""
    hub: LocalHub = request.getfixturevalue("xet_hub" if "xet_hub" in request.fixturenames else "local_hub")
    return hub


@pytest.fixture
def hub_api(_hub_of_test: LocalHub) -> Iterator[HfApi]:
    """A client of the Hub with the write token of its user; `local_hub`, unless the test has `xet_hub`."""
    from hub_typed import HfApi

    with HfApi() as api:
        yield api


@pytest.fixture
def hub_users(_hub_of_test: LocalHub) -> HubUsers:
    """Users with different permissions, their tokens, and an organization."""
    from hub_typed.local.testing import HubUsers

    return HubUsers.of(_hub_of_test)


@pytest.fixture
def hub_repo(_hub_of_test: LocalHub) -> HubRepoFactory:
    """A function that makes a repository from files: ``hub_repo({"README.md": "# A model"})``."""
    from hub_typed.local.testing import HubRepoFactory

    return HubRepoFactory(_hub_of_test)


@pytest.fixture
def hub_bucket(xet_hub: LocalHub) -> HubBucketFactory:
    """A function that makes a bucket from files: ``hub_bucket({"logs/today.txt": "started"})``."""
    from hub_typed.local.testing import HubBucketFactory

    return HubBucketFactory(xet_hub)


@pytest.fixture
def loopback_only() -> Iterator[None]:
    """Connections to other machines are refused during the test."""
    from hub_typed.local.testing import loopback_only

    with loopback_only():
        yield


@pytest.fixture
def recorded_api(request: pytest.FixtureRequest) -> Iterator[HfApi]:
    """A client that replays the exchanges of the test from a file beside it; ``--hub-record`` records them."""
    from hub_typed import HfApi
    from hub_typed.testing import record, replay

    file = request.path.parent / "exchanges" / request.path.stem / _file_of_exchanges(request.node)
    recording = request.config.getoption("--hub-record")
    if not recording and not file.exists():
        pytest.fail(f"{file} does not exist: run the test with --hub-record, which sends its requests to the Hub.")
    with (record if recording else replay)(file, HfApi()) as api:
        yield api


def _file_of_exchanges(test: pytest.Item) -> str:
    """Return a name for a test that no other test of its module has, also where case does not matter."""
    name = test.nodeid.partition("::")[2]
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-")
    if "[" not in name:
        return f"{plain}.json"
    from hashlib import sha256

    return f"{plain[:100]}-{sha256(name.encode()).hexdigest()[:8]}.json"  # parameters differ in what is no file name
