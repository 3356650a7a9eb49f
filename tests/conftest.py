"""What holds for every test: no trace of the machine it runs on, and the same course each time."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from hub_typed.local.incoming_request import IncomingRequest
    from hub_typed_api.serve import Answer

pytest_plugins = ["tests.programs", "tests.scenarios", "tests.scripted_hub"]
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# Started in the background, a shell's child ignores Ctrl-C, and so would all processes that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is imported by now stays; the garbage collector need not look through it hundreds of times."""
    gc.freeze()


OURS = ("HF_", "HUGGING", "TRANSFORMERS_", "XDG_CACHE_HOME", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(scope="session", autouse=True)
def _nobodys_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No token, cache, endpoint or proxy of whoever runs the tests; each process has a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith(OURS) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hf-home")))
        patch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        patch.setenv("HF_HUB_DISABLE_XET", "1")  # tests of Xet switch it on
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_loss_of_power() -> Iterator[None]:
    """No file of a test outlasts this machine, so nothing waits for its disk; a descriptor must still be an open one.

    The processes that tests start do wait for it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process hides the secrets that it has sent; those of hundreds of tests would hide half of all words."""
    from hub_typed.logs import redaction

    monkeypatch.setattr(redaction._registry, "secrets", {})


@pytest.fixture(scope="session")
def _misfits() -> Iterator[list[str]]:
    """What embedded Hubs of this process answered and the spec does not know."""
    from hub_typed.local.server.app import Hub
    from tests.contract.answers import misfit

    found: list[str] = []
    finished = Hub._finish

    def judged(hub: Hub, incoming: IncomingRequest, operation: str, answer: Answer) -> Answer:
        if incoming.fault is None and (wrong := misfit(operation, answer)) is not None:
            found.append(wrong)
        return finished(hub, incoming, operation, answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hub, "_finish", judged)
        yield found


@pytest.fixture(autouse=True)
def _every_answer_is_in_the_spec(_misfits: list[str]) -> Iterator[None]:
    """Whatever a test is about, what the embedded Hub answers meanwhile is what the spec says."""
    _misfits.clear()
    yield
    assert not _misfits


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds all of this."""
    return Path(__file__).parent.parent
